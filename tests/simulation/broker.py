"""A Kafka in memory: logs, record batches whole or not at all, and writes on their way."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random
from typing import Protocol

from idweave_streams.local import LocalLog
from idweave_streams.reliable import Output, Record

Place = tuple[str, int]


class Trace:
    """A hash over all that happened, in its order."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self.lines: list[str] | None = None

    def add(self, *what: object) -> None:
        """Note something."""
        line = " ".join(map(str, what))
        self._hash.update(line.encode() + b"\n")
        if self.lines is not None:
            self.lines.append(line)

    @property
    def digest(self) -> str:
        """Return the hash so far."""
        return self._hash.hexdigest()


class Broker:
    """Topics, and the offsets that the group has committed."""

    def __init__(self, partitions: Mapping[str, int], trace: Trace) -> None:
        self.log = LocalLog(partitions)
        self.committed: dict[Place, int] = {}
        self._trace = trace

    def append(self, outputs: Sequence[Output], now_ms: int) -> int:
        """Store a batch, all of one place; return where it begins."""
        first, *_ = [self.store(output, now_ms) for output in outputs]
        return first.offset

    def store(self, output: Output, now_ms: int) -> Record:
        """Store one record."""
        record = self.log.append(output, now_ms)
        place = (record.topic, record.partition, record.offset, record.timestamp_ms)
        self._trace.add(*place, record.key, record.value)
        return record

    def records(self, topic: str) -> list[Record]:
        """Return all records of *topic*."""
        return list(self.log.topic(topic))


class Producer(Protocol):
    """Who writes: a process that may die or stand still."""

    is_paused: bool

    @property
    def name(self) -> str:
        """Return who it is."""
        ...

    def effect(self, what: str) -> None:
        """Take notice that something of it has taken effect, and perhaps die of it."""
        ...


class NotAcknowledgedError(Exception):
    """The broker said nothing; the write may be stored or not."""


Arrived = Callable[[int | None], None]
"""Called with the base offset of a write; None: it is never acknowledged."""


@dataclass(eq=False, slots=True)
class Flight:
    """A record batch on its way."""

    owner: Producer
    place: Place
    outputs: Sequence[Output]
    arrived: Arrived
    is_fenced: bool
    """It belongs to a unit, and its sender has just made sure that it may write."""
    base: int | None = None
    fate: bool | None = None
    """None: it is acknowledged. Else it never is, and this says if it is stored."""


@dataclass(slots=True)
class Network:
    """Writes on their way. One producer's for one partition keep their order."""

    broker: Broker
    now_ms: Callable[[], int]
    _queues: dict[tuple[Producer, Place], deque[Flight]] = field(default_factory=dict)

    def post(self, flight: Flight) -> None:
        """Send a batch off."""
        self._queues.setdefault((flight.owner, flight.place), deque()).append(flight)

    def step(self, random: Random) -> bool:
        """Move one batch on: it is stored, or its sender hears of it."""
        movable = [
            queue
            for queue in self._queues.values()
            if queue[0].base is None or not queue[0].owner.is_paused
        ]
        if not movable:
            return False
        flight = random.choice(movable)[0]
        if flight.base is None and flight.fate is not False:
            self._store(flight)
            flight.owner.effect(f"stored {flight.place[0]}")
        else:
            self._drop(flight)
            flight.arrived(flight.base if flight.fate is None else None)
        return True

    def _store(self, flight: Flight) -> None:
        flight.base = self.broker.append(flight.outputs, self.now_ms())

    def _drop(self, flight: Flight) -> None:
        queue = self._queues[flight.owner, flight.place]
        queue.remove(flight)
        if not queue:
            del self._queues[flight.owner, flight.place]

    def of(self, owner: Producer) -> list[Flight]:
        """List what *owner* has on its way, in order within each place."""
        return [f for (who, _), q in self._queues.items() if who is owner for f in q]

    def cut(self, owner: Producer, random: Random, *, fenced_only: bool) -> None:
        """Decide now what becomes of what *owner* has on its way.

        For who is dead or has lost its partitions: what comes later than that is
        beyond what `reliable` promises. Answers are not fenced, and may.
        """
        lost: set[Place] = set()
        for flight in self.of(owner):
            if not flight.is_fenced and (fenced_only or random.random() < 0.5):
                continue
            if flight.base is None:
                is_stored = flight.place not in lost and random.random() < 0.5
                if is_stored:
                    self._store(flight)
                else:
                    lost.add(flight.place)
                    flight.fate = False
            if not fenced_only:
                self._drop(flight)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is on its way."""
        return not self._queues
