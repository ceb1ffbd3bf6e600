"""Keeps a read model up to date with the output topics.

A plain consumer without a group: every copy reads everything, and where it goes on
stands in the model itself, with the data.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from idweave_adapters.api import Freshness, Origin
from idweave_adapters.read_model import (
    Entry,
    Place,
    ReadModelError,
    RocksStore,
    Source,
    StoredReadModel,
    Writer,
)
from idweave_streams.follow import ASSIGN_POLL_S, TopicMissingError

POLL_MS: Final = 200
CHUNK: Final = 50
"""Records taken over at once: some 10 ms, in which nobody is answered."""
LOOK_S: Final = 5.0
"""Between two looks at the ends of the topics."""
GRACE_S: Final = 60.0
"""For an id that goes from one person to another, to be somebody's again."""
SCRUB_S: Final = 24 * 3600.0
"""Between two rewritings of the files."""
STALE_MS: Final = 12 * 3600 * 1000
"""A copy that was away for longer may have missed tombstones: brokers keep those of the
compacted topics for a day, and half of it leaves room for clocks."""

_log = logging.getLogger(__name__)

Ends = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Clock:
    """Where times come from."""

    seconds: Callable[[], float]
    """That only goes forward."""
    unix_ms: Callable[[], int]


@dataclass(slots=True)
class _Forgetting:
    """Who had left by a mark is forgotten once all is read that stood then."""

    mark: int
    ends: Ends
    since_s: float


class ModelFollower:
    """Reads the topics into one store. `run` does all of it."""

    def __init__(
        self,
        consumer: Any,
        sources: Mapping[str, Source],
        store: RocksStore,
        clock: Clock,
    ) -> None:
        """Prepare; nothing is read.

        Args:
            consumer: an `AIOKafkaConsumer` without a group, that was started.
            sources: what each topic is, by its name.
            store: where the model lies; nobody else writes it.
            clock: where times come from.
        """
        self._consumer = consumer
        self._sources = sources
        self._store = store
        self._writer = Writer(store)
        self._clock = clock
        self._ends: Ends = {}
        self._first: Ends | None = None
        self._is_ready = False
        self._behind: int | None = None
        self._looked_s = 0.0
        self._scrubbed_s = clock.seconds()
        self._forgetting: _Forgetting | None = None

    def fresh(self) -> Freshness:
        """Say how far it has come."""
        return Freshness(Origin.TOPICS, self._behind, self._is_ready)

    async def run(self) -> None:
        """Follow until cancelled, or until the consumer is stopped.

        Raises:
            TopicMissingError: a topic is not there.
            ReadModelError: a record can't be read, the store can't be written, or the
                topics are others than those that it was made from.
            KafkaError: the broker was not there at the start.
        """
        with suppress(ConsumerStoppedError):
            await self._begin()
            while True:
                await self._take_some()
                await self._look()

    async def _begin(self) -> None:
        places = await self._places()
        self._ends = self._first = await self._consumer.end_offsets(places)
        known = StoredReadModel(self._store).offsets()
        if not known:
            self._writer.note_seen(self._clock.unix_ms())
        for place in places:
            await self._seek(place, known)

    async def _places(self) -> list[TopicPartition]:
        topics = await self._consumer.topics()
        for topic in self._sources:
            if topic not in topics:
                raise TopicMissingError(topic)
        # Without a group all partitions are assigned, once their number is known.
        self._consumer.subscribe(list(self._sources))
        while not self._is_assigned():  # noqa: ASYNC110  (aiokafka tells nobody)
            await asyncio.sleep(ASSIGN_POLL_S)
        return sorted(self._consumer.assignment())

    def _is_assigned(self) -> bool:
        return {p.topic for p in self._consumer.assignment()} == self._sources.keys()

    async def _seek(self, place: TopicPartition, known: Mapping[Place, int]) -> None:
        offset = known.get((self._sources[place.topic], place.partition))
        if offset is None:
            await self._consumer.seek_to_beginning(place)
        elif offset > self._ends[place]:
            raise ReadModelError(
                f"topic {place.topic} ends before what the read model has of it, so it "
                "was made anew: empty the folder of the read model and start again"
            )
        else:
            # What retention has taken away meanwhile is passed over by the consumer.
            self._consumer.seek(place, offset)

    async def _take_some(self) -> None:
        fetched: Mapping[TopicPartition, Sequence[Any]]
        fetched = await self._consumer.getmany(timeout_ms=POLL_MS)
        for place, records in fetched.items():
            source = self._sources[place.topic]
            entries = [
                Entry(source, place.partition, r.offset, r.key, r.value)
                for r in records
            ]
            for start in range(0, len(entries), CHUNK):
                self._writer.apply(entries[start : start + CHUNK])
                await asyncio.sleep(0)  # somebody may wait for an answer

    async def _look(self) -> None:
        """See how far the ends are, and do what is due."""
        now_s = self._clock.seconds()
        if self._is_ready and now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        try:
            self._ends = await self._consumer.end_offsets(list(self._ends))
            self._behind = await self._distance(self._ends)
        except KafkaError as error:
            self._behind = None
            _log.warning(
                "the ends of the topics are not known (%s)", type(error).__name__
            )
            return
        if not self._is_ready and not await self._distance(self._first or {}):
            self._is_ready = True
            _log.info("the read model has come to the end of the topics")
        self._check_and_note()
        await self._forget(now_s)
        await self._scrub(now_s)

    def _check_and_note(self) -> None:
        now_ms = self._clock.unix_ms()
        if self._is_ready and is_stale(self._store, now_ms):
            msg = "the broker was away for too long for the read model: start it again"
            raise ReadModelError(msg)
        if self._behind == 0:
            self._writer.note_seen(now_ms)

    async def _distance(self, ends: Ends) -> int:
        left = [end - await self._consumer.position(p) for p, end in ends.items()]
        return sum(max(0, each) for each in left)

    async def _forget(self, now_s: float) -> None:
        due = self._forgetting
        if due is None:
            self._forgetting = _Forgetting(self._writer.mark(), self._ends, now_s)
        elif now_s - due.since_s >= GRACE_S and not await self._distance(due.ends):
            self._writer.forget(due.mark)
            self._forgetting = None

    async def _scrub(self, now_s: float) -> None:
        if now_s - self._scrubbed_s < SCRUB_S:
            return
        self._scrubbed_s = now_s
        await asyncio.to_thread(self._store.compact)
        self._store.reopen()


def is_stale(store: RocksStore, now_ms: int) -> bool:
    """Say whether a model was away from the end of the topics for too long to go on."""
    seen_ms = Writer(store).seen_ms()
    return seen_ms is not None and now_ms - seen_ms > STALE_MS


def opened(folder: Path, now_ms: int) -> RocksStore:
    """Open the model in *folder*; one that is stale is emptied first.

    Raises:
        ReadModelError: another process has it, or it can't be read.
    """
    store = RocksStore(folder)
    if not is_stale(store, now_ms):
        return store
    _log.info("the read model was away for too long, and is made anew")
    store.close()
    rmtree(folder)
    return RocksStore(folder)
