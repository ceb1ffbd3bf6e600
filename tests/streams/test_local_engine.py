"""The whole pipeline in one process: order, batches and repetition do not matter."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.town import (
    ACME,
    GAME,
    NAMES,
    OWNERS,
    PAGE,
    PEOPLE,
    RIVALS_APP,
    SHOP,
    Meta,
    Seen,
    aliases,
    clock_ms,
    engine_of,
    event,
    events,
    feed,
    persons,
    scoped,
    told,
)
from tests.support.virtual_time import in_virtual_time, now_ms

from idweave_adapters.graph_api import GraphApiError, Lookup, LookupAnswer
from idweave_graph.holds import Hold
from idweave_streams.local import LocalEngine
from idweave_streams.reliable import Output, Record


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
    at_ms = clock_ms()
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
