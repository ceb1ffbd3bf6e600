"""Small compacted topics that every worker knows whole: read to the end, then on.

A plain consumer without a group, not Faust's global tables, whose recovery can wait
for a record that compaction has taken away.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, TopicAuthorizationFailedError

from idweave_streams.broker_errors import NotPermitted, Refused, translated
from idweave_streams.reliable.patience import with_patience

Apply = Callable[[bytes | None, bytes | None], None]
"""Takes over one record: key and value."""

TIMEOUT_S = 60.0
"""For connecting and for reading a whole topic, which is small."""
POLL_MS = 500
ASSIGN_POLL_S = 0.02


class TopicMissingError(RuntimeError):
    """A topic that every worker must know is not on the broker."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"topic {topic} is not there: run `idweave topics apply`")


class Follower:
    """Keeps one view up to date with one topic."""

    def __init__(self, bootstrap: str, topic: str, apply: Apply) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._apply = apply
        self._connected: AIOKafkaConsumer | None = None

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        """Made on first use, because it belongs to the running loop."""
        if self._connected is None:
            self._connected = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
            )
            with_patience(self._connected._client)  # noqa: SLF001 - no setting for it
        return self._connected

    async def start(self) -> None:
        """Return once everything that stands on the topic now has been applied.

        Raises:
            TopicMissingError: there is no such topic.
        """
        try:
            await self._consumer.start()
            await self._subscribe()
            ends = await self._consumer.end_offsets(self._consumer.assignment())
            while not await self._has_reached(ends):
                await self._poll()
        except BaseException:
            await self.stop()
            raise

    async def _subscribe(self) -> None:
        # Looked for first: to subscribe would wait for a missing topic, or make it.
        if self._topic not in await self._consumer.topics():
            raise TopicMissingError(self._topic)
        self._consumer.subscribe([self._topic])
        while not self._consumer.assignment():  # noqa: ASYNC110  (aiokafka tells nobody)
            await asyncio.sleep(ASSIGN_POLL_S)

    async def _has_reached(self, ends: dict[TopicPartition, int]) -> bool:
        for place, end in ends.items():
            if await self._consumer.position(place) < end:
                return False
        return True

    async def _poll(self) -> None:
        fetched: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]
        fetched = await self._consumer.getmany(timeout_ms=POLL_MS)
        for records in fetched.values():
            for record in records:
                self._take(record)

    def _take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        self._apply(record.key, record.value)

    async def run(self) -> None:
        """Follow until stopped or cancelled."""
        with suppress(ConsumerStoppedError):
            while True:
                await self._poll()

    async def stop(self) -> None:
        """Disconnect. What was never started has nothing to stop."""
        if self._connected is not None:
            await self._connected.stop()


async def read_whole(bootstrap: str, topic: str, apply: Apply) -> None:
    """Let everything that stands on *topic* now be applied. For commands that end.

    Raises:
        BrokerError: it can't be read.
    """
    follower = Follower(bootstrap, topic, apply)
    with translated(bootstrap, TIMEOUT_S):
        try:
            await asyncio.wait_for(follower.start(), TIMEOUT_S)
        except TopicMissingError as error:
            raise Refused(str(error)) from None
        except TopicAuthorizationFailedError:
            text = f"not allowed; ask for the right to read {topic}"
            raise NotPermitted(text) from None
        finally:
            await follower.stop()
