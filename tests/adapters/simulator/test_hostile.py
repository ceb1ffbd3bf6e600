"""Hostile answers: rows that Meta would never send, on request."""

import pytest
from tests.adapters.simulator.sample import Api, Sample

from idweave_adapters.simulator import Simulator

PATH = "/645195294/ids_for_apps"
HONEST = ["10152368852405295", "645195294"]


async def test_off_unless_asked_for(api: Api, here: Sample) -> None:
    """By default there are honest rows only."""
    reply = await api.app(here.movies, PATH)

    assert reply.users == HONEST


async def test_foreign_asset(api: Api, here: Sample) -> None:
    """The person's real id in an app of another business comes with the answer."""
    api.simulator.change(foreign_rate=1.0)

    reply = await api.app(here.movies, PATH)

    extra = reply.body["data"][2:]
    assert len(extra) == 1
    assert here.world.apps[extra[0]["app"]["id"]].owner not in {here.owner.id, None}
    assert extra[0]["id"] == here.john.asids[extra[0]["app"]["id"]]


async def test_unknown_asset(api: Api, here: Sample) -> None:
    """An app that is in nobody's list."""
    api.simulator.change(unknown_rate=1.0)

    reply = await api.app(here.movies, PATH)

    assert reply.body["data"][2]["app"]["id"] not in here.world.apps


async def test_second_id_of_one_app(api: Api, here: Sample) -> None:
    """One app twice, with two ids."""
    api.simulator.change(second_id_rate=1.0)

    reply = await api.app(here.movies, PATH)

    apps = [row["app"]["id"] for row in reply.body["data"]]
    assert len(apps) == 3
    assert len(set(apps)) == 2


async def test_mixed_up_person(api: Api, here: Sample) -> None:
    """A real id of somebody else on the same Page."""
    api.simulator.change(mixed_up_rate=1.0)

    reply = await api.page(here.music, "/12345123/ids_for_pages")

    strangers = set(reply.users) - set(here.john.psids.values())
    assert strangers == {here.phone.psids[here.music.id]}


@pytest.mark.parametrize("setting", ["foreign_rate", "unknown_rate", "second_id_rate"])
async def test_asking_again_gives_the_same(
    api: Api, here: Sample, setting: str
) -> None:
    """What an id is hit by depends on the id and the seed, not on the moment."""
    api.simulator.change(**{setting: 1.0})

    first = await api.app(here.movies, PATH)
    second = await api.app(here.movies, PATH)

    assert first.body["data"] == second.body["data"] != HONEST
    assert sum(api.simulator.stats.injected.values()) == 2


async def test_pages_can_be_hostile_too(api: Api, here: Sample) -> None:
    """Foreign and unknown Pages come with the edge of Pages."""
    api.simulator.change(foreign_rate=1.0, unknown_rate=1.0)

    reply = await api.page(here.music, "/12345123/ids_for_pages")

    foreign, unknown = reply.body["data"][-2:]
    assert foreign["page"]["id"] == here.rival_page.id
    assert foreign["id"] == here.john.psids[here.rival_page.id]
    assert unknown["page"]["id"] not in here.world.pages


async def test_nothing_to_contradict(api: Api, here: Sample) -> None:
    """Without an honest row there is no second id and nobody to mix up."""
    api.simulator.change(second_id_rate=1.0, mixed_up_rate=1.0)
    psid = here.phone.psids[here.music.id]

    reply = await api.page(here.music, f"/{psid}/ids_for_apps")

    assert reply.users == []
    assert not api.simulator.stats.injected


async def test_half_of_the_ids(api: Api, here: Sample) -> None:
    """A rate between 0 and 1 hits some ids and spares others."""
    api.simulator.change(unknown_rate=0.5)
    hits = []
    for nth in range(40):
        seeded = Simulator(here.world, seed=nth, faults=api.simulator.faults)
        async with seeded:
            reply = await Api(seeded, api.session).app(here.movies, PATH)
        hits.append(len(reply.users) > len(HONEST))

    assert 8 < sum(hits) < 32
