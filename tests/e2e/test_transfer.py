"""A Page changes hands while workers run and die: its ids leave, and nothing else."""

from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from tests.e2e.demands import assert_complete, told_by
from tests.support.kafka import KafkaBroker
from tests.support.stand import stand

from idweave_adapters.simulator import World, WorldBuilder
from idweave_adapters.simulator.world.values import App, Business, Page, Person
from idweave_graph.ids import Asset, ScopedId, business_id
from idweave_graph.ownership import Ownership
from idweave_graph.withdraw import SWEEP_STEP
from idweave_streams.codecs import encode_ownership
from idweave_streams.reliable import Output
from idweave_streams.topics import TopicNames

START_MS = 1_767_225_600_000
PEOPLE = 13 * SWEEP_STEP
"""So that a sweep takes more than a dozen messages."""


@dataclass(frozen=True)
class Town:
    """Two businesses, and people who all know Acme's app and Page."""

    world: World
    acme: Business
    rival: Business
    app: App
    page: Page
    people: tuple[Person, ...]

    def asid(self, person: Person) -> ScopedId:
        return ScopedId(Asset.parse(f"app:{self.app.id}"), person.asids[self.app.id])


def town() -> Town:
    build = WorldBuilder(seed=9)
    acme, rival = build.business("Acme"), build.business("Rival")
    app = build.app("Shop", acme)
    page = build.page("Acme", acme, made_by=[app])
    people = tuple(build.person(app, page) for _ in range(PEOPLE))
    return Town(World(build.parts()), acme, rival, app, page, people)


def login(names: TopicNames, seen: ScopedId, number: int) -> Output:
    event = {
        "app_id": seen.asset.id,
        "user_id": seen.user,
        "time": START_MS + number,
        "login_kind": "classic",
    }
    return Output(names.logins, None, orjson.dumps(event), partition=0)


def transfer(names: TopicNames, here: Town) -> Output:
    """Acme's Page is its rival's now."""
    page = Asset.parse(f"page:{here.page.id}")
    old, new = business_id(here.acme.id), business_id(here.rival.id)
    value = encode_ownership(Ownership(page, new, 2, previous=old))
    return Output(names.assets, str(page).encode(), value)


@pytest.mark.timeout(240)
async def test_a_page_that_changes_hands_takes_its_ids_along(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """A worker that dies in the middle of the sweep is no loss; persons keep their ids.

    What the topics say in the end is what a replay of the log says.
    """
    here = town()
    async with stand(
        here.world, kafka=kafka.bootstrap, prefix=topic_prefix, folder=tmp_path
    ) as deployed:
        names = deployed.names
        first = await deployed.start_worker("first")
        await deployed.send_assets(here.world)
        ids = [here.asid(person) for person in here.people]
        await deployed.send([login(names, seen, n) for n, seen in enumerate(ids)])
        await deployed.settle()
        before = dict(deployed.tally.aliases)
        assert len(before) == 2 * PEOPLE

        await deployed.send([transfer(names, here)])
        await deployed.until(lambda tally: tally.event_types["erased"] > 0)
        await deployed.kill(first)
        await deployed.start_worker("second")
        await deployed.until(lambda tally: len(tally.aliases) == PEOPLE)
        await deployed.settle()

        kept = {alias: who for alias, who in before.items() if alias[1][:4] == "app:"}
        assert deployed.tally.aliases == kept
        assert deployed.tally.event_types["erased"] == PEOPLE
        found = await told_by(deployed)
        assert len(found.persons) == PEOPLE
        assert here.page.id.encode() not in b"".join(found.persons.values())
        await assert_complete(deployed, found)
