"""The assets topic, read to its end and then written, by one writer at a time.

Two writers that both saw epoch 1 would both write epoch 2, perhaps with two owners.
So a writer takes Kafka's transactional id of the topic before it reads: that shuts out
every writer before it, and what it writes is on the topic whole or not at all.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from idweave_graph.ownership import Ownership
from idweave_streams.broker_errors import NotPermitted, translated
from idweave_streams.codecs import encode_ownership
from idweave_streams.fencing import one_writer
from idweave_streams.follow import read_whole
from idweave_streams.settings import Settings
from idweave_streams.views import OwnershipBook

TIMEOUT_S = 60.0
"""For connecting, and for writing to the topic."""


async def read_assets(settings: Settings) -> OwnershipBook:
    """Return what the assets topic says now.

    Raises:
        BrokerError: it can't be read.
    """
    book = OwnershipBook()
    await read_whole(settings.kafka, settings.topics.assets, book.apply)
    return book


class AssetsWriter:
    """Writes records to the assets topic, keyed by asset. Made by `assets_writer`."""

    def __init__(self, settings: Settings, producer: Any) -> None:
        self._settings = settings
        self._producer = producer

    async def write(self, records: Sequence[Ownership]) -> None:
        """Return once all *records* are on the topic, in this order.

        Raises:
            BrokerError: none of them is.
        """
        if not records:
            return
        with _told(self._settings):
            await asyncio.wait_for(self._write(records), TIMEOUT_S)

    async def _write(self, records: Sequence[Ownership]) -> None:
        topic = self._settings.topics.assets
        async with self._producer.transaction():
            sent = [
                await self._producer.send(
                    topic, encode_ownership(each), str(each.asset).encode()
                )
                for each in records
            ]
            await asyncio.gather(*sent)


@asynccontextmanager
async def assets_writer(settings: Settings) -> AsyncIterator[AssetsWriter]:
    """Be the only writer. Whoever was it before can't write any more.

    Read the topic inside, not before: another one may have written until now.

    Raises:
        BrokerError: the broker does not answer, or does not allow it.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        transactional_id=f"{settings.topics.assets}-writer",
        acks="all",
        enable_idempotence=True,
    )
    try:
        with _told(settings):
            await asyncio.wait_for(producer.start(), TIMEOUT_S)
        yield AssetsWriter(settings, producer)
    finally:
        await producer.stop()


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Turn what Kafka's client raises into what the operator can do."""
    text = "another command writes who owns what; nothing was written, try again"
    with translated(settings.kafka, TIMEOUT_S), one_writer(text):
        try:
            yield
        except (TopicAuthorizationFailedError, TransactionalIdAuthorizationFailed):
            topic = settings.topics.assets
            text = f"not allowed; ask for the right to read and write {topic}, and to"
            text += f" use the transactional id {topic}-writer"
            raise NotPermitted(text) from None
