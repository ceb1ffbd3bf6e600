"""Reads spans of topics by a consumer of its own, which belongs to no group."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from idweave_streams.broker_errors import Refused, raise_for, translated
from idweave_streams.follow import TopicMissingError
from idweave_streams.reliable.probe import finds_something
from idweave_streams.state.space import Area

IDLE_S = 60.0
"""For connecting, and for the next records of a partition that has more."""
POLL_MS = 500
_FETCH_WAIT_MS = 50
"""For how long a broker may keep a request where nothing is new; others wait for it."""
_SILENT_POLLS = 4
"""After so many without a record the broker is asked whether there is any."""
_FETCH_BYTES = 8 << 20
"""Of one broker at once; the largest record of a topic is smaller."""

Records = Sequence[Any]
"""aiokafka's records of one partition, in offset order."""
Ends = Mapping[int, int]
"""By partition, the next offset."""


class Reader:
    """Reads what is committed. Made by `reader`; does one thing at a time."""

    def __init__(self, servers: str, consumer: Any, admin: Any) -> None:
        self._servers = servers
        self._consumer = consumer
        self._admin = admin

    async def partitions(self, topic: str) -> range:
        """Return the partitions of *topic*.

        Raises:
            BrokerError: the topic is not there, or the broker does not answer.
        """
        with translated(self._servers, IDLE_S):
            async with asyncio.timeout(IDLE_S):
                # Looked for first: a broker may make a topic that is asked about.
                if topic not in await self._consumer.topics():
                    raise Refused(str(TopicMissingError(topic)))
                (described,) = await self._admin.describe_topics([topic])
        raise_for(described["error_code"], f"topic {topic}")
        return range(len(described["partitions"]))

    async def ends(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """Return where each partition ends now."""
        return await self._offsets(self._consumer.end_offsets, topic, partitions)

    async def starts(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """Return the first offset that each partition still has."""
        return await self._offsets(self._consumer.beginning_offsets, topic, partitions)

    async def _offsets(
        self, ask: Callable[[Any], Any], topic: str, partitions: Iterable[int]
    ) -> dict[int, int]:
        places = [TopicPartition(topic, partition) for partition in partitions]
        with translated(self._servers, IDLE_S):
            found = await asyncio.wait_for(ask(places), IDLE_S)
        return {place.partition: offset for place, offset in found.items()}

    async def committed(
        self, group: str, topic: str, partitions: Iterable[int]
    ) -> dict[int, int]:
        """Return the next offset that *group* would read; 0 where it has read nothing."""
        with translated(self._servers, IDLE_S):
            asked = self._admin.list_consumer_group_offsets(group)
            try:
                found = await asyncio.wait_for(asked, IDLE_S)
            except GroupCoordinatorNotAvailableError:
                found = {}  # a new broker: nobody has ever committed anything
        done = {
            place.partition: max(0, meta.offset)
            for place, meta in found.items()
            if place.topic == topic
        }
        return {partition: done.get(partition, 0) for partition in partitions}

    async def read(
        self, topic: str, starts: Ends, ends: Ends, take: Callable[[int, Records], None]
    ) -> None:
        """Hand each partition's records from its start up to its end to *take*.

        Raises:
            BrokerError: the broker does not answer.
        """
        at = {p: starts.get(p, 0) for p in ends if starts.get(p, 0) < ends[p]}
        with translated(self._servers, IDLE_S):
            async with asyncio.timeout(IDLE_S) as patience:
                while at:
                    await self._seek(topic, at)
                    await self._read(topic, at, ends, take, patience)
                    await self._pass_over_holes(topic, at, ends)
        self._consumer.unsubscribe()  # or it would go on asking for what comes next

    async def _seek(self, topic: str, at: Ends) -> None:
        self._consumer.assign([TopicPartition(topic, partition) for partition in at])
        for partition, offset in at.items():
            self._consumer.seek(TopicPartition(topic, partition), offset)

    async def _read(
        self,
        topic: str,
        at: dict[int, int],
        ends: Ends,
        take: Callable[[int, Records], None],
        patience: asyncio.Timeout,
    ) -> None:
        """Read until all is read, or nothing comes for a while."""
        silent = 0
        while at and silent < _SILENT_POLLS:
            places = [TopicPartition(topic, partition) for partition in at]
            fetched = await self._consumer.getmany(*places, timeout_ms=POLL_MS)
            for place, records in fetched.items():
                end = ends[place.partition]
                wanted = [record for record in records if record.offset < end]
                if wanted:
                    take(place.partition, wanted)
            silent = 0 if fetched else silent + 1
            if fetched:
                patience.reschedule(asyncio.get_running_loop().time() + IDLE_S)
            for place in places:
                # It also moves over what compaction took away.
                at[place.partition] = await self._consumer.position(place)
                if at[place.partition] >= ends[place.partition]:
                    del at[place.partition]

    async def _pass_over_holes(
        self, topic: str, at: dict[int, int], ends: Ends
    ) -> None:
        """End the reading of partitions that have nothing left below their end."""
        for partition, offset in list(at.items()):
            place = TopicPartition(topic, partition)
            if not await finds_something(self._consumer, place, offset):
                del at[partition]

    async def has_records(self, topic: str, partition: int, start: int) -> bool:
        """Say whether the partition holds a record at *start* or behind it."""
        ends = await self.ends(topic, [partition])
        if ends[partition] <= start:
            return False
        place = TopicPartition(topic, partition)
        with translated(self._servers, IDLE_S):
            async with asyncio.timeout(IDLE_S):
                found = await finds_something(self._consumer, place, start)
        self._consumer.unsubscribe()
        return found

    async def read_on(
        self, topic: str, area: Area, starts: Ends | None = None
    ) -> dict[int, int]:
        """Fold *topic*, a compacted one, into *area*; return where it ends.

        With *starts* the area holds what stands before them.
        """
        partitions = await self.partitions(topic)
        ends = await self.ends(topic, partitions)

        def take(_: int, records: Records) -> None:
            area.write((record.key or b"", record.value) for record in records)

        await self.read(topic, starts or {}, ends, take)
        return ends


@asynccontextmanager
async def reader(servers: str) -> AsyncIterator[Reader]:
    """Be able to read the topics of a broker.

    Raises:
        BrokerError: it does not answer.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_max_bytes=_FETCH_BYTES,
        fetch_max_wait_ms=_FETCH_WAIT_MS,
    )
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    try:
        with translated(servers, IDLE_S):
            await asyncio.wait_for(consumer.start(), IDLE_S)
            await asyncio.wait_for(admin.start(), IDLE_S)
        yield Reader(servers, consumer, admin)
    finally:
        await consumer.stop()
        await admin.close()
