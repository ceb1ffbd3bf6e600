"""The whole pipeline in one process: order, batches and repetition do not matter."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.stages import latest
from tests.support.virtual_time import in_virtual_time, now_ms

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    GraphApiError,
    Lookup,
    LookupAnswer,
    PolicyHold,
    Usage,
)
from idweave_adapters.secret import Secret
from idweave_graph.holds import Hold
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

    def page_made_by(self, business: BusinessId, app: Asset) -> Credential | None:
        return None

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        return ()


def engine_of(meta: Meta, kind: type[LocalEngine] = LocalEngine) -> LocalEngine:
    """An engine that knows all owners."""
    outside = Outside(meta, meta, lambda: START_MS + now_ms())
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


def expected(several: Iterable[Seen]) -> set[frozenset[str]]:
    """Whoever was seen by a business is there with all ids in that business."""
    met = {(person, OWNERS[asset]) for person, asset, _ in several}
    return {
        frozenset(
            f"{business}/{scoped(person, asset)}"
            for asset, owner in OWNERS.items()
            if owner == business
        )
        for person, business in met
    }


async def woven(several: Sequence[Seen]) -> LocalEngine:
    """The engine after all events have come at once."""
    engine = engine_of(Meta())
    feed(engine, several)
    await engine.settle(patience_ms=1_000)
    return engine


sightings: st.SearchStrategy[list[Seen]] = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE), st.sampled_from(list(OWNERS)), st.integers(0, 5)
    ),
    max_size=12,
)
FEWER = settings(max_examples=30)


@FEWER
@given(several=sightings)
@in_virtual_time
async def test_everybody_is_one_person_in_each_business(several: list[Seen]) -> None:
    """Although each answer names ids of the other business too."""
    engine = await woven(several)

    found = {frozenset(ids) for ids in persons(engine).values()}
    assert found == expected(several)
    assert engine.lag() == 0


@FEWER
@given(several=sightings, seed=st.integers(0, 1 << 32).map(Random))
@in_virtual_time
async def test_order_and_pace_do_not_matter(several: list[Seen], seed: Random) -> None:
    """Same persons with the same ids, also if some came after others were answered."""
    shuffled = seed.sample(several, k=len(several))
    engine = engine_of(Meta())

    for number, seen in enumerate(shuffled):
        engine.append(event(seen, number))
        if seed.random() < 0.5:
            engine.advance()
        if seed.random() < 0.3:
            await engine.settle(patience_ms=1_000)
    await engine.settle(patience_ms=1_000)

    assert aliases(engine) == aliases(await woven(several))


@FEWER
@given(several=sightings)
@in_virtual_time
async def test_what_is_repeated_changes_nothing(several: list[Seen]) -> None:
    """Nobody is asked about twice, and nothing is told twice."""
    meta = Meta()
    engine = engine_of(meta)
    feed(engine, several)
    await engine.settle(patience_ms=1_000)
    before, asked = told(engine), len(meta.asked)

    feed(engine, reversed(several))
    await engine.settle(patience_ms=1_000)

    assert told(engine) == before
    assert len(meta.asked) == asked == len(set(meta.asked))


class CrashError(Exception):
    """The process died."""


class Crashing(LocalEngine):
    """Dies now and then after a record was sent, before its unit is in effect."""

    crashes: Iterator[bool] = iter(())

    def append(self, output: Output) -> Record:
        record = super().append(output)
        if output.topic != NAMES.answers and next(self.crashes, False):
            raise CrashError
        return record


@FEWER
@given(several=sightings, seed=st.integers(0, 1 << 32).map(Random))
@in_virtual_time
async def test_a_unit_that_died_is_handled_again_to_the_same_effect(
    several: list[Seen], seed: Random
) -> None:
    """What was sent before comes again, so consumers see the same events."""
    engine = engine_of(Meta(), Crashing)
    feed(engine, several)
    assert isinstance(engine, Crashing)
    engine.crashes = iter([seed.random() < 0.3 for _ in range(100)])
    calling = asyncio.create_task(engine.pipeline.caller.run())

    while engine.lag() or engine.pipeline.board.due_lanes(1 << 60):
        try:
            engine.advance()
        except CrashError:
            continue
        await asyncio.sleep(0.1)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)

    undisturbed = await woven(several)
    assert aliases(engine) == aliases(undisturbed)
    ids = [orjson.loads(value or b"")["id"] for value in events(engine)]
    assert len(ids) == len(set(ids))


@in_virtual_time
async def test_a_lookup_without_credentials_is_not_waited_for() -> None:
    """It is due later than patience reaches; the others are done."""
    engine = engine_of(Meta(without_credentials={SHOP}))
    feed(engine, [(1, SHOP, 0), (2, GAME, 0)])

    await engine.settle(patience_ms=60_000)

    assert len(persons(engine)) == 2
    assert now_ms() < 60_000


@in_virtual_time
async def test_a_held_business_is_not_waited_for() -> None:
    """Its lookups stay open; the hold is told, and the other business is done."""
    engine = engine_of(Meta(under_review={ACME}))
    feed(engine, [(1, SHOP, 0), (1, RIVALS_APP, 0)])

    await engine.settle(patience_ms=10**9)

    assert engine.pipeline.holds.of_business(ACME) is not None
    assert {len(ids) for ids in persons(engine).values()} == {1, 2}


@in_virtual_time
async def test_a_hold_ends_with_a_probe() -> None:
    """Then everything that waited is asked."""
    meta = Meta(under_review={ACME})
    engine = engine_of(meta)
    feed(engine, [(person, SHOP, 0) for person in PEOPLE])
    await engine.settle(patience_ms=0)
    meta.under_review.clear()
    at_ms = START_MS + now_ms()
    engine.pipeline.holds.put(Hold(ACME, True, at_ms, at_ms, 0, "review"))

    calling = asyncio.create_task(engine.pipeline.caller.run())
    while engine.pipeline.holds.of_business(ACME) is not None:
        engine.advance()
        await asyncio.sleep(0.1)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    await engine.settle(patience_ms=0)

    assert {frozenset(ids) for ids in persons(engine).values()} == expected(
        (person, SHOP, 0) for person in PEOPLE
    )


@in_virtual_time
async def test_a_failing_caller_ends_the_run() -> None:
    """Nothing is hidden."""

    class Broken(Meta):
        async def look_up(
            self, lookups: Sequence[Lookup]
        ) -> list[LookupAnswer | GraphApiError]:
            raise RuntimeError("a defect")

    engine = engine_of(Broken())
    feed(engine, [(1, SHOP, 0)])

    with pytest.raises(RuntimeError, match="a defect"):
        await engine.settle(patience_ms=1_000)


@in_virtual_time
async def test_lag_is_what_waits_to_be_handled() -> None:
    engine = engine_of(Meta())
    assert engine.lag() == len(OWNERS)

    feed(engine, [(1, SHOP, 0), (1, PAGE, 0)])

    assert engine.lag() == len(OWNERS) + 2
    while engine.advance():
        pass
    assert engine.lag() == 0
