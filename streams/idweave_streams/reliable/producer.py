"""Sends outputs and changelog batches, and waits until the broker has them.

One idempotent producer per process, on the main loop. Records are packed into record
batches by us: that costs a tenth of single sends, and the broker appends a batch whole
or not at all.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache

import aiokafka
import faust
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.partitioner import DefaultPartitioner, murmur2
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth, server_list
from mode import Service

from .errors import DeliveryFailed, WrongUse
from .funnel import Funnel, Parcel, Place, parcelled
from .lease import only_while
from .patience import with_patience
from .records import Output
from .store import Change

# Under the broker's default message.max.bytes (1 MiB + 12), headers included.
BATCH_BYTES = 900 * 1024
# One output may be larger: it goes alone, and its topic's max.message.bytes decides.
OUTPUT_BYTES = 5 * 1024**2
_LINGER_MS = 0  # batches are sent closed; they never wait for company


class DoesNotFitError(Exception):
    """The records do not fit into one batch: send less at a time."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A closed record batch and where it goes."""

    topic: str
    partition: int
    builder: BatchBuilder

    @property
    def count(self) -> int:
        """How many records it holds."""
        count: int = self.builder.record_count()
        return count


class Outbox(Service):
    """The producer of the process. Nothing else may write what units promise."""

    def __init__(
        self,
        app: faust.App,
        *,
        delivery_timeout_s: float,
        may_write: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(beacon=app.beacon)
        self._may_write = may_write
        self._app = app
        self.delivery_timeout_s = delivery_timeout_s
        self._producer: aiokafka.AIOKafkaProducer | None = None
        self._funnel = Funnel(self._builder, self._send_joined, BATCH_BYTES)

    async def on_start(self) -> None:
        """Connect."""
        conf = self._app.conf
        self._producer = aiokafka.AIOKafkaProducer(
            bootstrap_servers=server_list(conf.broker_producer, 9092),
            client_id=f"{conf.broker_client_id}-outbox",
            enable_idempotence=True,
            acks="all",
            linger_ms=_LINGER_MS,
            max_batch_size=BATCH_BYTES,
            max_request_size=2 * BATCH_BYTES,
            compression_type=conf.producer_compression_type,
            request_timeout_ms=int(min(conf.broker_request_timeout, 30.0) * 1000),
            **credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        )
        with_patience(self._producer.client)
        only_while(self._producer.client, self._may_write)
        await self._producer.start()

    async def on_stop(self) -> None:
        """Disconnect. Units wait for their own acknowledgements, so nothing is open.

        What a failed unit has left is not sent: it is not known whose turn it is.
        """
        producer = self._producer
        if producer is None:
            return
        if not self._may_write():
            await producer._sender.close()  # noqa: SLF001 - a stop would send it all
        await asyncio.wait_for(producer.stop(), self.delivery_timeout_s)

    async def publish(self, outputs: Sequence[Output]) -> None:
        """Send records from outside a unit (timers, results of calls), and wait.

        Raises:
            DeliveryFailed: not all are acknowledged; the process must exit or the
                caller must know how to find the work again.
            WrongUse: one record is larger than an output may be.
        """
        try:
            parcels = await self.pack(outputs)
        except DoesNotFitError:
            raise WrongUse(f"an output is larger than {OUTPUT_BYTES} bytes") from None
        await self.deliver(parcels)

    async def pack(self, outputs: Sequence[Output]) -> list[Parcel]:
        """Sort outputs by where they go, keeping the order within each place.

        Raises:
            DoesNotFitError: one record alone is larger than an output may be.
            DeliveryFailed: a topic does not exist.
        """
        counts = {o.topic: 0 for o in outputs}
        for topic in counts:
            counts[topic] = await self._partition_count(topic)
        placed = [((o.topic, _partition_of(o, counts[o.topic])), o) for o in outputs]
        parcels = parcelled(placed, BATCH_BYTES)
        if any(parcel.size_bytes > OUTPUT_BYTES for parcel in parcels):
            raise DoesNotFitError
        return parcels

    def pack_changes(
        self, topic: str, partition: int, changes: Iterable[Change]
    ) -> Batch:
        """Build the one changelog batch of a unit.

        Raises:
            DoesNotFitError: the changes are larger than a batch.
        """
        builder = self._builder()
        for key, value in changes:
            if builder.append(timestamp=None, key=key, value=value) is None:
                raise DoesNotFitError
        return Batch(topic, partition, builder)

    async def deliver(self, parcels: Sequence[Parcel]) -> None:
        """Send outputs and return once all are acknowledged.

        Raises:
            DeliveryFailed: at least one is not acknowledged within the time. It may
                still arrive: the caller must not act as if it had not.
        """
        if parcels:
            async with self._patience({p.place[0] for p in parcels}):
                await self._funnel.deliver(parcels)

    async def deliver_changes(self, batch: Batch) -> int:
        """Send a changelog batch; its base offset once it is acknowledged.

        Raises:
            DeliveryFailed: as for outputs.
        """
        async with self._patience({batch.topic}):
            ack = await self._send(batch)
        base: int = ack.offset
        return base

    @asynccontextmanager
    async def _patience(self, topics: set[str]) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.delivery_timeout_s):
                yield
        except (KafkaError, TimeoutError) as exc:
            raise DeliveryFailed(
                f"no acknowledgement from the broker for {', '.join(sorted(topics))} "
                f"within {self.delivery_timeout_s:.0f} s ({type(exc).__name__}). Check "
                "the broker, the topics and the rights to write to them."
            ) from exc

    async def _send_joined(self, place: Place, builder: BatchBuilder) -> None:
        await self._send(Batch(*place, builder))

    async def _send(self, batch: Batch) -> RecordMetadata:
        """Hand a batch to the client, which keeps one waiting per partition."""
        batch.builder.close()
        while True:
            try:
                ack = await self._connected().send_batch(
                    batch.builder, batch.topic, partition=batch.partition
                )
            except KafkaTimeoutError:  # queue still full: the caller's time decides
                continue
            return await ack

    async def _partition_count(self, topic: str) -> int:
        error: KafkaError | None = None
        try:
            async with asyncio.timeout(self.delivery_timeout_s):
                while True:
                    try:
                        return len(await self._connected().partitions_for(topic))
                    except KafkaError as exc:
                        # Also where the broker was away, or this process stood still.
                        error = exc
                        if not exc.retriable:
                            break
        except TimeoutError:
            pass
        raise DeliveryFailed(
            f"topic {topic} is not there ({type(error).__name__}); create it. If it is "
            "there, the broker could not be asked: check the broker and the rights"
        ) from error

    def _builder(self) -> BatchBuilder:
        return self._connected().create_batch()

    def _connected(self) -> aiokafka.AIOKafkaProducer:
        if self._producer is None:
            raise WrongUse("the outbox has not started yet")
        return self._producer


def _partition_of(output: Output, count: int) -> int:
    if output.partition is not None:
        if not 0 <= output.partition < count:
            raise WrongUse(f"{output.topic} has no partition {output.partition}")
        return output.partition
    if output.key is None:
        partition: int = DefaultPartitioner()(None, list(range(count)), [])
        return partition
    return partition_for(output.key, count)


@lru_cache(maxsize=65_536)  # the hash is pure Python, about 10 us for a short key
def partition_for(key: bytes, count: int) -> int:
    """Return the partition that Kafka's default partitioner gives ``key``."""
    hashed: int = murmur2(key)
    return (hashed & 0x7FFFFFFF) % count
