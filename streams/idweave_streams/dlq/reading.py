"""The topic of dead letters, read from its beginning to where it ends at the start.

One partition after the other, and of each only what one fetch brings: memory does not
grow with the topic.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from idweave_streams.broker_errors import NotPermitted, Refused, translated
from idweave_streams.dlq.coordinates import Coordinates
from idweave_streams.dlq.letter import Letter, read_letter
from idweave_streams.dlq.parting import part
from idweave_streams.settings import Settings

TIMEOUT_S = 60.0
"""For connecting, and for one question to the broker."""
POLL_MS = 500
ASSIGN_POLL_S = 0.02

Spans = dict[int, tuple[int, int]]
"""By partition: the first offset, and the one behind the last."""


class DeadLetters:
    """The dead letters that stand on the topic. Made by `dead_letters`."""

    def __init__(self, settings: Settings, consumer: Any, spans: Spans) -> None:
        self._settings = settings
        self._consumer = consumer
        self.spans = spans

    async def all(self) -> AsyncIterator[Letter]:
        """Yield them, oldest first in each partition.

        Raises:
            BrokerError: the broker does not answer any more.
        """
        for partition, (begin, end) in sorted(self.spans.items()):
            async for letter in self._between(partition, begin, end):
                yield letter

    async def find(self, wanted: Coordinates) -> Letter | None:
        """Return the letter at these coordinates, or the last one that came from there.

        Raises:
            BrokerError: the broker does not answer any more.
        """
        if wanted.topic == self._settings.topics.dead_letters:
            return await self._at(wanted)
        found = None
        async for letter in self.all():
            if letter.origin == wanted:
                found = letter
        return found

    async def _at(self, wanted: Coordinates) -> Letter | None:
        begin, end = self.spans.get(wanted.partition, (0, 0))
        if not begin <= wanted.offset < end:
            return None
        behind = wanted.offset + 1
        async for letter in self._between(wanted.partition, wanted.offset, behind):
            return letter
        return None

    async def _between(
        self, partition: int, begin: int, end: int
    ) -> AsyncIterator[Letter]:
        place = TopicPartition(self._settings.topics.dead_letters, partition)
        self._consumer.pause(*self._consumer.assignment())
        self._consumer.resume(place)
        self._consumer.seek(place, begin)
        # The position also moves over markers of transactions; letters don't.
        while await self._position(place) < end:
            for record in await self._fetch(place):
                if record.offset >= end:
                    return
                yield read_letter(record)

    async def _position(self, place: TopicPartition) -> int:
        with translated(self._settings.kafka, TIMEOUT_S):
            asked = self._consumer.position(place)
            position: int = await asyncio.wait_for(asked, TIMEOUT_S)
            return position

    async def _fetch(self, place: TopicPartition) -> list[Any]:
        with translated(self._settings.kafka, TIMEOUT_S):
            fetched = await self._consumer.getmany(place, timeout_ms=POLL_MS)
        records: list[Any] = fetched.get(place, [])
        return records


@asynccontextmanager
async def dead_letters(
    settings: Settings, spans: Spans | None = None
) -> AsyncIterator[DeadLetters]:
    """Be able to read the dead letters that stand on the topic now.

    Args:
        settings: name the broker and the topic.
        spans: read only these; without them, all that is there.

    Raises:
        BrokerError: the topic can't be read.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    try:
        with translated(settings.kafka, TIMEOUT_S):
            found = await asyncio.wait_for(
                _connected(consumer, settings.topics.dead_letters), TIMEOUT_S
            )
        yield DeadLetters(settings, consumer, found if spans is None else spans)
    finally:
        await part(consumer)


async def _connected(consumer: Any, topic: str) -> Spans:
    try:
        await consumer.start()
        return await _spans(consumer, topic)
    except TopicAuthorizationFailedError:
        text = f"not allowed; ask for the right to read {topic}"
        raise NotPermitted(text) from None


async def _spans(consumer: Any, topic: str) -> Spans:
    # Looked for first: to subscribe would wait for a missing topic, or make it.
    if topic not in await consumer.topics():
        msg = f"topic {topic} is not there: run `idweave topics apply`"
        raise Refused(msg)
    consumer.subscribe([topic])
    while not consumer.assignment():  # noqa: ASYNC110  (aiokafka tells nobody)
        await asyncio.sleep(ASSIGN_POLL_S)
    places = consumer.assignment()
    begins = await consumer.beginning_offsets(places)
    ends = await consumer.end_offsets(places)
    return {each.partition: (begins[each], ends[each]) for each in places}
