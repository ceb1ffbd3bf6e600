"""The demo's single cases: whom they are about, when they begin, and how they are judged."""

import orjson
import pytest

from idweave_adapters.commands import (
    AnyRequest,
    command_key,
    decode_command,
    encode_command,
)
from idweave_adapters.simulator.traffic import Event
from idweave_graph.ids import Asset, ScopedId
from idweave_streams.demo.scenes import Scene
from idweave_streams.demo.story import Story, draw_story
from idweave_streams.reliable import Record
from idweave_streams.tally import Alias, Tally
from idweave_streams.topics import TopicNames

SEEDS = range(12)
START_MS = 1_767_225_600_000
NAMES = TopicNames.build()


def story(seed: int) -> Story:
    return draw_story(events=600, seed=seed, start_ms=START_MS)


def right(told: Story) -> dict[Alias, str]:
    """The person of each id of the cases, as it must be in the end."""
    scenes = told.scenes
    return {
        (scenes.business, scoped): f"p_{number}"
        for number, ids in enumerate(scenes.troupe.humans)
        for scoped in ids
        if (scenes.business, scoped) not in scenes.erased
    }


def known(aliases: dict[Alias, str]) -> Tally:
    tally = Tally(NAMES)
    for (business, scoped), person in aliases.items():
        key, value = f"{business}/{scoped}".encode(), orjson.dumps({"person": person})
        tally.apply(Record(NAMES.aliases, 0, 0, 0, key, value, ()))
    return tally


def commands(told: Story) -> list[AnyRequest]:
    said = (each for scene in told.scenes.all() for each in scene.said(START_MS))
    return [each for each in said if not isinstance(each, Event)]


def test_the_same_seed_has_the_same_cases() -> None:
    one, two, other = (story(seed).scenes for seed in (3, 3, 4))

    assert one.stage.to_json() == two.stage.to_json()
    assert one.troupe == two.troupe != other.troupe
    assert [s.said(5) for s in one.all()] == [s.said(5) for s in two.all()]


@pytest.mark.parametrize("seed", SEEDS)
def test_their_people_are_nobody_else(seed: int) -> None:
    """Their ids are new, and the rest of the world is as it was."""
    told = story(seed)
    crowd = told.world.people.all
    troupe = told.scenes.troupe
    ids = [
        user
        for who in troupe.all
        for user in (*who.asids.values(), *who.psids.values())
    ]

    assert told.scenes.stage.people.all == (*crowd, *troupe.all)
    assert len({*ids}) == len(ids)
    taken = {
        user for who in crowd for user in (*who.asids.values(), *who.psids.values())
    }
    assert taken.isdisjoint(ids)
    assert {who.key for who in crowd}.isdisjoint(who.key for who in troupe.all)


@pytest.mark.parametrize("seed", SEEDS)
def test_they_happen_where_nothing_else_is_in_doubt(seed: int) -> None:
    """In a customer that is not reviewed, of whose assets Meta may be asked."""
    told = story(seed)
    world, house = told.world, told.scenes.troupe.house

    assert house.business not in {
        told.reviewed,
        world.apps[told.unowned.asset.id].owner,
    }
    assert not world.businesses[house.business].is_provider
    assert len({house.app, house.other_app}) == 2
    apps = [world.apps[each] for each in (house.app, house.other_app)]
    assert all((app.owner, app.parent) == (house.business, None) for app in apps)
    assert world.pages[house.page].owner == house.business
    assert world.may_ask(world.pages[house.page])


def test_the_people_come_first() -> None:
    """Nothing else is said as long as nothing is known of them."""
    scenes = story(1).scenes

    due = [each.is_due(scenes.business, Tally(NAMES)) for each in scenes.all()]

    assert due == [True, False, False, False, False]


@pytest.mark.parametrize("number", range(1, 5))
def test_a_case_begins_once_what_it_is_about_is_known(number: int) -> None:
    """Each party is one person, and no lookup of them is open."""
    told = story(1)
    business, scene = told.scenes.business, told.scenes.all()[number]
    aliases = together(business, scene)
    someone = min(min(scene.parties, key=sorted))

    assert is_due(scene, told, aliases)
    assert not is_due(scene, told, without(aliases, someone))
    asked = known(aliases)
    asked.sighted[someone] = business
    assert not scene.is_due(business, asked)
    asked.closed.add(someone)
    assert scene.is_due(business, asked)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_case_waits_for_ids_that_are_apart(number: int) -> None:
    told = story(1)
    scene = told.scenes.all()[number]
    several = next(party for party in scene.parties if len(party) > 1)
    alias = (told.scenes.business, min(several))

    apart = {**together(told.scenes.business, scene), alias: "p_other"}

    assert not is_due(scene, told, apart)


def together(business: str, scene: Scene) -> dict[Alias, str]:
    """Each party of *scene* is one person."""
    return {
        (business, scoped): f"p_{number}"
        for number, party in enumerate(scene.parties)
        for scoped in party
    }


def without(aliases: dict[Alias, str], scoped: str) -> dict[Alias, str]:
    return {alias: person for alias, person in aliases.items() if alias[1] != scoped}


def is_due(scene: Scene, told: Story, aliases: dict[Alias, str]) -> bool:
    return scene.is_due(told.scenes.business, known(aliases))


def test_of_two_who_share_a_device_its_owner_came_first() -> None:
    """And nobody comes in the future, which would count as now."""
    scenes = story(1).scenes
    come = scenes.all()[0].said(START_MS)
    events = [each for each in come if isinstance(each, Event)]
    owner, guest = (
        next(iter(who.asids.values()))
        for who in (scenes.troupe.patron, scenes.troupe.lodger)
    )

    assert len(events) == len(come)
    assert all(event.time_ms <= START_MS for event in events)
    times = {orjson.loads(e.value).get("user_id"): e.time_ms for e in events}
    assert times[owner] < times[guest]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_command_is_as_an_operator_would_write_it(seed: int) -> None:
    """A ban, a link and an erasure, as the commands topic takes them."""
    told = commands(story(seed))

    read = [orjson.loads(encode_command(each)) for each in told]
    assert [row["type"] for row in read] == ["ban", "link", "erase-id"]
    assert all(row["author"] and row["reason"] for row in read[:2])
    assert [decode_command(encode_command(each)) for each in told] == told
    assert all(command_key(each) for each in told)


def test_they_are_found_right() -> None:
    assert story(1).verdict(right(story(1)), ()).wrong == 0


def joined(told: Story) -> dict[Alias, str]:
    """The ban has not parted them."""
    who, aliases = told.scenes.troupe, right(told)
    (lodger,) = who.ids(who.lodger)
    patron = min(who.ids(who.patron))
    business = told.scenes.business
    return {**aliases, (business, lodger): aliases[business, patron]}


def apart(told: Story) -> dict[Alias, str]:
    """The link was not followed."""
    (phone,) = told.scenes.troupe.ids(told.scenes.troupe.phone)
    return {**right(told), (told.scenes.business, phone): "p_other"}


def back(told: Story) -> dict[Alias, str]:
    """What was erased is there, alone."""
    return {**right(told), **dict.fromkeys(told.scenes.erased, "p_other")}


def lost(told: Story) -> dict[Alias, str]:
    """More was erased than that."""
    leaver = min(told.scenes.troupe.ids(told.scenes.troupe.leaver))
    left = right(told)
    assert left.pop((told.scenes.business, leaver))
    return left


@pytest.mark.parametrize("wrong", [joined, apart, back, lost])
@pytest.mark.parametrize("seed", [1, 2])
def test_each_case_that_comes_out_wrong_is_found(seed: int, wrong: object) -> None:
    assert callable(wrong)
    told = story(seed)

    assert told.verdict(wrong(told), ()).wrong == 1


def test_ids_name_what_they_are_of() -> None:
    """The id that is erased is of the other app, so the person stays."""
    scenes = story(1).scenes
    ((business, erased),) = scenes.erased
    asset, _, user = erased.rpartition(":")

    assert business == scenes.business
    assert ScopedId(Asset.parse(asset), user).asset.id == scenes.troupe.house.other_app
    assert len(scenes.troupe.ids(scenes.troupe.leaver)) == 3
