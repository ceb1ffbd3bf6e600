"""The read model follows the topics, and goes on where it was. On a log in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from tests.support import waiting
from tests.support.consumer_stories import MERGED, STORIES
from tests.support.published import NAMES, PARTITIONS, Workers

from idweave_adapters.read_model import (
    ReadModelError,
    RocksStore,
    StoredReadModel,
    Writer,
    raw_pairs,
)
from idweave_graph.digest import membership_digest
from idweave_streams.api import sources_of
from idweave_streams.follow import TopicMissingError
from idweave_streams.local.log import LocalLog
from idweave_streams.model_follower import (
    GRACE_S,
    LOOK_S,
    STALE_MS,
    Clock,
    ModelFollower,
    opened,
)
from idweave_streams.reliable import Record

Polled = dict[TopicPartition, Sequence[Record]]


class LogConsumer:
    """What the follower uses of a consumer, reading a log in memory."""

    def __init__(self, log: LocalLog, topics: Collection[str]) -> None:
        self._log = log
        self._topics = set(topics)
        self._at: dict[TopicPartition, int] = {}
        self.read = 0

    async def topics(self) -> set[str]:
        return self._topics

    async def identify(self) -> dict[str, str]:
        return {topic: str(id(self._log)) for topic in self._topics}

    def subscribe(self, topics: Collection[str]) -> None:
        places = (TopicPartition(t, p) for t in topics for p in range(PARTITIONS))
        self._at = dict.fromkeys(places, 0)

    def assignment(self) -> set[TopicPartition]:
        return set(self._at)

    async def seek_to_beginning(self, place: TopicPartition) -> None:
        self._at[place] = 0

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._at[place] = offset

    async def position(self, place: TopicPartition) -> int:
        return self._at[place]

    async def end_offsets(
        self, places: Collection[TopicPartition]
    ) -> dict[TopicPartition, int]:
        return {place: self._log.end(*place) for place in places}

    async def getmany(self, *, timeout_ms: int) -> Polled:
        await asyncio.sleep(min(timeout_ms, 1) / 1000)
        found = {
            p: self._log.read(p.topic, p.partition, at, 7) for p, at in self._at.items()
        }
        for place, records in found.items():
            self._at[place] += len(records)
            self.read += len(records)
        return {place: records for place, records in found.items() if records}


SCRUB_MS = 3_600_000


def follower_of(
    consumer: "LogConsumer", store: RocksStore, times: "Times"
) -> ModelFollower:
    """One that asks the log which topics these are."""
    return ModelFollower(
        consumer,
        sources_of(NAMES),
        store,
        times.clock,
        identify=consumer.identify,
        scrub_ms=SCRUB_MS,
    )


class Times:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now_s, lambda: int(self.now_s * 1000))


@asynccontextmanager
async def following(
    workers: Workers, folder: Path, times: Times
) -> AsyncIterator[tuple[ModelFollower, RocksStore, LogConsumer]]:
    """Follow inside."""
    store = opened(folder, times.clock.unix_ms())
    consumer = LogConsumer(workers.log, sources_of(NAMES))
    follower = follower_of(consumer, store, times)
    task = asyncio.create_task(follower.run())
    try:
        yield follower, store, consumer
    finally:
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        store.close()
    if not isinstance(outcome, asyncio.CancelledError):
        assert isinstance(outcome, Exception)
        raise outcome


async def until(claim: Callable[[], bool]) -> None:
    """The claim has come true."""

    async def claimed() -> bool:
        return claim()

    await waiting.until(claimed, 60, 0.01)


def knows_all(store: RocksStore, workers: Workers) -> Callable[[], bool]:
    """Whether the model says of business 900 what the table says."""
    pairs = [
        (member, person.id)
        for person in workers.persons()
        if person.business == "900"
        for member in person.members
    ]
    return lambda: StoredReadModel(store).digest("900") == membership_digest(pairs)


async def test_it_is_ready_at_the_end_and_goes_on(tmp_path: Path) -> None:
    """What is told later comes in as well, and how far behind it is stays known."""
    workers, times = Workers(), Times()
    workers.handle(STORIES["tangle-1"])

    async with following(workers, tmp_path / "m", times) as (follower, store, _):
        assert not follower.fresh().is_ready
        await until(lambda: follower.fresh().is_ready)
        assert knows_all(store, workers)()
        workers.handle(MERGED)
        await until(knows_all(store, workers))
        times.now_s += LOOK_S
        await until(lambda: follower.fresh().behind == 0)


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    """Only what came meanwhile is read."""
    workers, times = Workers(), Times()
    workers.handle(STORIES["tangle-1"])
    async with following(workers, tmp_path / "m", times) as (follower, *_):
        await until(lambda: follower.fresh().is_ready)
    told = sum(len(e) for e in workers.places().values())
    workers.handle(MERGED)
    new = sum(len(e) for e in workers.places().values()) - told

    async with following(workers, tmp_path / "m", times) as (follower, store, consumer):
        await until(lambda: follower.fresh().is_ready)

        assert knows_all(store, workers)()
        assert 0 < consumer.read == new


async def test_a_copy_that_was_away_for_too_long_is_made_anew(tmp_path: Path) -> None:
    """Tombstones may have been taken away meanwhile."""
    workers, times = Workers(), Times()
    workers.handle(STORIES["tangle-1"])
    async with following(workers, tmp_path / "m", times) as (follower, *_):
        await until(lambda: follower.fresh().is_ready)
    told = sum(len(entries) for entries in workers.places().values())
    times.now_s += STALE_MS / 1000 + 1

    async with following(workers, tmp_path / "m", times) as (follower, store, consumer):
        await until(lambda: follower.fresh().is_ready)

        assert consumer.read == told
        assert knows_all(store, workers)()


async def test_who_left_is_forgotten_after_a_while(tmp_path: Path) -> None:
    """Out of the store within the grace and two looks, out of files within a day."""
    workers, times = Workers(), Times()
    workers.handle(MERGED)
    async with following(workers, tmp_path / "m", times) as (follower, store, _):
        await until(lambda: follower.fresh().is_ready)
        assert _names(store, b"3001")
        workers.handle(STORIES["erased"][len(MERGED) :])
        await until(knows_all(store, workers))

        def later() -> bool:
            times.now_s += GRACE_S
            return not _names(store, b"3001")

        await until(later)

        await until(lambda: Writer(store).unclean_ms() is not None)
        times.now_s += SCRUB_MS / 1000
        await until(lambda: Writer(store).unclean_ms() is None)
        await until(knows_all(store, workers))
        assert not _lies_in(tmp_path / "m", "3001")


async def test_no_restart_puts_the_rewriting_off(tmp_path: Path) -> None:
    """Files are clean within the time, however often the process begins anew."""
    workers, times, folder = Workers(), Times(), tmp_path / "m"
    workers.handle(STORIES["erased"])
    for _ in range(3):
        async with following(workers, folder, times) as (follower, store, _):
            await until(lambda: follower.fresh().is_ready)
            times.now_s += 2 * GRACE_S
            await until(lambda: Writer(store).unclean_ms() is not None)
            times.now_s += 2 * GRACE_S
            await until(lambda: not Writer(store).is_owing())
        times.now_s += SCRUB_MS / 5000
    assert _lies_in(folder, "3001")

    times.now_s += SCRUB_MS / 1000
    async with following(workers, folder, times) as (_, store, _):
        await until(lambda: Writer(store).unclean_ms() is None)
        assert not _lies_in(folder, "3001")


def _lies_in(folder: Path, user: str) -> bool:
    """Whether an id of the user lies in a file; times and sizes are no ids."""
    forms = [form.encode() for form in (f":{user}", f'"{user}"', f"\0{user}")]
    return any(form in k + v for k, v in raw_pairs(folder) for form in forms)


def _names(store: RocksStore, text: bytes) -> bool:
    return any(text in key + value for key, value in store.scan(b""))


async def test_topics_that_were_made_anew_are_told(tmp_path: Path) -> None:
    """Their offsets begin again, so nothing can be gone on from."""
    workers, times = Workers(), Times()
    workers.handle(STORIES["tangle-1"])
    async with following(workers, tmp_path / "m", times) as (follower, *_):
        await until(lambda: follower.fresh().is_ready)

    with pytest.raises(ReadModelError, match="empty the folder"):
        async with following(Workers(), tmp_path / "m", times):
            await asyncio.sleep(0.1)


async def test_a_missing_topic_is_told(tmp_path: Path) -> None:
    """With what to do about it."""
    store = RocksStore(tmp_path / "m")
    consumer = LogConsumer(Workers().log, {NAMES.persons})
    follower = follower_of(consumer, store, Times())

    with pytest.raises(TopicMissingError, match="idweave topics apply"):
        await follower.run()

    store.close()
