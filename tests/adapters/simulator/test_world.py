"""Generated worlds: deterministic, complete, and true to the boundaries."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.simulator.sample import sample

from idweave_adapters.simulator import World, WorldBuilder
from idweave_adapters.simulator.world import (
    DuplicateIdError,
    NoSuchAssetError,
    Person,
    UnreadableWorldError,
)

worlds = st.builds(
    World.generate,
    seed=st.integers(0, 2**32),
    businesses=st.integers(1, 6),
    people=st.integers(0, 60),
    provider=st.booleans(),
    phone_only=st.floats(0, 1),
    unowned_apps=st.integers(0, 2),
)


def test_same_seed_same_world() -> None:
    """The same arguments give the same bytes; another seed gives another world."""
    first, again, other = (World.generate(seed=seed).to_json() for seed in (5, 5, 6))

    assert first == again != other


@given(world=worlds)
def test_json_round_trip(world: World) -> None:
    """Writing, reading and writing again gives the same document, tokens and truth."""
    copy = World.from_json(world.to_json())

    assert copy.to_json() == world.to_json()
    assert copy.truth() == world.truth()
    assert copy.credentials() == world.credentials()


@given(world=worlds)
def test_truth_is_consistent(world: World) -> None:
    """Each id is in one person of one business, and no person has two ids of one asset."""
    seen: set[str] = set()
    for business, persons in world.truth().items():
        for person in persons:
            assets = [scoped.rpartition(":")[0] for scoped in person]
            assert len(assets) == len(set(assets))
            owned = {each["asset"]: each["business"] for each in world.assets()}
            assert {owned[asset] for asset in assets} == {business}
            assert not seen & person
            seen |= person


@given(world=worlds)
def test_ids_of_one_person_tell_nothing_of_each_other(world: World) -> None:
    """All ids of all people are different decimal numbers."""
    ids = [
        user
        for person in world.people.all
        for user in (*person.asids.values(), *person.psids.values())
    ]

    assert len(ids) == len(set(ids))
    assert all(each.isdecimal() and 15 <= len(each) <= 17 for each in ids)


@given(world=worlds)
def test_business_tokens_are_one_per_person_and_business(world: World) -> None:
    """The same human has another token in each business, and nobody shares one."""
    tokens = [
        world.token_for_business(person, business)
        for person in world.people.all
        for business in world.businesses
    ]

    assert len(tokens) == len(set(tokens))


def test_default_world_has_all_that_is_interesting() -> None:
    """Five businesses and a provider; test apps; phone-only people; people of two."""
    world = World.generate(seed=11)

    customers = [each for each in world.businesses.values() if not each.is_provider]
    assert (len(customers), len(world.businesses)) == (5, 6)
    for business in customers:
        apps = [each for each in world.apps.values() if each.owner == business.id]
        pages = [each for each in world.pages.values() if each.owner == business.id]
        assert sum(app.parent is None for app in apps) in range(2, 5)
        assert sum(app.parent is not None for app in apps) == 1
        assert len(pages) in range(1, 5)
        assert any(world.may_ask(page) for page in pages)
    managed = [page for page in world.pages.values() if not world.may_ask(page)]
    assert len({page.owner for page in managed}) == 3
    people = world.people.all
    assert any(person.phone_only for person in people)
    assert not any(person.asids for person in people if person.phone_only)
    assert any(len(world.ids_by_business(person)) > 1 for person in people)
    assert any(person.asids and person.psids for person in people)


def test_credentials_name_the_app_behind_each_page_token() -> None:
    """A provider's Page token is told apart by the app that made it."""
    here = sample()
    credentials = here.world.credentials()

    own = credentials["businesses"][here.owner.id]
    assert own["apps"][here.movies.id] == {"secret": here.movies.secret}
    assert own["pages"][here.music.id] == {
        "token": here.world.page_token(here.music.id, here.movies.id),
        "app": here.movies.id,
    }
    assert own["pages"][here.managed.id]["app"] == here.provider_app.id
    provider = here.provider_app
    assert credentials["providers"] == {
        provider.id: {"secret": provider.secret, "business": provider.owner}
    }
    assert not any(
        here.stray.id in each["apps"] for each in credentials["businesses"].values()
    )


def test_own_app_is_preferred_to_a_provider() -> None:
    """If both made a token, the deployment uses the one it may use."""
    build = WorldBuilder()
    owner, provider = build.business("Owner"), build.business("Provider")
    suite, own = build.app("Suite", provider), build.app("Own", owner)
    page = build.page("Page", owner, made_by=[suite, own])

    world = World(build.parts())

    assert (
        world.credentials()["businesses"][owner.id]["pages"][page.id]["app"] == own.id
    )
    assert world.may_ask(page)


def test_transfer_counts_owners_and_leaves_a_gap() -> None:
    """The epoch grows with each new owner, rests in the gap, and the old world stays."""
    here = sample()
    gap = here.world.transfer(here.movies.asset, None)
    back = gap.transfer(here.movies.asset, here.owner.id)
    same = back.transfer(here.movies.asset, here.owner.id)

    history = [world.apps[here.movies.id] for world in (here.world, gap, back, same)]
    assert [(app.owner, app.epoch) for app in history] == [
        (here.owner.id, 1), (None, 1), (here.owner.id, 2), (here.owner.id, 2)
    ]  # fmt: skip
    assert gap.apps[here.movies_test.id].owner is None


def test_transferred_page_moves_in_the_truth() -> None:
    """Ids belong to the business that owns the asset now."""
    here = sample()
    psid = f"page:{here.music.id}:12345123"

    moved = here.world.transfer(here.music.asset, here.rival.id).truth()

    assert any(psid in person for person in moved[here.rival.id])
    assert not any(psid in person for person in moved[here.owner.id])


@pytest.mark.parametrize("asset", ["app:1", "page:1", "business:1", "", "app"])
def test_transfer_of_nothing(asset: str) -> None:
    """Only what exists can change its owner."""
    with pytest.raises(NoSuchAssetError):
        sample().world.transfer(asset, None)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"format":"idweave-world/0"}', "{"]
)
def test_unreadable_world(text: str) -> None:
    """Anything but a world document is refused without repeating it."""
    with pytest.raises(UnreadableWorldError):
        World.from_json(text)


def test_builder_refuses_what_cannot_be() -> None:
    """No id twice, and no app-scoped id for a phone-only account."""
    build = WorldBuilder()
    app = build.app("App", build.business("Owner"), id="1")

    with pytest.raises(DuplicateIdError):
        build.page("Page", None, id="1")
    with pytest.raises(ValueError, match="phone number"):
        build.person(app, phone_only=True)


@given(world=worlds)
def test_values_keep_ids_and_secrets_to_themselves(world: World) -> None:
    """No `repr` shows a person's id or a secret."""
    shown = repr((world, world.people.all, list(world.apps.values())))

    hidden = [user for person in world.people.all for user in person.asids.values()]
    hidden += [app.secret for app in world.apps.values()]
    assert not any(each in shown for each in hidden)


def test_page_tokens_differ() -> None:
    """Each pair of Page and app has a token of its own."""
    world = World.generate(seed=2)
    tokens = [
        world.page_token(page.id, app)
        for page in world.pages.values()
        for app in page.made_by
    ]

    assert all(first != second for first, second in combinations(tokens, 2))


def test_page_token_of_an_app_that_made_none() -> None:
    """A Page has tokens of the apps that made one, and of no other."""
    here = sample()

    with pytest.raises(NoSuchAssetError):
        here.world.page_token(here.music.id, here.rival_app.id)


def test_people_who_join_are_known_with_everybody_else() -> None:
    """By their ids, in the truth too; whoever was there stays as they were."""
    world = World.generate(seed=4, people=20)
    app = next(each for each in world.apps.values() if each.owner and not each.parent)
    guest = Person("guest", "", asids={app.id: "77"})

    joined = world.joined_by([guest])

    assert joined.people.all == (*world.people.all, guest)
    assert joined.people.in_app(app.id)["77"] == guest
    assert frozenset({f"app:{app.id}:77"}) in joined.truth()[app.owner or ""]
    assert (joined.apps, joined.credentials()) == (world.apps, world.credentials())
