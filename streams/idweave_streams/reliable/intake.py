"""Takes records from the Kafka client, in the consumer's thread.

The client moves its position when records are taken. So a take must never reach over a
change of assignment, and what it moved over must be known exactly: then a record that
was taken is either handed over or its loss is noticed.
"""

# ruff: noqa: SLF001 - the client offers no public take that says what it moved over

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from time import monotonic
from typing import Any

import aiokafka
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP

from .patience import with_patience

_LEASE_SHARE = 0.8  # of the session: the rest is for the write to reach the broker


@dataclass(frozen=True, slots=True)
class Taken:
    """What one take got from one topic-partition.

    ``records`` may be empty: then the position moved over transaction markers only.
    """

    before: int
    after: int
    end: int | None  # end of the log, as of the last fetch
    records: list[Any]


class ConsumerThread(AIOKafkaConsumerThread):
    """Faust's consumer thread with a take that keeps to one group generation."""

    _heard_at = 0.0

    async def on_start(self) -> None:
        """Connect, and watch the heartbeats from then on."""
        await super().on_start()
        coordinator = self._ensure_consumer()._coordinator
        coordinator._do_heartbeat = self._watched(coordinator._do_heartbeat)

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # What a producer took back is not there: not in a source, not in a changelog.
        consumer._isolation_level = "read_committed"
        with_patience(consumer._client)
        return consumer

    def _watched(
        self, heartbeat: Callable[[], Awaitable[bool]]
    ) -> Callable[[], Awaitable[bool]]:
        async def watched() -> bool:
            sent_at = monotonic()
            is_member = await heartbeat()
            if is_member:
                self._heard_at = sent_at
            return is_member

        return watched

    async def on_partitions_assigned(
        self, assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Count the assignment as a heartbeat and pass it on."""
        self._heard_at = monotonic()
        await super().on_partitions_assigned(assigned, generation_id)

    @property
    def generation(self) -> int:
        """The client's group generation, -1 if it is no member (any more)."""
        generation: int = self._ensure_consumer()._coordinator.generation
        return generation

    @property
    def is_leased(self) -> bool:
        """Whether the broker surely still counts us as a member of the group.

        False after a pause of the process (or of the broker) of about the session
        timeout: our partitions may then have a new owner, and we are the last to know.
        """
        session_s: float = self.app.conf.broker_session_timeout
        return monotonic() - self._heard_at < session_s * _LEASE_SHARE

    async def take(
        self,
        wanted: AbstractSet[TP],
        generation: int,
        *,
        timeout_s: float,
        max_records: int,
    ) -> Mapping[TP, Taken]:
        """Take what is there for ``wanted``, waiting up to ``timeout_s`` for the first.

        Returns nothing when the group has moved on from ``generation``.
        """
        taken: Mapping[TP, Taken] = await self.call_thread(
            self._take, wanted, generation, monotonic() + timeout_s, max_records
        )
        return taken

    async def _take(
        self,
        wanted: AbstractSet[TP],
        generation: int,
        deadline: float,
        max_records: int,
    ) -> Mapping[TP, Taken]:
        consumer = self._ensure_consumer()
        fetcher = consumer._fetcher
        with fetcher._subscriptions.fetch_context():
            while self._is_current(consumer, generation):
                taken = await self._take_ready(consumer, wanted, max_records)
                left = deadline - monotonic()
                if taken or left <= 0:
                    return taken
                waiter = fetcher._create_fetch_waiter()
                done, _ = await asyncio.wait([waiter], timeout=left)
                if not done:
                    waiter.cancel()
                    return {}
                waiter.result()  # errors of the client, such as missing rights
        return {}

    def _is_current(self, consumer: aiokafka.AIOKafkaConsumer, generation: int) -> bool:
        if consumer._closed or consumer._fetcher._closed:
            raise ConsumerStoppedError
        return (
            self.consumer.flow_active
            and not consumer._subscription.reassignment_in_progress
            and self.generation == generation
        )

    async def _take_ready(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        wanted: AbstractSet[TP],
        max_records: int,
    ) -> Mapping[TP, Taken]:
        """Take without waiting: with no timeout nothing below gives up control."""
        assignment = consumer._subscription.subscription.assignment
        states = {tp: assignment.state_value(tp) for tp in wanted}
        before = {
            tp: state.position
            for tp, state in states.items()
            if state is not None and state.has_valid_position
        }
        if not before:  # the client reads an empty set as "all"
            return {}
        records = await consumer._fetcher.fetched_records(
            before.keys(), timeout=0, max_records=max_records
        )
        return {
            tp: Taken(
                at, states[tp].position, states[tp].highwater, records.get(tp, [])
            )
            for tp, at in before.items()
            if tp in records or states[tp].position != at
        }
