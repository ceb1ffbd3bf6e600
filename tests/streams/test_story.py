"""The demo's story: drawn from a seed, with all its troubles, and a fair verdict."""

import pytest

from idweave_adapters.simulator.traffic import Traffic
from idweave_streams.demo.story import LOSS_AT, RELEASE_AT, Story, draw_story
from idweave_streams.demo.verdict import compare

SEEDS = range(12)
START_MS = 1_767_225_600_000


def story(seed: int, events: int = 600) -> Story:
    return draw_story(events=events, seed=seed, start_ms=START_MS)


def test_the_same_seed_tells_the_same_story() -> None:
    one, two, other = story(3), story(3), story(4)

    assert one.world.to_json() == two.world.to_json() != other.world.to_json()
    assert (one.lost, one.unowned, one.plan) == (two.lost, two.unowned, two.plan)


@pytest.mark.parametrize("events", [1, 100, 2_000])
def test_it_can_be_short_or_long(events: int) -> None:
    """And it always has people to tell of."""
    told = story(1, events)

    assert told.plan.events == events
    assert len(told.world.people.all) >= 50


@pytest.mark.parametrize("seed", SEEDS)
def test_a_customer_is_reviewed_and_gives_away_an_app_of_its_own(seed: int) -> None:
    """While the review lasts, so that what waits for the app is refused."""
    told = story(seed)

    app = told.world.apps[told.lost.asset.id]
    assert app.owner == told.reviewed == told.lost.previous
    assert not told.world.businesses[told.reviewed].is_provider
    assert (told.lost.business, told.lost.epoch) == (None, app.epoch)
    assert LOSS_AT < RELEASE_AT


@pytest.mark.parametrize("seed", SEEDS)
def test_an_app_of_another_customer_is_between_two_owners(seed: int) -> None:
    """From the beginning, while Meta still answers as if it were not."""
    told = story(seed)

    [row] = [o for o in told.assets() if o.asset == told.unowned.asset]
    assert row.business is None
    app = told.world.apps[row.asset.id]
    assert app.owner not in {None, told.reviewed}


@pytest.mark.parametrize("seed", SEEDS)
def test_people_use_both_doubtful_apps(seed: int) -> None:
    """Or their troubles would not be seen. Test apps would follow, so there is none."""
    told = story(seed)

    for app in (told.lost.asset.id, told.unowned.asset.id):
        assert told.world.people.in_app(app)
        assert app not in {each.parent for each in told.world.apps.values()}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_service_provider_has_made_the_tokens_of_some_pages(seed: int) -> None:
    """They may not be asked about; with others the customers ask themselves."""
    world = story(seed).world

    may = {world.may_ask(page) for page in world.pages.values()}
    assert may == {True, False}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_api_fails_and_names_what_is_not_the_business_s(seed: int) -> None:
    faults = story(seed).faults

    assert faults.latency_s > 0
    assert faults.item_failure_rate > 0
    assert faults.foreign_rate > 0
    assert faults.unknown_rate > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_else_is_owned_as_the_world_says(seed: int) -> None:
    told = story(seed)
    rows = {str(row["asset"]): row for row in told.world.assets()}

    owned = {str(o.asset): o for o in told.assets()}

    assert owned.keys() == rows.keys()
    for asset, row in rows.items():
        if asset != str(told.unowned.asset):
            assert (owned[asset].business, owned[asset].epoch) == (
                row["business"],
                row["epoch"],
            )
            parent = owned[asset].parent
            assert row["parent"] == (None if parent is None else str(parent))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_truth_itself_passes_the_verdict(seed: int) -> None:
    """What must be there and together is so in the world, so nothing else is asked."""
    told = story(seed)
    traffic = Traffic(told.world, told.plan)
    list(traffic)
    sighted = traffic.report.sighted
    truth = told.world.truth()
    aliases = {
        (business, scoped): f"{business}-{number}"
        for business, people in truth.items()
        for number, ids in enumerate(people)
        for scoped in ids
    }

    verdict = compare(
        aliases,
        truth,
        seen=told.must_have(sighted),
        linkable=told.linkable(sighted),
    )

    assert verdict.wrong == 0
    assert told.must_have(sighted)
    assert told.linkable(sighted) - told.must_have(sighted)


@pytest.mark.parametrize("seed", SEEDS)
def test_ids_of_the_doubtful_apps_are_not_judged(seed: int) -> None:
    """They may or may not have come in time."""
    told = story(seed)
    everything = {
        scoped
        for person in told.world.people.all
        for ids in told.world.ids_by_business(person).values()
        for scoped in ids
    }
    doubtful = (f"{told.lost.asset}:", f"{told.unowned.asset}:")

    for judged in (told.must_have(everything), told.linkable(everything)):
        assert not [s for _, s in judged if s.startswith(doubtful)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_page_whose_token_an_app_in_doubt_has_made_tells_of_nobody(seed: int) -> None:
    """Its token is refused like the app's own, so nothing need come of its ids."""
    told = story(seed)
    pages = [p for p in told.world.pages.values() if p.made_by]
    doubtful = [p for p in pages if f"app:{p.made_by[0]}" in told.doubtful]

    for page in doubtful:
        shown = {
            f"page:{page.id}:{user}" for user in told.world.people.on_page(page.id)
        }
        assert told.linkable(shown) == set()
    sure = [p for p in pages if p not in doubtful and told.world.may_ask(p)]
    shown = {
        f"page:{page.id}:{user}"
        for page in sure
        for user in told.world.people.on_page(page.id)
    }
    assert {scoped for _, scoped in told.linkable(shown)} >= shown
