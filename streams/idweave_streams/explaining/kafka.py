"""The topics of a broker, each read to where it ends now, by a consumer without a group."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from idweave_streams.broker_errors import Refused, raise_for, translated
from idweave_streams.explaining.archive import Take
from idweave_streams.follow import TopicMissingError
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Record

IDLE_S = 60.0
"""For connecting, and for the next records of a partition that has more."""

POLL_MS = 500


class KafkaArchive:
    """What stands on a broker's topics. Made by `kafka_archive`."""

    def __init__(self, servers: str, consumer: Any, admin: Any) -> None:
        self._servers = servers
        self._consumer = consumer
        self._admin = admin

    async def read(
        self, topic: str, take: Take, keys: Collection[str] | None = None
    ) -> None:
        """Hand over what stands on *topic*: with *keys* of their partitions only.

        Raises:
            BrokerError: the topic is not there, or the broker does not answer.
        """
        with translated(self._servers, IDLE_S):
            async with asyncio.timeout(IDLE_S) as patience:
                places = await self._places(topic, keys)
                self._consumer.assign(places)
                ends = await self._consumer.end_offsets(places)
                await self._read(ends, take, patience)

    async def _places(
        self, topic: str, keys: Collection[str] | None
    ) -> list[TopicPartition]:
        # Looked for first: a broker may make a topic that somebody asks about.
        if topic not in await self._consumer.topics():
            raise Refused(str(TopicMissingError(topic)))
        (described,) = await self._admin.describe_topics([topic])
        raise_for(described["error_code"], f"topic {topic}")
        count = len(described["partitions"])
        wanted = set(range(count))
        if keys is not None:
            wanted = {partition_of(key, count) for key in keys}
        return [TopicPartition(topic, partition) for partition in sorted(wanted)]

    async def _read(
        self, ends: Mapping[TopicPartition, int], take: Take, patience: asyncio.Timeout
    ) -> None:
        while behind := [p for p in ends if await self._position(p) < ends[p]]:
            fetched = await self._consumer.getmany(*behind, timeout_ms=POLL_MS)
            for place, records in fetched.items():
                for record in records:
                    if record.offset < ends[place]:
                        take(Record.of(record))
            if fetched:
                patience.reschedule(asyncio.get_running_loop().time() + IDLE_S)

    async def _position(self, place: TopicPartition) -> int:
        # It also moves over markers of transactions and what compaction took away.
        position: int = await self._consumer.position(place)
        return position


@asynccontextmanager
async def kafka_archive(servers: str) -> AsyncIterator[KafkaArchive]:
    """Be able to read the topics of a broker.

    Raises:
        BrokerError: it does not answer.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    try:
        with translated(servers, IDLE_S):
            await asyncio.wait_for(consumer.start(), IDLE_S)
            await asyncio.wait_for(admin.start(), IDLE_S)
        yield KafkaArchive(servers, consumer, admin)
    finally:
        await consumer.stop()
        await admin.close()
