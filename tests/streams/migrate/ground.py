"""A migration in this process: a real simulator over HTTP, a journal on disk, no broker."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from idweave_adapters.credentials import Credentials
from idweave_adapters.graph_api.pages_id_mapping import PageScopedIdApi
from idweave_adapters.simulator import Rules, Simulator, World, WorldBuilder
from idweave_adapters.simulator.world import App, Business, Page
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, AssetKind
from idweave_graph.messages import LogMessage, Proved
from idweave_graph.resolve import LookupPolicy
from idweave_streams.migrate.aside import AsideFile
from idweave_streams.migrate.entries import FileInput, Input
from idweave_streams.migrate.figures import Figures
from idweave_streams.migrate.journal import Journal
from idweave_streams.migrate.run import Books, Migration, Surroundings
from idweave_streams.migrate.seen import Seen
from idweave_streams.migrate.setup import Wish, plan_of
from idweave_streams.migrate.terms import Terms
from idweave_streams.views import HoldBook, OwnershipBook

wall_clock = time.time  # noqa: TID251 - timed proofs are about wall time

DAY = date(2021, 4, 1)
MINUTE_S = 60.0


@dataclass
class Town:
    """A business with an app, a Page and people; a rival beside it."""

    world: World
    acme: Business
    rival: Business
    shop: App
    bot: Page

    @property
    def asids(self) -> list[str]:
        """All people of the app, in a fixed order."""
        return sorted(self.world.people.in_app(self.shop.id))

    @property
    def page(self) -> Asset:
        return Asset(AssetKind.PAGE, self.bot.id)


def town(
    people: int = 450, *, fans: int = 1_000_000, by_test_app: bool = False
) -> Town:
    """Every second person has met the Page; its token was made by the app or its test."""
    build = WorldBuilder(seed=21)
    acme, rival = build.business("Acme"), build.business("Rival")
    shop = build.app("Shop", acme)
    test = build.app("Shop Test", acme, parent=shop)
    maker = test if by_test_app else shop
    bot = build.page("Bot", acme, made_by=[maker], fans=fans)
    for number in range(people):
        build.person(shop, *([bot] if number % 2 else []))
    return Town(World(build.parts()), acme, rival, shop, bot)


async def do_nothing() -> None:
    """No test looks at it."""


class KilledError(BaseException):
    """The process dies here."""


@dataclass
class Ground:
    """What stays from one run to the next."""

    town: Town
    simulator: Simulator
    folder: Path
    api: PageScopedIdApi
    credentials: Credentials
    ownership: OwnershipBook = field(default_factory=OwnershipBook)
    holds: HoldBook = field(default_factory=HoldBook)
    told_holds: list[Hold] = field(default_factory=list)
    published: list[LogMessage] = field(default_factory=list)
    slept_s: list[float] = field(default_factory=list)
    today: date = DAY
    publish_hook: Callable[[Sequence[LogMessage]], None] = lambda _: None
    call_hook: Callable[[Sequence[str]], None] = lambda _: None
    sleep_hook: Callable[[], None] = lambda: None
    answer_hook: Callable[[], Awaitable[None]] = do_nothing

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def learn_owners(self) -> None:
        """Know who owns what in the simulator's world now."""
        for row in self.simulator.world.assets():
            self.ownership.apply(str(row["asset"]).encode(), orjson.dumps(row))

    def file(self, *lines: str) -> FileInput:
        path = self.folder / "asids.txt"
        path.write_text("".join(f"{line}\n" for line in lines))
        return FileInput(path)

    async def run(
        self, source: Input, *, report: bool = False, **terms: Any
    ) -> Figures:
        """Run a migration to its end, as a process of its own would."""
        stated = {"version": "v3.3", "quota": 1_000_000, "is_declared": True, **terms}
        wish = Wish(self.town.page, Terms(**stated), not report, 60 * MINUTE_S)
        plan = plan_of(wish, self.ownership, self.credentials)
        figures = Figures()
        with (
            Journal.open(self.state) as journal,
            Seen() as seen,
            AsideFile(self.state) as aside,
        ):
            books = Books(journal, seen, aside, figures)
            journal.load({"input": source.name}, books.know)
            await Migration(plan, self._outside(), books).run(source)
        return figures

    def _outside(self) -> Surroundings:
        return Surroundings(
            api=self,
            ownership=self.ownership,
            holds=self.holds,
            tell_hold=self._tell_hold,
            policy=LookupPolicy(),
            publish=self._publish,
            clock=wall_clock,
            today=lambda: self.today,
            sleep=self._sleep,
        )

    async def map_asids(self, credential: Any, asids: Any, **how: Any) -> Any:
        """Ask the simulator; a test may look at what is asked."""
        self.call_hook(asids)
        answer = await self.api.map_asids(credential, asids, **how)
        await self.answer_hook()
        return answer

    async def _publish(self, messages: Sequence[LogMessage]) -> None:
        self.publish_hook(messages)
        self.published += messages

    async def _tell_hold(self, hold: Hold) -> None:
        self.told_holds.append(hold)

    async def _sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.sleep_hook()

    def lookups(self, asid: str) -> int:
        """How often the simulator has mapped this id."""
        return self.simulator.stats.lookups_of(f"{self.town.shop.asset}:{asid}")

    def joined(self) -> dict[str, str]:
        """ASID to PSID, as the evidence says; the last word counts."""
        found = {}
        for message in self.published:
            if isinstance(message, Proved):
                (proof,) = message.proofs
                found[str(proof.a).split(":")[2]] = str(proof.b).split(":")[2]
        return found

    def truth(self) -> dict[str, str]:
        """ASID to PSID, as the simulator has it now."""
        people = self.simulator.world.people.in_app(self.town.shop.id)
        page = self.town.bot.id
        return {a: p.psids[page] for a, p in people.items() if page in p.psids}

    def aside(self) -> list[dict[str, str]]:
        """What stands in the operator's file."""
        text = (self.state / "not-mapped.jsonl").read_bytes()
        return [orjson.loads(line) for line in text.splitlines()]


@asynccontextmanager
async def ground(here: Town, folder: Path, **rules: Any) -> AsyncIterator[Ground]:
    stated = Rules(**{"history": DAY.isoformat(), **rules})
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(Simulator(here.world, rules=stated))
        api = await stack.enter_async_context(
            PageScopedIdApi(
                simulator.base_url, clock=wall_clock, version="v3.3", is_declared=True
            )
        )
        credentials = Credentials.from_document(here.world.credentials())
        made = Ground(replace(here), simulator, folder, api, credentials)
        made.learn_owners()
        yield made
