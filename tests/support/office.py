"""A caller at work: its board, its tables, and a Graph API, all in virtual time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.graph import DictOwnership
from tests.support.lookups import ACME, APP, OTHER_APP, RIVAL, lookup, write
from tests.support.stages import NAMES, committed, record, sent
from tests.support.virtual_time import now_ms

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    GraphApiError,
    Lookup,
    LookupAnswer,
    Usage,
)
from idweave_adapters.secret import Secret
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, AssetKind, BusinessId, business_id
from idweave_graph.messages import Answer
from idweave_graph.ownership import Ownership
from idweave_graph.resolve import LookupPolicy
from idweave_streams.agents.resolve import Resolve
from idweave_streams.calls.asking import Asking
from idweave_streams.calls.board import DueBoard
from idweave_streams.calls.caller import LookupCaller, Publish
from idweave_streams.calls.pacing import Pacing
from idweave_streams.calls.slots import CallLimits
from idweave_streams.codecs import encode_answers
from idweave_streams.local.log import LocalTable
from idweave_streams.tables import Lane, LookupTable
from idweave_streams.views import HoldBook

LIMITS = CallLimits(batch=5, linger_ms=2_000, in_flight=4, in_flight_per_business=2)
POLICY = LookupPolicy(first_probe_ms=60_000)
NOTHING = LookupAnswer((), True, True, 1, Usage(), None)

BUSINESSES = {
    ACME: APP,
    RIVAL: Asset(AssetKind.APP, "20"),
    business_id("902"): Asset(AssetKind.APP, "30"),
}
THIRD = business_id("902")
PAGE = Asset(AssetKind.PAGE, "40")
OTHER_PAGE = Asset(AssetKind.PAGE, "41")
MORE = (OTHER_APP, PAGE, OTHER_PAGE)
"""What else ACME owns."""


class Credentials:
    """Everybody has one."""

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential:
        made_by = asset if asset.kind is AssetKind.APP else APP
        return Credential(business, asset, made_by, Secret("token"), Secret("secret"))

    def pages_made_by(self, business: BusinessId, app: Asset) -> tuple[Asset, ...]:
        return ()

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        return ()


Reply = LookupAnswer | GraphApiError


@dataclass
class Request:
    """One batch that reached the Graph API."""

    at_ms: int
    business: BusinessId
    users: list[str]
    assets: set[Asset] = field(default_factory=set)


@dataclass
class Meta:
    """A Graph API that answers after a while, and remembers who asked what when."""

    latency_s: dict[BusinessId, float] = field(default_factory=dict)
    says: Callable[[BusinessId], Reply] = lambda _: NOTHING
    says_of: Callable[[Lookup], Reply] | None = None
    """Instead of `says`, where more than the business counts."""
    requests: list[Request] = field(default_factory=list)
    under_way: Counter[BusinessId] = field(default_factory=Counter)
    most_at_once: int = 0

    async def look_up(self, lookups: Sequence[Lookup]) -> list[Reply]:
        if not lookups:
            return []
        [business] = {each.credential.business for each in lookups}
        users = [each.scoped.user for each in lookups]
        assets = {each.scoped.asset for each in lookups}
        self.requests.append(Request(now_ms(), business, users, assets))
        self.under_way[business] += 1
        self.most_at_once = max(self.most_at_once, self.under_way.total())
        try:
            await asyncio.sleep(self.latency_s.get(business, 0.2))
        finally:
            self.under_way[business] -= 1
        if self.says_of is not None:
            return [self.says_of(each) for each in lookups]
        return [self.says(business) for _ in lookups]

    def about(self, asset: Asset) -> list[Request]:
        return [each for each in self.requests if asset in each.assets]

    def of(self, business: BusinessId) -> list[Request]:
        return [each for each in self.requests if each.business == business]


class Office:
    """A caller with its board, over tables that the resolve stage writes."""

    def __init__(self, meta: Meta, publish: Publish | None = None) -> None:
        self.meta, self.board, self.holds = meta, DueBoard(), HoldBook()
        self.tables = [LocalTable(), LocalTable()]
        for partition, table in enumerate(self.tables):
            self.board.assign(partition, LookupTable(table))
        self.answers: list[Answer] = []
        self.publishing_s = 0.0
        self.resolve = Resolve(NAMES, POLICY, self.board.changed)
        owned = {a: Ownership(a, business, 1) for business, a in BUSINESSES.items()}
        owned |= {a: Ownership(a, ACME, 1) for a in MORE}
        self.owned = owned
        asking = Asking(
            meta,
            Credentials(),
            DictOwnership(owned),
            clock_ms=now_ms,
            policy=POLICY,
        )
        self.caller = LookupCaller(
            self.board,
            asking,
            self.holds,
            publish or self.publish,
            clock_ms=now_ms,
            pacing=Pacing(lambda: 0.0),
            limits=LIMITS,
        )

    def sight(
        self,
        count: int,
        business: BusinessId = ACME,
        *,
        asset: Asset | None = None,
        start: int = 0,
        partition: int = 0,
    ) -> None:
        """So many ids of *business* were seen for the first time."""
        for user in range(start, start + count):
            found = lookup(user, business, asset=asset or BUSINESSES[business])
            write(self.tables[partition], found)
            self.board.changed(partition, found, None)

    async def publish(self, answers: Sequence[tuple[int, Answer]]) -> None:
        """Let the stage have the answers, and everybody the holds."""
        await asyncio.sleep(self.publishing_s)
        for partition, answer in answers:
            self.answers.append(answer)
            records = [record(NAMES.answers, encode_answers([answer]))]
            table = self.tables[partition]
            unit = committed(self.resolve.handle, records, table, partition)
            for output in sent(unit, NAMES.holds):
                self.holds.apply(output.key, output.value)

    def waiting(self, business: BusinessId = ACME, asset: Asset | None = None) -> int:
        """How many lookups of *business*'s first asset, or of *asset*, are open."""
        tables = map(LookupTable, self.tables)
        lane = Lane(business, asset or BUSINESSES[business])
        return sum(len(list(table.due(lane))) for table in tables)

    def hold(
        self, *, held: bool = True, probe_ms: int = 10_000, asset: Asset | None = None
    ) -> None:
        now = now_ms()
        self.holds.put(Hold(ACME, held, now, now, probe_ms, "policy-hold", asset))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The caller runs; it must not have failed."""
        running = asyncio.create_task(self.caller.run())
        try:
            yield
            if running.done():
                running.result()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def after(seconds: float) -> None:
    """So much time has passed, and whatever was due then has happened."""
    await asyncio.sleep(seconds)
