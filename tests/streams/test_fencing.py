"""Two writers of one topic: the earlier one stops, and is told why once."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiokafka.errors import IllegalOperation, ProducerFenced
from tests.streams.dlq.letters import letter_of, stored
from tests.support.kafka import KafkaBroker

from idweave_graph.ids import Asset, BusinessId
from idweave_graph.ownership import Ownership
from idweave_streams.assets.topic import assets_writer
from idweave_streams.broker_errors import NotDone
from idweave_streams.demo.on_kafka import create_topics
from idweave_streams.dlq.writing import replay_writer
from idweave_streams.fencing import one_writer
from idweave_streams.reliable import Output
from idweave_streams.settings import Settings

MANY = 300

Complaints = list[Mapping[str, Any]]


@pytest.fixture
async def complaints() -> AsyncIterator[Complaints]:
    """What the event loop would print."""
    heard: Complaints = []
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: heard.append(context))
    yield heard
    loop.set_exception_handler(before)


@pytest.fixture
async def settings(kafka: KafkaBroker, topic_prefix: str) -> Settings:
    """A deployment with all its topics."""
    settings = Settings(
        kafka=kafka.bootstrap, topic_prefix=topic_prefix, partitions=2, replication=1
    )
    await create_topics(settings)
    return settings


async def abandoned() -> None:
    """Let go of whatever nobody waits for."""
    for _ in range(3):
        gc.collect()
        await asyncio.sleep(0)


async def test_a_replay_that_another_one_ends_is_told_so_once(
    settings: Settings, complaints: Complaints
) -> None:
    """Nothing but the reason reaches the operator, however many letters were under way."""
    login = Output(settings.topics.logins, b"k", b"{}")
    letters = [letter_of(stored(login, n), n) for n in range(MANY)]
    async with replay_writer(settings) as earlier, replay_writer(settings):
        with pytest.raises(NotDone, match="another replay has begun"):
            await earlier.send(letters)
    del earlier
    await abandoned()

    assert complaints == []


async def test_a_writer_of_assets_that_another_one_ends_is_told_so_once(
    settings: Settings, complaints: Complaints
) -> None:
    """As with a replay."""
    owner = BusinessId("1")
    records = [Ownership(Asset.parse(f"app:{n}"), owner, 1) for n in range(MANY)]
    async with assets_writer(settings) as earlier, assets_writer(settings):
        with pytest.raises(NotDone, match="nothing was written, try again"):
            await earlier.write(records)
    del earlier
    await abandoned()

    assert complaints == []


@pytest.mark.parametrize("kind", [ProducerFenced, IllegalOperation])
async def test_other_complaints_are_still_heard(
    kind: type[Exception], complaints: Complaints
) -> None:
    """Only what the client says of the lost right to write is kept back."""
    with pytest.raises(NotDone, match="somebody else"), one_writer("somebody else"):
        raise kind
    loop = asyncio.get_running_loop()
    for error in (kind(), OSError()):
        loop.create_future().set_exception(error)
    await abandoned()

    assert [type(each["exception"]) for each in complaints] == [OSError]
