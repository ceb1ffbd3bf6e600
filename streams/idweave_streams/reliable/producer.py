"""Sends outputs and changelog batches, and waits until the broker has them.

One idempotent producer per process, on the main loop. Records are packed into record
batches here: a batch costs a tenth of single sends, and one batch is appended by the
broker whole or not at all.
"""

import asyncio
from collections.abc import Iterable, Sequence
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

    def __init__(self, app: faust.App, *, delivery_timeout_s: float) -> None:
        super().__init__(beacon=app.beacon)
        self._app = app
        self.delivery_timeout_s = delivery_timeout_s
        self._producer: aiokafka.AIOKafkaProducer | None = None

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
        await self._producer.start()

    async def on_stop(self) -> None:
        """Disconnect. Units wait for their own acknowledgements, so nothing is open."""
        if self._producer is not None:
            await asyncio.wait_for(self._producer.stop(), self.delivery_timeout_s)

    async def publish(self, outputs: Sequence[Output]) -> None:
        """Send records from outside a unit (timers, results of calls), and wait.

        Raises:
            DeliveryFailed: not all are acknowledged; the process must exit or the
                caller must know how to find the work again.
            WrongUse: one record is larger than an output may be.
        """
        try:
            batches = await self.pack(outputs)
        except DoesNotFitError:
            raise WrongUse(f"an output is larger than {OUTPUT_BYTES} bytes") from None
        await self.deliver(batches)

    async def pack(self, outputs: Sequence[Output]) -> list[Batch]:
        """Build batches per topic-partition, keeping the order within each.

        Raises:
            DoesNotFitError: one record alone is larger than an output may be.
            DeliveryFailed: a topic does not exist.
        """
        counts = {o.topic: 0 for o in outputs}
        for topic in counts:
            counts[topic] = await self._partition_count(topic)
        filling: dict[tuple[str, int], BatchBuilder] = {}
        batches: list[Batch] = []
        for output in outputs:
            at = (output.topic, _partition_of(output, counts[output.topic]))
            if at not in filling or not _append_output(filling[at], output):
                filling[at] = self._builder()
                batches.append(Batch(*at, filling[at]))
                # The builder takes a first record of any size, and none after it.
                _append_output(filling[at], output)
                if filling[at].size() > OUTPUT_BYTES:
                    raise DoesNotFitError
        return batches

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

    async def deliver(self, batches: Sequence[Batch]) -> list[int]:
        """Send batches in order and return the base offsets once all are acknowledged.

        Raises:
            DeliveryFailed: at least one is not acknowledged within the time. It may
                still arrive: the caller must not act as if it had not.
        """
        if not batches:
            return []
        try:
            async with asyncio.timeout(self.delivery_timeout_s):
                return await self._deliver(batches)
        except (KafkaError, TimeoutError) as exc:
            topics = ", ".join(sorted({b.topic for b in batches}))
            raise DeliveryFailed(
                f"no acknowledgement from the broker for {topics} within "
                f"{self.delivery_timeout_s:.0f} s ({type(exc).__name__}). Check the "
                "broker, the topics and the rights to write to them."
            ) from exc

    async def _deliver(self, batches: Sequence[Batch]) -> list[int]:
        acks = [await self._enqueue(batch) for batch in batches]
        return [(await ack).offset for ack in acks]

    async def _enqueue(self, batch: Batch) -> asyncio.Future[RecordMetadata]:
        """Hand a batch to the client, which keeps one waiting per partition."""
        batch.builder.close()
        while True:
            try:
                ack: asyncio.Future[RecordMetadata]
                ack = await self._connected().send_batch(
                    batch.builder, batch.topic, partition=batch.partition
                )
            except KafkaTimeoutError:  # queue still full: the caller's time decides
                continue
            return ack

    async def _partition_count(self, topic: str) -> int:
        try:
            return len(await self._connected().partitions_for(topic))
        except KafkaError as exc:
            raise DeliveryFailed(
                f"topic {topic} is not there ({type(exc).__name__}); create it"
            ) from exc

    def _builder(self) -> BatchBuilder:
        return self._connected().create_batch()

    def _connected(self) -> aiokafka.AIOKafkaProducer:
        if self._producer is None:
            raise WrongUse("the outbox has not started yet")
        return self._producer


def _append_output(builder: BatchBuilder, output: Output) -> bool:
    added = builder.append(
        timestamp=output.timestamp_ms,
        key=output.key,
        value=output.value,
        headers=list(output.headers),  # the compiled builder takes no tuple
    )
    return added is not None


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
