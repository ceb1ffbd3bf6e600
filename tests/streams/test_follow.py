"""A small topic is known whole before anything else begins, and then followed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from tests.support.kafka import KafkaBroker, Record, create_topics, produce
from tests.support.waiting import until

from idweave_streams.follow import Follower, TopicMissingError

Pair = tuple[bytes | None, bytes | None]


class View:
    """Takes over what a follower reads."""

    def __init__(self, kafka: KafkaBroker, topic: str) -> None:
        self.seen: list[Pair] = []
        self.follower = Follower(kafka.bootstrap, topic, self._apply)
        self._running: asyncio.Task[None] | None = None

    def _apply(self, key: bytes | None, value: bytes | None) -> None:
        self.seen.append((key, value))

    def run(self) -> None:
        self._running = asyncio.create_task(self.follower.run())

    async def stop(self) -> None:
        """It has ended by itself when the follower was stopped."""
        await self.follower.stop()
        if self._running is not None:
            await asyncio.wait_for(self._running, 30)


@pytest.fixture
async def topic(kafka: KafkaBroker, topic_prefix: str) -> str:
    """A compacted topic of one partition."""
    name = f"{topic_prefix}assets"
    await create_topics(kafka.bootstrap, {name: 1}, {"cleanup.policy": "compact"})
    return name


@pytest.fixture
async def view(kafka: KafkaBroker, topic: str) -> AsyncIterator[View]:
    view = View(kafka, topic)
    yield view
    await view.stop()


def pairs(count: int, start: int = 0) -> list[Record]:
    return [
        Record(b"v%d" % number, b"k%d" % number)
        for number in range(start, start + count)
    ]


async def test_everything_that_stands_there_is_known_after_the_start(
    kafka: KafkaBroker, topic: str, view: View
) -> None:
    """In order, tombstones included; however long that takes."""
    tombstone = Record(None, b"k3")
    await produce(kafka.bootstrap, topic, [*pairs(3_000), tombstone])

    await view.follower.start()

    assert view.seen == [(r.key, r.value) for r in [*pairs(3_000), tombstone]]


async def test_what_comes_later_is_followed(
    kafka: KafkaBroker, topic: str, view: View
) -> None:
    """Nothing is read twice or left out between start and run."""
    await produce(kafka.bootstrap, topic, pairs(5))
    await view.follower.start()
    await produce(kafka.bootstrap, topic, pairs(5, start=5))
    view.run()
    await produce(kafka.bootstrap, topic, pairs(5, start=10))

    await until(lambda: _has(view, 15))

    assert view.seen == [(r.key, r.value) for r in pairs(15)]


async def _has(view: View, count: int) -> bool:
    return len(view.seen) >= count


async def test_an_empty_topic_is_known_at_once(view: View) -> None:
    await view.follower.start()

    assert view.seen == []


async def test_a_topic_that_ends_in_what_was_removed_is_known_to_its_end(
    kafka: KafkaBroker, topic: str, view: View
) -> None:
    """As compaction leaves it: the last offsets are there no more.

    Markers of transactions have offsets and are no records, so they stand in for it.
    """
    await produce_in_transactions(kafka.bootstrap, topic, pairs(3))

    await asyncio.wait_for(view.follower.start(), 30)

    assert view.seen == [(r.key, r.value) for r in pairs(3)]


async def produce_in_transactions(
    bootstrap: str, topic: str, records: list[Record]
) -> None:
    """Each record in a transaction of its own, and one at the end that is aborted."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"{topic}-writer"
    ) as producer:
        for record in records:
            async with producer.transaction():
                await producer.send_and_wait(topic, record.value, record.key)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"never", b"k")
        await producer.abort_transaction()


async def test_all_partitions_are_read_where_there_are_several(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """A topic that somebody made otherwise is not read in part."""
    topic = f"{topic_prefix}wide"
    await create_topics(kafka.bootstrap, {topic: 4})
    await produce(kafka.bootstrap, topic, pairs(40))
    view = View(kafka, topic)

    await view.follower.start()

    await view.stop()
    assert sorted(view.seen, key=str) == sorted(
        ((r.key, r.value) for r in pairs(40)), key=str
    )


async def test_a_missing_topic_is_told_and_not_made(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """At once, with what to do; nothing stays open, and looking made no topic."""
    topic = f"{topic_prefix}missing"
    for _ in range(2):
        view = View(kafka, topic)
        with pytest.raises(TopicMissingError, match="run `idweave topics apply`"):
            await asyncio.wait_for(view.follower.start(), 10)


async def test_without_a_broker_nothing_stays_open() -> None:
    """The error of the client comes through, and no warning of its own."""
    follower = Follower("127.0.0.1:1", "assets", lambda _, __: None)

    with pytest.raises(KafkaConnectionError):
        await follower.start()


async def test_stopping_what_never_started_does_no_harm() -> None:
    await Follower("127.0.0.1:1", "assets", lambda _, __: None).stop()
