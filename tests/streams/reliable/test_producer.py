"""Outputs arrive whole, in order, where Kafka's own clients would put them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.kafka import KafkaBroker, Record, create_topics, produce, read_topic

from idweave_streams.reliable import (
    DeliveryFailed,
    Outbox,
    Output,
    ReliableApp,
    WrongUse,
    partition_for,
)
from idweave_streams.reliable.producer import OUTPUT_BYTES, DoesNotFitError


@pytest.fixture
async def outbox(kafka: KafkaBroker, tmp_path: Path) -> AsyncIterator[Outbox]:
    app = ReliableApp(
        "outbox-test",
        broker=f"kafka://{kafka.bootstrap}",
        datadir=tmp_path,
        broker_request_timeout=3.0,
        delivery_timeout_s=5.0,
    )
    async with app.outbox:
        yield app.outbox


async def test_what_is_published_arrives_as_given(
    kafka: KafkaBroker, outbox: Outbox, topic_prefix: str
) -> None:
    """Key, value, headers, partition and time come through; nulls stay nulls."""
    topic = f"{topic_prefix}t"
    await create_topics(kafka.bootstrap, {topic: 3})

    await outbox.publish(
        [
            Output(topic, b"k", b"v", (("h", b"1"),), partition=2, timestamp_ms=1_000),
            Output(topic, b"k", None, partition=1, timestamp_ms=2_000),
            Output(topic, None, b"v", partition=0, timestamp_ms=3_000),
        ]
    )

    found = await read_topic(kafka.bootstrap, topic)
    assert [
        (r.partition, r.key, r.value, r.headers, r.timestamp_ms) for r in found
    ] == [
        (0, None, b"v", (), 3_000),
        (1, b"k", None, (), 2_000),
        (2, b"k", b"v", (("h", b"1"),), 1_000),
    ]


async def test_keys_go_where_other_clients_put_them(
    kafka: KafkaBroker, outbox: Outbox, topic_prefix: str
) -> None:
    """Ours, and those of a plain client, lie in the same partitions."""
    ours, theirs = f"{topic_prefix}ours", f"{topic_prefix}theirs"
    await create_topics(kafka.bootstrap, {ours: 7, theirs: 7})
    keys = [f"key-{i}".encode() for i in range(200)]

    await outbox.publish([Output(ours, key, b"v") for key in keys])
    await produce(kafka.bootstrap, theirs, [Record(b"v", key) for key in keys])

    def places(records: list[object]) -> set[tuple[int, bytes]]:
        return {(r.partition, r.key) for r in records}  # type: ignore[attr-defined]

    found = places([*await read_topic(kafka.bootstrap, ours)])
    assert found == places([*await read_topic(kafka.bootstrap, theirs)])
    assert found == {(partition_for(key, 7), key) for key in keys}


async def test_order_is_kept_over_many_batches(
    kafka: KafkaBroker, outbox: Outbox, topic_prefix: str
) -> None:
    """More than one batch can hold: all of it, in order, in each partition."""
    topic = f"{topic_prefix}t"
    await create_topics(kafka.bootstrap, {topic: 2})
    outputs = [
        Output(topic, b"k", b"%06d" % i + b"x" * 4_000, partition=i % 2)
        for i in range(1_000)
    ]

    await outbox.publish(outputs)

    found = await read_topic(kafka.bootstrap, topic)
    assert [r.value for r in found] == [
        o.value for o in outputs if o.partition == 0
    ] + [o.value for o in outputs if o.partition == 1]


async def test_an_output_larger_than_a_batch_goes_alone(
    kafka: KafkaBroker, outbox: Outbox, topic_prefix: str
) -> None:
    """It arrives whole and in its place, where the topic allows its size."""
    topic = f"{topic_prefix}t"
    await create_topics(kafka.bootstrap, {topic: 1}, {"max.message.bytes": "6000000"})
    large = b"x" * (OUTPUT_BYTES - 200)

    await outbox.publish([Output(topic, b"k", v) for v in (b"1", large, b"2")])

    found = await read_topic(kafka.bootstrap, topic)
    assert [record.value for record in found] == [b"1", large, b"2"]


async def test_an_output_that_is_too_large_is_refused(
    kafka: KafkaBroker, outbox: Outbox, topic_prefix: str
) -> None:
    """Before anything is sent: neither the caller nor a unit sees half of it."""
    topic = f"{topic_prefix}t"
    await create_topics(kafka.bootstrap, {topic: 1})

    with pytest.raises(WrongUse):
        await outbox.publish(
            [Output(topic, b"k", b"fits"), Output(topic, b"k", b"x" * OUTPUT_BYTES)]
        )

    assert await read_topic(kafka.bootstrap, topic) == []


async def test_changes_are_one_batch_or_none(outbox: Outbox) -> None:
    """State is never split: what does not fit one batch is refused as a whole."""
    assert outbox.pack_changes("t", 0, [(b"a", b"1"), (b"b", None)]).count == 2

    with pytest.raises(DoesNotFitError):
        outbox.pack_changes("t", 0, [(b"k%d" % i, b"x" * 10_000) for i in range(100)])


async def test_a_missing_topic_is_named(outbox: Outbox, topic_prefix: str) -> None:
    """The operator learns which topic to create."""
    with pytest.raises(DeliveryFailed, match=f"topic {topic_prefix}none is not there"):
        await outbox.publish([Output(f"{topic_prefix}none", b"k", b"v")])


async def test_a_partition_that_is_not_there_is_wrong_use(
    kafka: KafkaBroker, outbox: Outbox, topic_prefix: str
) -> None:
    """A handler that computes partitions itself must know their number."""
    topic = f"{topic_prefix}t"
    await create_topics(kafka.bootstrap, {topic: 1})

    with pytest.raises(WrongUse, match="has no partition 1"):
        await outbox.publish([Output(topic, b"k", b"v", partition=1)])


async def test_before_the_start_nothing_can_be_sent(tmp_path: Path) -> None:
    """A clear error, not an attribute of None."""
    app = ReliableApp("outbox-test", datadir=tmp_path)

    with pytest.raises(WrongUse, match="not started"):
        await app.outbox.publish([Output("t", b"k", b"v")])


async def test_a_topic_that_the_broker_does_not_name_yet_is_waited_for(
    kafka: KafkaBroker, tmp_path: Path, topic_prefix: str
) -> None:
    """A broker that has just come up, or a pause of ours, is no missing topic."""
    topic, asked_s = f"{topic_prefix}late", 1.0
    app = ReliableApp(
        "outbox-test",
        broker=f"kafka://{kafka.bootstrap}",
        datadir=tmp_path,
        broker_request_timeout=asked_s,
    )
    async with app.outbox:
        sending = asyncio.create_task(app.outbox.publish([Output(topic, b"k", b"v")]))
        await asyncio.sleep(2 * asked_s)  # the client has given up once
        await create_topics(kafka.bootstrap, {topic: 1})
        await sending

    assert [r.value for r in await read_topic(kafka.bootstrap, topic)] == [b"v"]
