"""A migration asks each id once, and publishes what it has learned."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from tests.streams.migrate.ground import DAY, Ground, KilledError, ground, town

from idweave_graph.evidence import Cause, EvidenceKind
from idweave_graph.messages import Proved, RefusalReason, Refused
from idweave_streams.migrate.journal import JournalError
from idweave_streams.migrate.stops import MigrationStoppedError, Reason


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(town(), tmp_path) as made:
        yield made


async def test_every_id_is_mapped_in_calls_of_200(here: Ground) -> None:
    """450 ids take three calls, and each pair is evidence of its own."""
    asids = here.town.asids

    figures = await here.run(here.file(*asids))

    assert here.simulator.stats.by_route == {"pages_id_mapping": 3}
    assert {here.lookups(each) for each in asids} == {1}
    assert here.joined() == here.truth()
    assert len(here.joined()) == 450
    assert (figures.read, figures.mapped, figures.published) == (450, 450, 450)


async def test_evidence_says_where_it_is_from(here: Ground) -> None:
    """Kind, business, epochs, and the line of the id."""
    await here.run(here.file("", here.town.asids[0]))

    (message,) = here.published
    assert isinstance(message, Proved)
    (proof,) = message.proofs
    assert message.business == here.town.acme.id
    assert proof.kind is EvidenceKind.PAGES_ID_MAPPING
    assert (proof.epoch_a, proof.epoch_b) == (1, 1)
    assert proof.cause == Cause("migrate-asids", 0, 2)


async def test_a_test_apps_ids_are_its_parents(tmp_path: Path) -> None:
    """A token that the test app made maps them, and the evidence names the parent."""
    async with ground(town(3, by_test_app=True), tmp_path) as here:
        await here.run(here.file(*here.town.asids))

        assert here.joined() == here.truth()
        for message in here.published:
            assert isinstance(message, Proved)
            assert str(message.proofs[0].a).startswith(f"{here.town.shop.asset}:")


async def test_an_id_that_stands_twice_is_asked_for_once(here: Ground) -> None:
    """In one call or in two, and in both forms."""
    asids = here.town.asids[:210]
    again = ['{"asid": "%s"}' % each for each in asids]  # noqa: UP031 - braces

    figures = await here.run(here.file(asids[0], *asids, *again))

    assert {here.lookups(each) for each in asids} == {1}
    assert (figures.read, figures.repeated) == (421, 211)


@pytest.mark.parametrize("report", [False, True])
@pytest.mark.parametrize("form", ["list", "object", "text"])
async def test_invalid_ids_are_set_aside(
    tmp_path: Path, form: str, *, report: bool
) -> None:
    """One by one in the operator's file; all others are mapped, whatever the mode."""
    async with ground(town(), tmp_path, mapping_error_data=form) as here:
        good, bad = here.town.asids[:250], ["5", "77", "123456"]
        figures = await here.run(
            here.file(*good[:100], bad[0], *good[100:], *bad[1:]), report=report
        )

        assert here.joined() == {each: here.truth()[each] for each in good}
        reason = "invalid" if report else "left-out"
        assert here.aside() == [{"asid": each, "reason": reason} for each in bad]
        assert (figures.mapped, figures.aside) == (250, 3)
        assert figures.calls == (4 if report else 2)
        assert (here.state / "not-mapped.jsonl").stat().st_mode & 0o777 == 0o600


async def test_a_call_of_invalid_ids_alone(here: Ground) -> None:
    """Ends too."""
    await here.run(here.file("5", "6"), report=True)

    assert [each["asid"] for each in here.aside()] == ["5", "6"]
    assert here.published == []


async def test_unreadable_lines_are_told_by_their_place(here: Ground) -> None:
    """And nothing of them is repeated."""
    figures = await here.run(here.file(here.town.asids[0], "secret words", "{}"))

    assert here.aside() == [
        {"place": "migrate-asids-0-2", "reason": "unreadable"},
        {"place": "migrate-asids-0-3", "reason": "unreadable"},
    ]
    assert (figures.mapped, figures.aside) == (1, 2)


# Deaths and second runs.


async def test_a_second_run_asks_nothing(here: Ground) -> None:
    """And publishes nothing, but knows all counts and what was set aside."""
    source = here.file(*here.town.asids, "5", "no id")
    first = await here.run(source)
    told, calls = len(here.published), here.simulator.stats.calls

    second = await here.run(source)

    assert (here.simulator.stats.calls, len(here.published)) == (calls, told)
    assert (second.mapped, second.aside) == (first.mapped, first.aside)
    assert len(here.aside()) == 2


async def test_lines_that_were_added_are_asked(here: Ground) -> None:
    """Only they."""
    asids = here.town.asids
    await here.run(here.file(*asids[:300]))
    figures = await here.run(here.file(*asids))

    assert {here.lookups(each) for each in asids} == {1}
    assert figures.read == 150


@pytest.mark.parametrize("when", [0, 1, 2])
@pytest.mark.parametrize("after", [True, False])
async def test_death_at_publishing(here: Ground, when: int, *, after: bool) -> None:
    """Before or after the broker had it: nothing is asked twice, all is published."""
    source = here.file(*here.town.asids)
    done = 0

    def die(messages: Sequence[object]) -> None:
        nonlocal done
        if done == when:
            if after:
                here.published += messages  # type: ignore[arg-type]
            raise KilledError
        done += 1

    here.publish_hook = die
    with pytest.raises(KilledError):
        await here.run(source)
    here.publish_hook = lambda _: None
    await here.run(source)

    assert {here.lookups(each) for each in here.town.asids} == {1}
    assert here.joined() == here.truth()
    # What came twice is the same to the last bit, so it changes nothing.
    assert len(set(here.published)) == 450
    assert len(here.published) == 450 + (200 if when < 2 else 50) * after


@pytest.mark.parametrize("when", [0, 1, 2])
async def test_death_before_a_call(here: Ground, when: int) -> None:
    """No id that has an answer is asked again."""
    source = here.file(*here.town.asids)
    done = 0

    def die(_: Sequence[str]) -> None:
        nonlocal done
        done += 1
        if done == when + 1:
            raise KilledError

    here.call_hook = die
    with pytest.raises(KilledError):
        await here.run(source)
    here.call_hook = lambda _: None
    await here.run(source)

    assert {here.lookups(each) for each in here.town.asids} == {1}
    assert here.joined() == here.truth()


async def test_a_journal_may_be_cut_anywhere(here: Ground) -> None:
    """A line that was not written to its end counts for nothing, the others do."""
    source = here.file(*here.town.asids, "5")
    await here.run(source)
    path = here.state / "journal.jsonl"
    whole = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")]
    cuts = {0, 1, *(end + off for end in ends for off in (-1, 0, 1, 40))}

    for cut in sorted(each for each in cuts if each <= len(whole)):
        path.write_bytes(whole[:cut])
        here.simulator.reset_stats()
        here.published.clear()
        kept = [
            line for line in whole[:cut].splitlines(keepends=True) if line[-1] == 10
        ]
        answered = b"".join(kept)
        await here.run(source)

        for asid in here.town.asids:
            assert here.lookups(asid) == (f'["{asid}"'.encode() not in answered)
        assert len(here.aside()) == 1


async def test_a_damaged_journal_is_not_gone_on_with(here: Ground) -> None:
    """Nor is one of another input or a newer form; the text says what to do."""
    source = here.file(*here.town.asids)
    await here.run(source)
    path = here.state / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)

    for spoilt in (
        [lines[0], b"\x00\n", *lines[1:]],
        [lines[0].replace(b'"form":1', b'"form":2'), *lines[1:]],
        [lines[0].replace(b"asids.txt", b"other.txt"), *lines[1:]],
        [lines[0], b'{"k":"batch"}\n', *lines[1:]],
        lines[1:],
    ):
        path.write_bytes(b"".join(spoilt))
        with pytest.raises(JournalError, match="journal"):
            await here.run(source)


async def test_two_runs_do_not_share_a_journal(here: Ground) -> None:
    """The second one ends at once."""
    source = here.file(*here.town.asids)
    refused: list[BaseException] = []

    async def second() -> None:
        try:
            await here.run(source)
        except JournalError as error:
            refused.append(error)

    here.answer_hook = second
    await here.run(source)

    assert len(refused) == 3
    assert "in use" in str(refused[0])


# Terms.


async def test_the_quota_is_not_gone_beyond(here: Ground) -> None:
    """Not by one id, over all runs; with a larger one it goes on."""
    source = here.file(*here.town.asids)
    for _ in range(2):
        with pytest.raises(MigrationStoppedError, match="quota of 250") as stopped:
            await here.run(source, quota=250)
        assert stopped.value.reason is Reason.LATER
    assert len(here.simulator.stats.lookups) == 250

    await here.run(source, quota=450)

    assert {here.lookups(each) for each in here.town.asids} == {1}
    assert here.joined() == here.truth()


@pytest.mark.parametrize(
    ("approved", "today", "left"),
    [
        (date(2021, 4, 1), date(2021, 4, 1), 180),
        (date(2021, 2, 1), date(2021, 4, 1), 121),
        (date(2020, 10, 4), date(2021, 4, 1), 1),
        (date(2020, 10, 3), date(2021, 4, 1), 0),
    ],
)
async def test_180_days(here: Ground, approved: date, today: date, left: int) -> None:
    """They are counted down, and after the last one nothing is asked."""
    source = here.file(*here.town.asids)
    here.today = today
    if left:
        figures = await here.run(source, approved_on=approved)
        assert figures.days_left == left
    else:
        with pytest.raises(MigrationStoppedError, match="180 days") as stopped:
            await here.run(source, approved_on=approved)
        assert stopped.value.reason is Reason.NOT_THERE
        assert here.simulator.stats.calls == 0


@pytest.mark.parametrize(
    ("version", "today", "declared", "why"),
    [
        ("v6.0", date(2021, 5, 4), False, None),
        ("v7.0", date(2021, 5, 4), False, "v7.0"),
        ("v6.0", date(2021, 5, 5), False, "2021-05-05"),
        ("v7.0", date(2026, 1, 1), True, None),
    ],
)
async def test_when_it_is_gone(
    here: Ground, version: str, today: date, why: str | None, *, declared: bool
) -> None:
    """From v7.0 and from 5 May 2021, unless somebody says that it is simulated."""
    source = here.file(here.town.asids[0])
    here.today = today
    if why is None:
        await here.run(source, version=version, is_declared=declared)
        assert len(here.published) == 1
        return
    with pytest.raises(MigrationStoppedError, match=why) as stopped:
        await here.run(source, version=version, is_declared=declared)
    assert "--declared-supported" in str(stopped.value)
    assert here.simulator.stats.calls == 0


# Refusals of the platform.


async def test_a_limit_is_waited_for_as_told(here: Ground) -> None:
    """By the usage header, in minutes; then the same ids are asked for again."""
    here.simulator.change(budget_calls=1)
    here.sleep_hook = here.simulator.reset_budgets

    figures = await here.run(here.file(*here.town.asids))

    assert len(here.slept_s) == 2
    assert all(0 < each <= 3600 and each % 60 == 0 for each in here.slept_s)
    assert {here.lookups(each) for each in here.town.asids} == {1}
    assert (figures.mapped, figures.waiting_s) == (450, 0)


async def test_the_platforms_own_quota_ends_the_run(tmp_path: Path) -> None:
    """It says not how long to wait: ever longer, and then the operator is told."""
    async with ground(town(fans=25_000), tmp_path) as here:
        with pytest.raises(MigrationStoppedError, match="--patience") as stopped:
            await here.run(here.file(*here.town.asids))

        assert stopped.value.reason is Reason.LATER
        assert here.slept_s == [60, 120, 240, 480, 960]
        assert len(here.joined()) == 200


async def test_passing_failures_are_asked_again(here: Ground) -> None:
    """Whole answers alone count."""
    failures = iter(["failure_rate", "garbage_rate", "drop_rate"])
    here.simulator.change(failure_rate=1)

    def next_fault() -> None:
        here.simulator.change(failure_rate=0, garbage_rate=0, drop_rate=0)
        if name := next(failures, None):
            here.simulator.change(**{name: 1})

    here.sleep_hook = next_fault
    await here.run(here.file(*here.town.asids))

    assert here.slept_s == [1, 2, 4, 8]
    assert here.joined() == here.truth()


async def test_a_platform_that_does_not_answer_ends_the_run(here: Ground) -> None:
    """After five calls."""
    here.simulator.change(failure_rate=1)

    with pytest.raises(MigrationStoppedError) as stopped:
        await here.run(here.file(*here.town.asids))

    assert stopped.value.reason is Reason.FAILED
    assert here.simulator.stats.requests == 5


async def test_a_review_stops_the_run(here: Ground) -> None:
    """At once and with what to do; nothing is lost when it goes on."""
    source = here.file(*here.town.asids)
    calls = 0

    def review_at_second(_: Sequence[str]) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            here.simulator.review(here.town.acme.id)

    here.call_hook = review_at_second
    with pytest.raises(MigrationStoppedError, match="review") as stopped:
        await here.run(source)
    here.simulator.review(here.town.acme.id, on=False)
    assert (stopped.value.reason, calls) == (Reason.LATER, 2)
    here.holds.probe_now(here.told_holds[-1])

    await here.run(source)

    assert here.joined() == here.truth()


async def test_a_switched_app_is_told_so(here: Ground) -> None:
    """What it takes to use the API is said, and no id."""
    here.simulator._state.switched.add(here.town.shop.id)

    with pytest.raises(MigrationStoppedError, match="1 May 2018") as stopped:
        await here.run(here.file(*here.town.asids))

    assert stopped.value.reason is Reason.SETUP


# The boundary.


async def test_a_page_that_goes_ends_the_run(here: Ground) -> None:
    """No further call is made for it."""
    source = here.file(*here.town.asids)

    def go(_: object) -> None:
        here.simulator.transfer(here.town.bot.asset, here.town.rival.id)
        here.learn_owners()

    here.publish_hook = go
    with pytest.raises(MigrationStoppedError, match="assets sync") as stopped:
        await here.run(source)

    assert stopped.value.reason is Reason.SETUP
    assert here.simulator.stats.calls == 1


@pytest.mark.parametrize(
    ("owner", "reason"),
    [("rival", RefusalReason.FOREIGN_ASSET), (None, RefusalReason.UNOWNED_ASSET)],
)
async def test_what_was_answered_before_it_went_is_refused(
    here: Ground, owner: str | None, reason: RefusalReason
) -> None:
    """On record, with the reason; nothing of it becomes evidence."""

    async def go() -> None:
        to = here.town.rival.id if owner else None
        here.simulator.transfer(here.town.bot.asset, to)
        here.learn_owners()

    here.answer_hook = go
    with pytest.raises(MigrationStoppedError):
        await here.run(here.file(*here.town.asids))

    assert len(here.published) == 200
    for message in here.published:
        assert isinstance(message, Refused)
        (refusal,) = message.refusals
        assert (refusal.reason, refusal.other) == (reason, here.town.page)
        assert message.business == here.town.acme.id


async def test_an_answer_of_an_earlier_epoch_is_refused(here: Ground) -> None:
    """A Page that went and came back proves nothing of before."""
    source = here.file(*here.town.asids[:1])

    def die(_: object) -> None:
        raise KilledError

    here.publish_hook = die
    with pytest.raises(KilledError):
        await here.run(source)
    here.publish_hook = lambda _: None
    for owner in (here.town.rival.id, here.town.acme.id):
        here.simulator.transfer(here.town.bot.asset, owner)
    here.learn_owners()
    await here.run(source)

    (message,) = here.published
    assert isinstance(message, Refused)
    assert message.refusals[0].reason is RefusalReason.STALE_EPOCH


async def test_an_answer_is_of_the_epoch_that_it_was_asked_in(here: Ground) -> None:
    """A Page that goes and comes back during a wait loses nothing that is asked then."""
    here.simulator.change(failure_rate=1)

    def go_and_come_back() -> None:
        here.simulator.change(failure_rate=0)
        for owner in (here.town.rival.id, here.town.acme.id):
            here.simulator.transfer(here.town.bot.asset, owner)
        here.learn_owners()

    here.sleep_hook = go_and_come_back
    await here.run(here.file(*here.town.asids[:1]))

    (message,) = here.published
    assert isinstance(message, Proved)
    epochs = (message.proofs[0].epoch_a, message.proofs[0].epoch_b)
    assert sorted(epochs) == [1, 3]


async def test_the_day_is_looked_at_before_each_call(here: Ground) -> None:
    """A run that goes on over midnight ends there."""

    def midnight(_: object) -> None:
        here.today = date(2021, 5, 5)

    here.today = date(2021, 5, 4)
    here.publish_hook = midnight
    with pytest.raises(MigrationStoppedError):
        await here.run(here.file(*here.town.asids), is_declared=False)

    assert here.simulator.stats.calls == 1
    assert here.today > DAY
