"""The broker that tests run against is a real one, and the short ways to use it work."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError
from tests.support.kafka import (
    KafkaBroker,
    Record,
    Stored,
    committed_offsets,
    create_topics,
    end_offsets,
    produce,
    read_topic,
)
from tests.support.waiting import until


def values(records: list[Stored]) -> list[bytes | None]:
    return [record.value for record in records]


async def transact(bootstrap: str, topic: str, transactional_id: str) -> None:
    """One committed transaction, then an aborted one."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=transactional_id
    ) as producer:
        async with producer.transaction():
            await producer.send(topic, b"kept")
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"dropped")
        await producer.abort_transaction()


async def test_what_is_produced_can_be_read(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """Key, value, headers, partition and time come back; a missing value stays missing."""
    topic = f"{topic_prefix}round-trip"
    await create_topics(kafka.bootstrap, {topic: 3})
    sent = [
        Record(b"a", b"k", (("h", b"1"),), partition=2, timestamp_ms=1_000),
        Record(None, b"k", partition=0, timestamp_ms=2_000),
    ]

    places = await produce(kafka.bootstrap, topic, sent)
    found = await read_topic(kafka.bootstrap, topic)

    assert places == [(2, 0), (0, 0)]
    assert found == [
        Stored(0, 0, b"k", None, (), 2_000),
        Stored(2, 0, b"k", b"a", (("h", b"1"),), 1_000),
    ]
    assert await end_offsets(kafka.bootstrap, topic) == {0: 1, 1: 0, 2: 1}


async def test_an_aborted_transaction_is_not_read(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """Readers of committed records see whole transactions only."""
    topic = f"{topic_prefix}tx"
    await create_topics(kafka.bootstrap, {topic: 1})

    await transact(kafka.bootstrap, topic, f"{topic_prefix}tx")

    committed = await read_topic(kafka.bootstrap, topic)
    written = await read_topic(kafka.bootstrap, topic, "read_uncommitted")
    assert values(committed) == [b"kept"]
    assert values(written) == [b"kept", b"dropped"]


async def test_an_open_transaction_ends_the_reading(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """`read_topic` stops at an open transaction instead of waiting for it."""
    topic = f"{topic_prefix}open"
    await create_topics(kafka.bootstrap, {topic: 1})
    async with AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic_prefix}open"
    ) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"open")

        assert await read_topic(kafka.bootstrap, topic) == []

        await producer.commit_transaction()
    assert values(await read_topic(kafka.bootstrap, topic)) == [b"open"]


async def test_a_compacted_topic_forgets_old_values(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """Compaction really runs: of one key only its last value stays."""
    topic = f"{topic_prefix}compact"
    config = {
        "cleanup.policy": "compact",
        "min.cleanable.dirty.ratio": "0.001",
        "segment.ms": "100",
    }
    await create_topics(kafka.bootstrap, {topic: 1}, config)
    await produce(kafka.bootstrap, topic, [Record(b"old", b"k"), Record(b"new", b"k")])
    # The active segment is never compacted: another record, later, opens the next.
    await asyncio.sleep(0.2)
    await produce(kafka.bootstrap, topic, [Record(b"-", b"other")])

    async def only_the_last() -> bool:
        return values(await read_topic(kafka.bootstrap, topic)) == [b"new", b"-"]

    await until(only_the_last)


async def test_a_group_has_what_it_committed(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """`committed_offsets` names exactly the partitions that the group committed."""
    topic, group = f"{topic_prefix}in", f"{topic_prefix}group"
    await create_topics(kafka.bootstrap, {topic: 2})
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap, group_id=group, enable_auto_commit=False
    ) as consumer:
        consumer.assign([TopicPartition(topic, 0), TopicPartition(topic, 1)])
        await consumer.commit({TopicPartition(topic, 1): 7})

    assert await committed_offsets(kafka.bootstrap, group) == {(topic, 1): 7}


async def test_a_large_record_passes(kafka: KafkaBroker, topic_prefix: str) -> None:
    """Records up to 8 MiB are stored."""
    topic = f"{topic_prefix}large"
    await create_topics(kafka.bootstrap, {topic: 1})
    async with AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap, max_request_size=8 * 1024 * 1024
    ) as producer:
        await producer.send_and_wait(topic, bytes(7 * 1024 * 1024))

    assert await end_offsets(kafka.bootstrap, topic) == {0: 1}


async def test_topics_are_made_on_purpose(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """A topic can't be made twice, nor by asking for it."""
    await create_topics(kafka.bootstrap, {f"{topic_prefix}one": 1})

    with pytest.raises(TopicAlreadyExistsError):
        await create_topics(kafka.bootstrap, {f"{topic_prefix}one": 1})
    with pytest.raises(UnknownTopicOrPartitionError):
        await read_topic(kafka.bootstrap, f"{topic_prefix}never-made")


@pytest.mark.usefixtures("kafka")
async def test_a_restart_keeps_everything(tmp_path: Path, topic_prefix: str) -> None:
    """After stop or kill and start: the same address, topics and records."""
    topic = f"{topic_prefix}kept"
    with KafkaBroker(tmp_path) as broker:
        address = broker.bootstrap
        await create_topics(address, {topic: 1})
        await produce(address, topic, [b"before"])

        broker.restart()
        await produce(broker.bootstrap, topic, [b"between"])
        broker.kill()
        broker.start()

        assert broker.bootstrap == address
        assert values(await read_topic(address, topic)) == [b"before", b"between"]


@pytest.mark.usefixtures("kafka")
async def test_the_older_line_works_too(topic_prefix: str) -> None:
    """Kafka 3.9 serves topics and transactions as well."""
    topic = f"{topic_prefix}older"
    with KafkaBroker(version="3.9") as broker:
        await create_topics(broker.bootstrap, {topic: 1})
        await transact(broker.bootstrap, topic, "older")

        assert values(await read_topic(broker.bootstrap, topic)) == [b"kept"]


@pytest.mark.parametrize(("required", "verdict"), [("0", "skipped"), ("1", "error")])
def test_a_missing_broker_skips_unless_required(
    tmp_path: Path, required: str, verdict: str
) -> None:
    """Without Java a test is skipped with the reason; where Kafka is required it fails."""
    ended = subprocess.run(  # noqa: S603 - this file, with another PATH
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"),
            f"{__file__}::{test_topics_are_made_on_purpose.__name__}",
        ],
        env={
            **{k: v for k, v in os.environ.items() if k != "JAVA_HOME"},
            "PATH": str(tmp_path),
            "IDWEAVE_REQUIRE_KAFKA": required,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"1 {verdict}" in ended.stdout
    assert "no java in PATH" in ended.stdout
