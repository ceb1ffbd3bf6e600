"""A migration and the workers stop, try and go on together."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.streams.migrate.ground import Ground, ground, town, wall_clock

from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, business_id
from idweave_graph.resolve import LookupPolicy
from idweave_streams.migrate.stops import MigrationStoppedError, Reason

DAY_MS = 24 * 3_600_000


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(town(), tmp_path) as made:
        yield made


def now_ms() -> int:
    return int(wall_clock() * 1000)


def hold(here: Ground, *, due: bool, asset: Asset | None = None) -> Hold:
    """One that began a day ago; the workers know of it, and so do we."""
    since_ms = now_ms() - DAY_MS
    probe_ms = now_ms() + (-1 if due else DAY_MS)
    reason = "policy-hold" if asset is None else "credential-refused"
    business = business_id(here.town.acme.id)
    held = Hold(business, True, since_ms, since_ms, probe_ms, reason, asset)
    here.holds.put(held)
    return held


@pytest.mark.parametrize("is_token", [False, True])
async def test_what_is_held_is_not_asked_about(here: Ground, *, is_token: bool) -> None:
    """Neither a business that is reviewed, nor with a token that is refused."""
    hold(here, due=False, asset=here.town.page if is_token else None)

    with pytest.raises(MigrationStoppedError, match="run this again") as stopped:
        await here.run(here.file(*here.town.asids))

    assert stopped.value.reason is Reason.LATER
    assert here.simulator.stats.calls == 0
    assert here.told_holds == []


async def test_a_token_that_is_held_tries_no_business(here: Ground) -> None:
    """The call would be refused, which says nothing about the review."""
    hold(here, due=True)
    hold(here, due=False, asset=here.town.page)

    with pytest.raises(MigrationStoppedError, match="token of this Page"):
        await here.run(here.file(*here.town.asids))

    assert here.simulator.stats.calls == 0


async def test_the_hold_of_another_token_stops_nothing(here: Ground) -> None:
    """The calls are made with that of the Page alone."""
    hold(here, due=False, asset=Asset.parse(here.town.shop.asset))

    await here.run(here.file(*here.town.asids))

    assert here.joined() == here.truth()
    assert here.told_holds == []


async def test_a_review_that_a_migration_meets_holds_the_business(here: Ground) -> None:
    """The workers are told at once, and so is the next run, which asks nothing."""
    here.simulator.review(here.town.acme.id)
    source = here.file(*here.town.asids)
    before_ms = now_ms()

    for _ in range(2):
        with pytest.raises(MigrationStoppedError, match="review") as stopped:
            await here.run(source)
        assert stopped.value.reason is Reason.LATER

    assert here.simulator.stats.requests == 1
    (told,) = here.told_holds
    assert (told.business, told.asset) == (here.town.acme.id, None)
    assert (told.held, told.reason) == (True, "policy-hold")
    assert before_ms <= told.since_ms == told.at_ms <= now_ms()
    assert told.probe_ms == told.at_ms + LookupPolicy().first_probe_ms
    assert here.holds.of_business(told.business) == told


async def test_a_hold_that_is_due_is_tried_and_ends(here: Ground) -> None:
    """Or a business without lookups that wait would be held for ever."""
    held = hold(here, due=True)

    await here.run(here.file(*here.town.asids))

    assert here.joined() == here.truth()
    (told,) = here.told_holds
    assert (told.held, told.since_ms) == (False, held.since_ms)
    assert here.holds.of_business(held.business) is None


async def test_a_hold_that_is_tried_in_vain_goes_on(here: Ground) -> None:
    """With one call, and the next one comes later."""
    held = hold(here, due=True)
    here.simulator.review(here.town.acme.id)

    with pytest.raises(MigrationStoppedError, match="review"):
        await here.run(here.file(*here.town.asids))

    assert here.simulator.stats.requests == 1
    (told,) = here.told_holds
    assert (told.held, told.since_ms) == (True, held.since_ms)
    assert told.probe_ms == told.at_ms + LookupPolicy().next_probe_ms


async def test_invalid_ids_end_a_hold_too(here: Ground) -> None:
    """The platform has answered."""
    hold(here, due=True)

    await here.run(here.file("5", "6"), report=True)

    assert [told.held for told in here.told_holds] == [False]


async def test_a_failure_ends_no_hold(here: Ground) -> None:
    """It says nothing about the review."""
    held = hold(here, due=True)
    here.simulator.change(failure_rate=1)

    with pytest.raises(MigrationStoppedError):
        await here.run(here.file(*here.town.asids))

    assert here.told_holds == []
    assert here.holds.of_business(held.business) == held


async def test_the_hold_of_a_token_is_the_workers_to_end(here: Ground) -> None:
    """One that serves this call need not be permitted to look people up."""
    held = hold(here, due=True, asset=here.town.page)

    await here.run(here.file(*here.town.asids))

    assert here.joined() == here.truth()
    assert here.told_holds == []
    assert here.holds.of(held.business, here.town.page) == held
