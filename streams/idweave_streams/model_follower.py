"""Keeps a read model up to date with the output topics.

A plain consumer without a group: every copy reads everything, and where it goes on
stands in the model itself, with the data.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
CHUNK: Final = 5
"""Records taken over at once: some 1 ms, in which nobody is answered. A request comes by
several times before it is answered, and waits for a chunk each time; more at once are
not taken over faster."""
LOOK_S: Final = 5.0
"""Between two looks at the ends of the topics."""
LOOK_TIMEOUT_S: Final = 10.0
"""Then the broker counts as away, and how far behind it is as not known."""
GRACE_S: Final = 60.0
"""For an id that goes from one person to another, to be somebody's again."""
STALE_MS: Final = 12 * 3600 * 1000
"""A copy that was away for longer may have missed tombstones: brokers keep those of the
compacted topics for a day, and half of it leaves room for clocks."""

_log = logging.getLogger(__name__)

Ends = Mapping[TopicPartition, int]
Identify = Callable[[], Awaitable[Mapping[str, str]]]
"""Says which topic each name stands for now: one that is made anew is another one."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where times come from."""

    seconds: Callable[[], float]
    """That only goes forward."""
    unix_ms: Callable[[], int]


@dataclass(frozen=True, slots=True)
class _Goal:
    """Where the topics ended at a time."""

    ends: Ends
    at_ms: int


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
        *,
        identify: Identify,
        scrub_ms: int,
    ) -> None:
        """Prepare; nothing is read.

        Args:
            consumer: an `AIOKafkaConsumer` without a group, that was started.
            sources: what each topic is, by its name.
            store: where the model lies; nobody else writes it.
            clock: where times come from.
            identify: asks the broker which topics these are.
            scrub_ms: how long files may hold what was to be forgotten.
        """
        self._consumer = consumer
        self._sources = sources
        self._store = store
        self._writer = Writer(store)
        self._clock = clock
        self._identify = identify
        self._cleaning = Cleaning(store, scrub_ms)
        self._ends: Ends = {}
        self._goal = _Goal({}, 0)
        self._next: dict[TopicPartition, int] = {}
        self._is_ready = False
        self._behind: int | None = None
        self._looked_s = 0.0
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
        await self._check_topics()
        self._ends = await self._consumer.end_offsets(places)
        self._goal = _Goal(self._ends, self._clock.unix_ms())
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

    async def _check_topics(self) -> None:
        """Refuse topics that have the names of those of the model, and are others."""
        found = await self._identify()
        known = self._writer.topics()
        for topic, name in found.items():
            if known.get(self._sources[topic], name) != name:
                raise _made_anew(topic)
        named = {self._sources[topic]: name for topic, name in found.items()}
        if named.keys() - known.keys():
            self._writer.note_topics(named)

    async def _seek(self, place: TopicPartition, known: Mapping[Place, int]) -> None:
        offset = known.get((self._sources[place.topic], place.partition))
        self._next[place] = offset or 0
        if offset is None:
            await self._consumer.seek_to_beginning(place)
        elif offset > self._ends[place]:
            raise _made_anew(place.topic)
        else:
            # What retention has taken away meanwhile is passed over by the consumer.
            self._consumer.seek(place, offset)

    async def _take_some(self) -> None:
        fetched: Mapping[TopicPartition, Sequence[Any]]
        fetched = await self._consumer.getmany(timeout_ms=POLL_MS)
        for place, records in fetched.items():
            if records[0].offset < self._next[place]:
                raise _made_anew(place.topic)  # the consumer began again
            source = self._sources[place.topic]
            entries = [
                Entry(source, place.partition, r.offset, r.key, r.value)
                for r in records
            ]
            for start in range(0, len(entries), CHUNK):
                self._writer.apply(entries[start : start + CHUNK])
                await asyncio.sleep(0)  # somebody may wait for an answer
            self._next[place] = records[-1].offset + 1

    async def _look(self) -> None:
        """See how far the ends are, and do what is due."""
        now_s = self._clock.seconds()
        if self._is_ready and now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        try:
            is_there = await asyncio.wait_for(self._measure(), LOOK_TIMEOUT_S)
        except (KafkaError, TimeoutError) as error:
            self._behind = None
            _log.warning("the broker is away (%s)", type(error).__name__)
            return
        if is_there and not self._is_ready:
            self._is_ready = True
            _log.info("the read model has come to the end of the topics")
        self._refuse_if_stale()
        await self._forget(now_s)
        await self._cleaning.go_on(self._clock.unix_ms())

    async def _measure(self) -> bool:
        """Learn how far the ends are; say whether those of the last goal are reached."""
        await self._check_topics()
        at_ms = self._clock.unix_ms()
        self._ends = await self._consumer.end_offsets(list(self._ends))
        self._behind = await self._distance(self._ends)
        if await self._distance(self._goal.ends):
            return False
        # Seen was what stood then: under steady traffic it is never the end of now.
        self._writer.note_seen(self._goal.at_ms)
        self._goal = _Goal(self._ends, at_ms)
        return True

    def _refuse_if_stale(self) -> None:
        if self._is_ready and is_stale(self._store, self._clock.unix_ms()):
            msg = "the broker was away for too long for the read model: start it again"
            raise ReadModelError(msg)

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


class Cleaning:
    """Rewrites the files of a model in which somebody was forgotten, in time.

    When that began stands in the model, so no restart puts it off.
    """

    def __init__(self, store: RocksStore, scrub_ms: int) -> None:
        self._store = store
        self._writer = Writer(store)
        self._scrub_ms = scrub_ms

    async def go_on(self, now_ms: int) -> None:
        """Rewrite them if it is due. Nothing may be written meanwhile.

        Raises:
            ReadModelError: there is no room for it.
        """
        since_ms = self._writer.unclean_ms()
        if since_ms is None:
            if self._writer.is_owing():
                self._writer.note_unclean(now_ms)
        elif now_ms - since_ms >= self._scrub_ms:
            await asyncio.to_thread(self._store.compact)
            self._store.reopen()
            # Who has left and is not forgotten yet is for the next time.
            self._writer.note_unclean(now_ms if self._writer.is_owing() else None)


def _made_anew(topic: str) -> ReadModelError:
    return ReadModelError(
        f"topic {topic} is not the one that the read model was made from, it was made "
        "anew: empty the folder of the read model and start again"
    )


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
    try:
        rmtree(folder)
    except OSError as error:
        msg = f"{error.filename} can't be removed ({error.strerror}): see who may do it"
        raise ReadModelError(msg) from None
    return RocksStore(folder)
