"""People who ask Meta for it are forgotten, or left alone, all the way through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson
import pytest
from tests.streams.ingress.calling import Asker, Caller, wall_clock, with_callbacks
from tests.streams.ingress.running import running
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand
from tests.support.waiting import until

from idweave_adapters.simulator import World, WorldBuilder
from idweave_adapters.simulator.world.values import App, Business, Page, Person
from idweave_graph.ids import Asset, ScopedId
from idweave_streams.reliable import Output

PROBE_S = 1


@dataclass(frozen=True)
class Shop:
    """A business with an app and a Page, and two people who use both."""

    world: World
    acme: Business
    app: App
    bot: Page
    ann: Person
    bob: Person

    def asid(self, person: Person) -> ScopedId:
        return ScopedId(Asset.parse(f"app:{self.app.id}"), person.asids[self.app.id])

    def psid(self, person: Person) -> ScopedId:
        return ScopedId(Asset.parse(f"page:{self.bot.id}"), person.psids[self.bot.id])

    def asker(self, person: Person) -> Asker:
        return Asker(self.asid(person).user, self.app.id, self.app.secret)


def shop() -> Shop:
    build = WorldBuilder(seed=5)
    acme = build.business("Acme")
    app = build.app("Shop", acme)
    bot = build.page("Acme", acme, made_by=[app])
    ann, bob = build.person(app, bot), build.person(app, bot)
    return Shop(World(build.parts()), acme, app, bot, ann, bob)


def login(deployed: Stand, here: Shop, person: Person, *, in_s: float = 0) -> Output:
    event = {
        "app_id": here.app.id,
        "user_id": here.asid(person).user,
        "time": int((wall_clock() + in_s) * 1000),
        "login_kind": "classic",
    }
    return Output(deployed.names.logins, None, orjson.dumps(event), partition=0)


def message(deployed: Stand, here: Shop, person: Person) -> Output:
    at_ms = int(wall_clock() * 1000)
    messaging = {
        "sender": {"id": here.psid(person).user},
        "recipient": {"id": here.bot.id},
        "timestamp": at_ms,
        "message": {"mid": "m", "text": "hello"},
    }
    entry = {"id": here.bot.id, "time": at_ms, "messaging": [messaging]}
    value = orjson.dumps({"object": "page", "entry": [entry]})
    return Output(deployed.names.webhooks, None, value, partition=1)


async def is_woven(deployed: Stand, here: Shop, person: Person) -> str:
    """Both ids are one person in Acme's graph; their person id."""
    keys = [(here.acme.id, str(i)) for i in (here.asid(person), here.psid(person))]
    await deployed.until(lambda tally: all(key in tally.aliases for key in keys))
    await deployed.until(
        lambda tally: len({tally.aliases.get(key, key) for key in keys}) == 1
    )
    return deployed.tally.aliases[keys[0]]


async def is_idle(deployed: Stand) -> None:
    """Whatever was sent has been handled."""

    async def has_no_lag() -> bool:
        return await deployed.lag() == 0

    await until(has_no_lag)


@asynccontextmanager
async def calling_back(deployed: Stand, asker: Asker) -> AsyncIterator[Caller]:
    """A door is open inside, and knows what is on record."""
    async with (
        aiohttp.ClientSession() as session,
        running(deployed.settings) as sender,
    ):
        caller = Caller(sender.url, session)
        await until(sender.is_ready)
        await until(lambda: caller.takes_deletions(asker))
        yield caller


@asynccontextmanager
async def deployment(
    here: Shop, kafka: KafkaBroker, prefix: str, folder: Path
) -> AsyncIterator[Stand]:
    """Workers' surroundings with callbacks on, for *here*."""
    async with stand(
        here.world,
        kafka=kafka.bootstrap,
        prefix=prefix,
        folder=folder,
        ingress_port=0,
        hold_probe_hours=PROBE_S / 3600,
        hold_next_probe_hours=PROBE_S / 3600,
    ) as deployed:
        deployed.settings = with_callbacks(deployed.settings, folder)
        await deployed.send_assets(here.world)
        yield deployed


@pytest.mark.timeout(240)
async def test_who_asks_for_it_is_forgotten(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """The whole person goes, it is told, and only once; nobody else is touched."""
    here = shop()
    asker, issued_s = here.asker(here.ann), wall_clock()
    async with deployment(here, kafka, topic_prefix, tmp_path) as deployed:
        await deployed.start_worker("worker")
        await deployed.send([login(deployed, here, p) for p in (here.ann, here.bob)])
        ann, bob = [await is_woven(deployed, here, p) for p in (here.ann, here.bob)]

        async with calling_back(deployed, asker) as caller:
            issued_s = wall_clock()
            first = await caller.post("data-deletion", issued_s, asker)
            code = orjson.loads(first[1])["confirmation_code"]
            await caller.has_state(code, "done")
            again = await caller.post("data-deletion", issued_s, asker)
        await deployed.settle()

        assert again == first
        left = {alias for alias, who in deployed.tally.aliases.items() if who == bob}
        assert deployed.tally.aliases.keys() == left
        assert {i for _, i in left} == {
            str(here.asid(here.bob)),
            str(here.psid(here.bob)),
        }
        persons = {
            r.key: r.value for r in await deployed.records(deployed.names.persons)
        }
        assert persons[ann.encode()] is None
        assert persons[bob.encode()] is not None
        assert deployed.tally.event_types["erased"] == 1
        assert len(await deployed.records(deployed.names.commands)) == 1
        told = await deployed.records(deployed.names.receipts)
        states = [orjson.loads(each.value or b"") for each in told]
        assert [each["state"] for each in states] == ["received", "done"]
        assert states[-1]["ids"] == 2

        # Each id is back when it is seen itself, and not because the other's lookup
        # names it.
        back = [login(deployed, here, here.ann), message(deployed, here, here.ann)]
        await deployed.send(back)
        assert await is_woven(deployed, here, here.ann) != ann


@pytest.mark.timeout(240)
async def test_nothing_more_is_asked_about_who_took_the_app_away(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Their lookup waited for the end of a review; it is closed until they come back."""
    here = shop()
    ann = str(here.asid(here.ann))
    async with deployment(here, kafka, topic_prefix, tmp_path) as deployed:
        stats = deployed.simulator.stats
        deployed.simulator.review(here.acme.id)
        await deployed.start_worker("worker")
        await deployed.send([login(deployed, here, here.ann)])
        await deployed.until(lambda tally: here.acme.id in tally.held)

        asker = here.asker(here.ann)
        async with calling_back(deployed, asker) as caller:
            status, _ = await caller.post("deauthorize", asker=asker)
        assert status == 200
        await is_idle(deployed)
        deployed.simulator.review(here.acme.id, on=False)
        await deployed.send([login(deployed, here, here.bob)])
        await is_woven(deployed, here, here.bob)
        assert stats.lookups_of(ann) == 0

        await deployed.send([login(deployed, here, here.ann, in_s=2)])
        await is_woven(deployed, here, here.ann)
