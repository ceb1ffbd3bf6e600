"""One partition of one stage in a process: the product's `Commit`, effect by effect."""

import asyncio
from collections.abc import Coroutine, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tests.simulation.broker import Broker, Flight, Network, Producer

from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import Output, partition_for
from idweave_streams.reliable.commit import Commit
from idweave_streams.reliable.errors import Abandoned, DeliveryFailed
from idweave_streams.reliable.funnel import Parcel, parcelled
from idweave_streams.reliable.lanes import Lane
from idweave_streams.reliable.producer import BATCH_BYTES
from idweave_streams.reliable.store import Change

CHANGELOG = "changelog-"


class Landing:
    """Flights that one step of a unit waits for."""

    def __init__(self) -> None:
        self.left = 0
        self.is_failed = False
        self.base = -1

    def arrived(self, base: int | None) -> None:
        """One of them is acknowledged, or never will be."""
        self.left -= 1
        if base is None:
            self.is_failed = True
        else:
            self.base = base

    def __await__(self) -> Generator["Landing", None, None]:
        yield self
        if self.is_failed:
            raise DeliveryFailed("no acknowledgement")


@dataclass(frozen=True, slots=True)
class Batch:
    """The changelog batch of a unit."""

    topic: str
    partition: int
    changes: Sequence[Change]

    @property
    def count(self) -> int:
        return len(self.changes)


class Outbox:
    """What `Commit` sends with."""

    delivery_timeout_s = 45.0

    def __init__(self, broker: Broker, network: Network, owner: Producer) -> None:
        self._broker = broker
        self._network = network
        self._owner = owner
        self._loses: list[tuple[int, bool]] = []

    def lose(self, after: int, *, is_stored: bool) -> None:
        """Let one of the writes to come never be acknowledged, stored or not."""
        self._loses.append((after, is_stored))

    def lose_nothing(self) -> None:
        """Let all writes to come be acknowledged."""
        self._loses.clear()

    def post(self, flight: Flight) -> None:
        """Send a batch off, to whatever is to become of it."""
        for number, (after, is_stored) in enumerate(self._loses):
            self._loses[number] = (after - 1, is_stored)
            if after == 0:
                flight.fate = is_stored
        self._network.post(flight)

    async def pack(self, outputs: Sequence[Output]) -> list[Parcel]:
        placed = [((o.topic, self._partition_of(o)), o) for o in outputs]
        await Landing()
        return parcelled(placed, BATCH_BYTES)

    def _partition_of(self, output: Output) -> int:
        if output.partition is not None:
            return output.partition
        count = len(self._broker.log.partitions(output.topic))
        return partition_for(output.key or b"", count)

    def pack_changes(
        self, topic: str, partition: int, changes: Sequence[Change]
    ) -> Batch:
        return Batch(topic, partition, changes)

    async def deliver(self, parcels: Sequence[Parcel]) -> None:
        landing = Landing()
        for parcel in parcels:
            self._send(parcel.place, parcel.outputs, landing)
        await landing

    async def deliver_changes(self, batch: Batch) -> int:
        landing, place = Landing(), (batch.topic, batch.partition)
        records = [
            Output(batch.topic, key, value, partition=batch.partition)
            for key, value in batch.changes
        ]
        self._send(place, records, landing)
        await landing
        return landing.base

    def _send(
        self, place: tuple[str, int], outputs: Sequence[Output], landing: Landing
    ) -> None:
        # An output without a key would be spread by the broker's client.
        placed = [
            o if o.partition is not None else _placed(o, place[1]) for o in outputs
        ]
        landing.left += 1
        flight = Flight(self._owner, place, placed, landing.arrived, is_fenced=True)
        self.post(flight)


def _placed(output: Output, partition: int) -> Output:
    return Output(output.topic, output.key, output.value, output.headers, partition)


@dataclass(slots=True)
class Copy:
    """A local file: the state at the changelog offset that it names."""

    table: LocalTable
    end: int = 0
    """Of the changelog, as far as it is in the file."""


@dataclass(slots=True)
class Store:
    """The local files of one table, as `Commit` reads and writes them."""

    name: str
    copies: dict[tuple[str, int], Copy]
    owner: Producer

    def read(self, partition: int) -> LocalTable:
        return self.copies[self.name, partition].table

    def write_unit(
        self, partition: int, changes: Sequence[Change], offset: int
    ) -> None:
        """Write data and changelog offset at once; the process may die before or after."""
        self.owner.effect(f"about to write {self.name}")
        copy = self.copies[self.name, partition]
        copy.table.write(dict(changes))
        copy.end = offset + 1
        self.owner.effect(f"written {self.name}")


@dataclass(frozen=True, slots=True)
class Table:
    """A table, as `Commit` knows it."""

    changelog_topic_name: str
    store: Store


class Unfit(Protocol):
    """What ends a process."""

    def fail(self, reason: BaseException) -> None:
        """End it; *reason* is a bug unless it says otherwise."""
        ...


class Runner:
    """Carries out the units of one lane, one effect at a time."""

    def __init__(self, lane: Lane, commit: Commit, owner: Unfit) -> None:
        self.lane = lane
        self.queued = 0
        self._commit = commit
        self._owner = owner
        self._unit: Coroutine[Any, Any, None] | None = None
        self._waits_for: Landing | asyncio.Future[None] | None = None
        self.is_over = False

    @property
    def is_busy(self) -> bool:
        """Say whether a unit is in work."""
        return self._unit is not None

    @property
    def is_asleep(self) -> bool:
        """Say whether the unit waits for the lease."""
        return self._has_to_wait() and not isinstance(self._waits_for, Landing)

    def step(self) -> bool:
        """Do the next thing; False: there is nothing to do, or it has to wait."""
        if self.is_over or self._has_to_wait():
            return False
        if self._unit is None:
            if not self.queued:
                return False
            runs = self.lane.take()
            self.queued -= sum(len(run.records) for run in runs)
            self._unit = self._commit.work(self.lane, runs, None)
        self._advance(self._unit)
        return True

    def _has_to_wait(self) -> bool:
        match self._waits_for:
            case None:
                return False
            case Landing() as landing:
                return landing.left > 0
            case future:
                return not future.done()

    def _advance(self, unit: Coroutine[Any, Any, None]) -> None:
        self._waits_for = None
        try:
            self._waits_for = unit.send(None)
        except StopIteration:
            self._unit = None
        except Abandoned:
            self._unit, self.is_over = None, True
        except Exception as reason:  # noqa: BLE001 - whatever it was, nothing may be acked
            self._unit, self.is_over = None, True
            self._owner.fail(reason)

    def close(self) -> None:
        """Drop everything at once, as the death of a process does."""
        unit, self._unit, self.is_over = self._unit, None, True
        if unit is not None:
            unit.close()
