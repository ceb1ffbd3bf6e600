"""Whether a partition has anything left is known for sure, or taken as yes."""

from pathlib import Path

import aiokafka
from aiokafka.admin import RecordsToDelete
from aiokafka.structs import TopicPartition
from faust.types import TP
from tests.support.kafka import KafkaBroker, admin, create_topics, produce

from idweave_streams.reliable import ReliableApp
from idweave_streams.reliable.probe import has_records_from


def make_app(kafka: KafkaBroker, tmp_path: Path) -> ReliableApp:
    broker = f"kafka://{kafka.bootstrap}"
    return ReliableApp("probe-test", broker=broker, datadir=tmp_path)


async def test_records_at_or_after_the_position_are_found(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Up to the end there is something, at the end there is nothing."""
    topic = f"{topic_prefix}t"
    await create_topics(kafka.bootstrap, {topic: 1})
    await produce(kafka.bootstrap, topic, [b"0", b"1"])
    app = make_app(kafka, tmp_path)

    assert await has_records_from(app, TP(topic, 0), 0)
    assert await has_records_from(app, TP(topic, 0), 1)
    assert not await has_records_from(app, TP(topic, 0), 2)


async def test_an_aborted_tail_still_counts_as_something_to_read(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """The client moves over it by itself: no reason to give up early."""
    topic = f"{topic_prefix}t"
    await create_topics(kafka.bootstrap, {topic: 1})
    async with aiokafka.AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic_prefix}tx"
    ) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"aborted")
        await producer.abort_transaction()

    assert await has_records_from(make_app(kafka, tmp_path), TP(topic, 0), 0)


async def test_a_topic_emptied_from_the_front_has_nothing(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """All records deleted: the end is where nothing is."""
    topic = f"{topic_prefix}t"
    await create_topics(kafka.bootstrap, {topic: 1})
    await produce(kafka.bootstrap, topic, [b"0", b"1"])
    async with admin(kafka.bootstrap) as client:
        await client.delete_records({TopicPartition(topic, 0): RecordsToDelete(2)})

    assert not await has_records_from(make_app(kafka, tmp_path), TP(topic, 0), 2)
