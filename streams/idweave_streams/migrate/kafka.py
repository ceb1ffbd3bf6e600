"""The Kafka side of a migration: who owns what, the evidence log, ids from a topic."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from idweave_graph.evidence import Cause
from idweave_graph.holds import Hold
from idweave_graph.messages import LogMessage
from idweave_streams.broker_errors import Refused, translated
from idweave_streams.codecs import encode_hold, encode_log
from idweave_streams.follow import Follower, TopicMissingError
from idweave_streams.migrate.entries import (
    Entry,
    InputChangedError,
    Position,
    read_asid,
)
from idweave_streams.outputs import hold_outputs
from idweave_streams.settings import Settings
from idweave_streams.views import HoldBook, OwnershipBook

TIMEOUT_S = 60.0
"""For connecting, for reading the small topics, and for storing one record."""
POLL_MS = 500
ASSIGN_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Views:
    """What all workers know too, kept up to date while the migration runs."""

    ownership: OwnershipBook
    holds: HoldBook


@asynccontextmanager
async def followed(settings: Settings) -> AsyncIterator[Views]:
    """Know who owns what and who is held, as it stands and then as it changes.

    Raises:
        BrokerError: the topics can't be read.
    """
    views = Views(OwnershipBook(), HoldBook())
    topics = {
        settings.topics.assets: views.ownership.apply,
        settings.topics.holds: views.holds.apply,
    }
    async with AsyncExitStack() as stack:
        for topic, apply in topics.items():
            follower = Follower(settings.kafka, topic, apply)
            stack.push_async_callback(follower.stop)
            with translated(settings.kafka, TIMEOUT_S):
                await asyncio.wait_for(_start(follower), TIMEOUT_S)
            running = asyncio.create_task(follower.run())
            stack.push_async_callback(_end, running)
        yield views


async def _start(follower: Follower) -> None:
    try:
        await follower.start()
    except TopicMissingError as error:
        raise Refused(str(error)) from None


async def _end(running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class EvidenceLog:
    """Appends to the evidence log, and tells of holds. Made by `evidence_log`."""

    def __init__(self, settings: Settings, producer: Any) -> None:
        self._settings = settings
        self._producer = producer

    async def publish(self, messages: Sequence[LogMessage]) -> None:
        """Return once all *messages*, which are of one business, are on the log.

        Raises:
            BrokerError: they may be, or not.
        """
        key, value = messages[0].business.encode(), encode_log(messages)
        await self._store(self._settings.topics.evidence, key, value)

    async def tell_hold(self, hold: Hold) -> None:
        """Return once *hold* is where the workers and people read of it.

        Raises:
            BrokerError: it may be, or not.
        """
        names = self._settings.topics
        for output in hold_outputs(names, hold, encode_hold(hold)):
            await self._store(output.topic, output.key, output.value)

    async def _store(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        with translated(self._settings.kafka, TIMEOUT_S):
            sending = self._producer.send_and_wait(topic, value, key)
            await asyncio.wait_for(sending, TIMEOUT_S)


@asynccontextmanager
async def evidence_log(settings: Settings) -> AsyncIterator[EvidenceLog]:
    """Be able to write to the evidence log.

    Raises:
        BrokerError: the broker does not answer.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        client_id="idweave-migrate-asids",
        acks="all",
        enable_idempotence=True,
    )
    try:
        with translated(settings.kafka, TIMEOUT_S):
            await asyncio.wait_for(producer.start(), TIMEOUT_S)
        yield EvidenceLog(settings, producer)
    finally:
        await producer.stop()


@dataclass(frozen=True, slots=True)
class TopicInput:
    """The records that stand on a topic when it is first looked at, one id each."""

    settings: Settings
    topic: str

    @property
    def name(self) -> str:
        """The topic."""
        return f"topic {self.topic}"

    async def entries(self, start: Position) -> AsyncIterator[Entry]:
        """Yield the records behind *start*, one partition after the other.

        Raises:
            InputChangedError: it does not reach that far.
            BrokerError: the topic can't be read.
        """
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        servers = self.settings.kafka
        try:
            with translated(servers, TIMEOUT_S):
                await asyncio.wait_for(consumer.start(), TIMEOUT_S)
                places = await asyncio.wait_for(self._places(consumer), TIMEOUT_S)
                ends = await asyncio.wait_for(consumer.end_offsets(places), TIMEOUT_S)
            for place in places:
                begin = start.get(str(place.partition), 0)
                if begin > ends[place]:
                    raise InputChangedError(self.name)
                consumer.pause(*places)
                consumer.resume(place)
                consumer.seek(place, begin)
                async for entry in self._read(consumer, place, ends[place]):
                    yield entry
        finally:
            await consumer.stop()

    async def _places(self, consumer: Any) -> list[TopicPartition]:
        # Looked for first: to subscribe would wait for a missing topic, or make it.
        if self.topic not in await consumer.topics():
            msg = f"topic {self.topic} is not there; name one that is"
            raise Refused(msg)
        consumer.subscribe([self.topic])
        while not consumer.assignment():  # noqa: ASYNC110  (aiokafka tells nobody)
            await asyncio.sleep(ASSIGN_POLL_S)
        return sorted(consumer.assignment())

    async def _read(
        self, consumer: Any, place: TopicPartition, end: int
    ) -> AsyncIterator[Entry]:
        servers = self.settings.kafka
        while await _position(consumer, place, servers) < end:
            with translated(servers, TIMEOUT_S):
                fetched = await consumer.getmany(place, timeout_ms=POLL_MS)
            for record in fetched.get(place, ()):
                if record.offset >= end:
                    return
                yield Entry(
                    read_asid(record.value),
                    Cause(self.topic, place.partition, record.offset),
                    {str(place.partition): record.offset + 1},
                )


async def _position(consumer: Any, place: TopicPartition, servers: str) -> int:
    with translated(servers, TIMEOUT_S):
        position: int = await asyncio.wait_for(consumer.position(place), TIMEOUT_S)
        return position
