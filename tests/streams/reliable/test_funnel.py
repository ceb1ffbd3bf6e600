"""Outputs of all units share batches, and each unit learns of exactly its own."""

import asyncio
from dataclasses import dataclass, field

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.reliable import Output
from idweave_streams.reliable.funnel import Funnel, Parcel, parcelled, size_of

LIMIT = 2_000
PLACES = [("a", 0), ("a", 1), ("b", 0)]


def new_batch() -> BatchBuilder:
    return BatchBuilder(LIMIT, 0)


def output(place: tuple[str, int], number: int, size: int = 20) -> Output:
    return Output(place[0], b"%d" % number, b"x" * size, partition=place[1])


@dataclass
class Broker:
    """Takes batches, one at a time per place, when it is told to."""

    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[tuple[tuple[str, int], list[bytes]]] = field(default_factory=list)
    busy: set[tuple[str, int]] = field(default_factory=set)
    error: Exception | None = None

    async def send(self, place: tuple[str, int], builder: BatchBuilder) -> None:
        assert place not in self.busy
        self.busy.add(place)
        await self.may_answer.wait()
        self.busy.discard(place)
        if self.error is not None:
            raise self.error
        self.batches.append((place, keys_of(builder)))

    def keys(self, place: tuple[str, int]) -> list[bytes]:
        return [key for at, keys in self.batches if at == place for key in keys]


def keys_of(builder: BatchBuilder) -> list[bytes]:
    batch = MemoryRecords(bytes(builder._build())).next_batch()
    return [record.key for record in batch]


def parcels(placed: list[tuple[tuple[str, int], int]]) -> list[Parcel]:
    return parcelled([(place, output(place, n)) for place, n in placed], LIMIT)


async def test_what_gathers_for_a_place_goes_together() -> None:
    """Ten units, one place: the first goes at once, all others in the next batch."""
    broker = Broker()
    funnel = Funnel(new_batch, broker.send, LIMIT)
    units = [
        asyncio.create_task(funnel.deliver(parcels([(PLACES[0], n)])))
        for n in range(10)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    broker.may_answer.set()
    await asyncio.gather(*units)

    assert [len(keys) for _, keys in broker.batches] in ([1, 9], [10])
    assert broker.keys(PLACES[0]) == [b"%d" % n for n in range(10)]


@given(
    units=st.lists(
        st.lists(st.tuples(st.sampled_from(PLACES), st.integers(1, 900)), max_size=12),
        max_size=6,
    )
)
def test_order_within_a_place_is_kept_and_nothing_is_lost(
    units: list[list[tuple[tuple[str, int], int]]],
) -> None:
    """Whatever the sizes: each record once, per unit and place in the order given."""
    number = 0
    wanted: list[list[tuple[tuple[str, int], Output]]] = []
    for unit in units:
        wanted.append([])
        for place, size in unit:
            wanted[-1].append((place, output(place, number, size)))
            number += 1

    async def play() -> Broker:
        broker = Broker()
        broker.may_answer.set()
        funnel = Funnel(new_batch, broker.send, LIMIT)
        work = (funnel.deliver(parcelled(placed, LIMIT)) for placed in wanted)
        await asyncio.gather(*work)
        return broker

    broker = asyncio.run(play())

    for place in PLACES:
        expected = [o.key for unit in wanted for at, o in unit if at == place]
        assert broker.keys(place) == expected


@given(sizes=st.lists(st.integers(0, 3_000), max_size=20))
def test_a_parcel_fits_a_batch_unless_it_is_one_large_record(sizes: list[int]) -> None:
    """The bound is never passed by joining records."""
    placed = [(PLACES[0], output(PLACES[0], n, size)) for n, size in enumerate(sizes)]

    for parcel in parcelled(placed, LIMIT):
        assert parcel.size_bytes == sum(size_of(o) for o in parcel.outputs)
        assert len(parcel.outputs) == 1 or parcel.size_bytes < LIMIT


async def test_a_record_larger_than_a_batch_goes_alone() -> None:
    """It does not drag others along, and they do not wait for room beside it."""
    broker = Broker()
    funnel = Funnel(new_batch, broker.send, LIMIT)
    large = parcelled([(PLACES[0], output(PLACES[0], 1, 5 * LIMIT))], LIMIT)
    units = [
        asyncio.create_task(funnel.deliver(some))
        for some in (parcels([(PLACES[0], 0)]), large, parcels([(PLACES[0], 2)]))
    ]
    await asyncio.sleep(0)

    broker.may_answer.set()
    await asyncio.gather(*units)

    assert broker.keys(PLACES[0]) == [b"0", b"1", b"2"]
    assert [b"1"] in [keys for _, keys in broker.batches]


async def test_a_failure_reaches_every_unit_in_the_batch() -> None:
    """Nobody goes on believing that a record has arrived."""
    broker = Broker(error=ConnectionError("gone"))
    funnel = Funnel(new_batch, broker.send, LIMIT)
    units = [
        asyncio.create_task(funnel.deliver(parcels([(PLACES[0], n)]))) for n in range(3)
    ]
    await asyncio.sleep(0)

    broker.may_answer.set()
    results = await asyncio.gather(*units, return_exceptions=True)

    assert [type(result) for result in results] == [ConnectionError] * 3


async def test_a_unit_that_gives_up_does_not_hold_up_others() -> None:
    """A cancelled unit is forgotten; the rest of its batch still counts."""
    broker = Broker()
    funnel = Funnel(new_batch, broker.send, LIMIT)
    given_up = asyncio.create_task(funnel.deliver(parcels([(PLACES[0], 0)])))
    staying = asyncio.create_task(funnel.deliver(parcels([(PLACES[0], 1)])))
    await asyncio.sleep(0)

    given_up.cancel()
    broker.may_answer.set()
    await staying

    assert broker.keys(PLACES[0]) == [b"0", b"1"]
    with pytest.raises(asyncio.CancelledError):
        await given_up
