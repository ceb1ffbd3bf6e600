"""Two businesses and some people, on the whole pipeline in one process."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson
from tests.support.stages import latest
from tests.support.virtual_time import now_ms

from idweave_adapters.credentials import Credential
from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.graph_api import (
    GraphApiError,
    Lookup,
    LookupAnswer,
    PolicyHold,
    Usage,
)
from idweave_adapters.secret import Secret
from idweave_graph.ids import Asset, BusinessId, ScopedId, business_id
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import encode_ownership
from idweave_streams.local import LocalEngine
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Output, Record
from idweave_streams.settings import Settings
from idweave_streams.topics import outputs

ACME, RIVAL = business_id("900"), business_id("901")
SHOP, GAME, PAGE = map(Asset.parse, ("app:10", "app:11", "page:20"))
RIVALS_APP, RIVALS_PAGE = map(Asset.parse, ("app:60", "page:61"))
OWNERS = {SHOP: ACME, GAME: ACME, PAGE: ACME, RIVALS_APP: RIVAL, RIVALS_PAGE: RIVAL}
PEOPLE = range(1, 5)
SETTINGS = Settings(partitions=3, lookup_linger_ms=0)
NAMES = SETTINGS.topics
START_MS = 1_767_225_600_000
LATER_MS = 60_000

Seen = tuple[int, Asset, int]
"""A person was seen by an asset, at a time."""


def scoped(person: int, asset: Asset) -> ScopedId:
    """The id by which *asset* knows somebody; on the next asset it is another's."""
    place = list(OWNERS).index(asset)
    return ScopedId(asset, str(1 + (person + place) % len(PEOPLE)))


def person_of(found: ScopedId) -> int:
    return next(p for p in PEOPLE if scoped(p, found.asset) == found)


@dataclass
class Meta:
    """Knows everybody, and names their ids in all businesses: the worst that can be."""

    asked: list[ScopedId] = field(default_factory=list)
    under_review: set[BusinessId] = field(default_factory=set)
    without_credentials: set[Asset] = field(default_factory=set)

    async def look_up(
        self, lookups: Sequence[Lookup]
    ) -> list[LookupAnswer | GraphApiError]:
        await asyncio.sleep(0.01)
        return [self._answer(each) for each in lookups]

    def _answer(self, lookup: Lookup) -> LookupAnswer | GraphApiError:
        self.asked.append(lookup.scoped)
        if lookup.credential.business in self.under_review:
            return PolicyHold()
        person = person_of(lookup.scoped)
        links = tuple(scoped(person, asset) for asset in OWNERS)
        return LookupAnswer(links, True, True, 1, Usage(), None)

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        if asset in self.without_credentials:
            return None
        app = {ACME: SHOP, RIVAL: RIVALS_APP}[business]
        made_by = asset if asset.kind == "app" else app
        return Credential(business, asset, made_by, Secret("token"), Secret("secret"))

    def pages_made_by(self, business: BusinessId, app: Asset) -> tuple[Asset, ...]:
        return ()

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        return ()


def clock_ms() -> int:
    """The time where engines run: after all that events tell of."""
    return START_MS + LATER_MS + now_ms()


def engine_of(
    meta: Meta, kind: type[LocalEngine] = LocalEngine, key: ErasureKey | None = None
) -> LocalEngine:
    """An engine that knows all owners, and remembers erasures under *key*."""
    outside = Outside(meta, meta, clock_ms, erasure_key=key)
    engine = kind(SETTINGS, outside)
    for asset, owner in OWNERS.items():
        value = encode_ownership(Ownership(asset, owner, 1))
        engine.append(Output(NAMES.assets, str(asset).encode(), value))
    return engine


def event(seen: Seen, number: int = 0) -> Output:
    person, asset, at = seen
    found, at_ms = scoped(person, asset), START_MS + at
    if asset.kind == "app":
        topic, body = NAMES.logins, _login(found, at_ms)
    else:
        topic, body = NAMES.webhooks, _webhook(found, at_ms)
    return Output(topic, None, orjson.dumps(body), partition=number % 3)


def _login(found: ScopedId, at_ms: int) -> object:
    ids = {"app_id": found.asset.id, "user_id": found.user}
    return {**ids, "time": at_ms, "login_kind": "classic"}


def _webhook(found: ScopedId, at_ms: int) -> object:
    message = {
        "sender": {"id": found.user},
        "recipient": {"id": found.asset.id},
        "timestamp": at_ms,
        "message": {"mid": "m", "text": "hello"},
    }
    entry = {"id": found.asset.id, "time": at_ms, "messaging": [message]}
    return {"object": "page", "entry": [entry]}


def feed(engine: LocalEngine, several: Iterable[Seen]) -> None:
    for number, seen in enumerate(several):
        engine.append(event(seen, number))


def told(engine: LocalEngine) -> list[Record]:
    """All records of all output topics."""
    return [each for topic in outputs(NAMES) for each in engine.records(topic)]


def aliases(engine: LocalEngine) -> dict[bytes | None, str]:
    """The person of each id."""
    outputs = (
        Output(each.topic, each.key, each.value)
        for each in engine.records(NAMES.aliases)
    )
    return {key: orjson.loads(v)["person"] for key, v in latest(outputs).items()}


def persons(engine: LocalEngine) -> dict[str, set[str]]:
    """The ids of each person."""
    found: dict[str, set[str]] = {}
    for key, person in aliases(engine).items():
        found.setdefault(person, set()).add((key or b"").decode())
    return found


def events(engine: LocalEngine) -> set[bytes | None]:
    return {each.value for each in engine.records(NAMES.events)}
