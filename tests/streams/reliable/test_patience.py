"""A broker that is not there is asked again after a pause."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from tests.support.kafka import KafkaBroker, own_broker

from idweave_streams.reliable.patience import with_patience

WINDOW_S = 1.5


async def asked(broker: KafkaBroker, *, is_patient: bool) -> int:
    """How often a client that wants to know a leader tries to, of a broker that died."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
    if is_patient:
        with_patience(producer.client)
    await producer.start()
    try:
        await asyncio.to_thread(broker.kill)
        times, loop = 0, asyncio.get_running_loop()
        ends = loop.time() + WINDOW_S
        while loop.time() < ends:  # as the loop of aiokafka's sender does
            await producer.client.force_metadata_update()
            times += 1
        return times
    finally:
        await producer.stop()


@pytest.fixture
def dying(
    kafka: KafkaBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[KafkaBroker]:
    caplog.set_level(logging.CRITICAL, logger="aiokafka")
    with own_broker(kafka, tmp_path) as broker:
        yield broker


async def test_stock_asks_as_fast_as_it_is_refused(dying: KafkaBroker) -> None:
    """A core and a disk full of log lines go into a broker that is not there."""
    assert await asked(dying, is_patient=False) > 50


async def test_ours_asks_five_times_a_second(dying: KafkaBroker) -> None:
    """Each refusal is followed by a pause."""
    assert 1 <= await asked(dying, is_patient=True) <= 9
