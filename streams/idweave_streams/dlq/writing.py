"""Sends records back, by one writer at a time, and remembers it in the same breath.

A transaction holds the records and the memory of them, so both are there or neither,
whenever the process dies. Taking the transactional id shuts out whoever had it before:
two replays at once can't send one letter twice.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from idweave_streams.broker_errors import NotPermitted, Refused, translated
from idweave_streams.dlq.letter import Letter
from idweave_streams.dlq.memory import encode_replay
from idweave_streams.dlq.parting import part, tried
from idweave_streams.fencing import one_writer
from idweave_streams.settings import Settings
from idweave_streams.topics import MIB, RECORD_MAX_BYTES

TIMEOUT_S = 60.0
"""For connecting, and for one transaction."""
BATCH_BYTES = 256 * 1024


class ReplayWriter:
    """Sends dead letters back. Made by `replay_writer`."""

    def __init__(self, settings: Settings, producer: Any) -> None:
        self._settings = settings
        self._producer = producer

    async def send(self, letters: Sequence[Letter]) -> None:
        """Return once all *letters* are back on their topics, and remembered.

        Raises:
            BrokerError: none of them is, or, if the broker was lost at the very end,
                all are. The memory knows which.
        """
        with _told(self._settings):
            try:
                await asyncio.wait_for(self._send(letters), TIMEOUT_S)
            except BaseException:
                # Else the broker does it, a minute later.
                await tried(self._producer.abort_transaction())
                raise

    async def _send(self, letters: Sequence[Letter]) -> None:
        await self._producer.begin_transaction()
        topic = self._settings.topics.replays
        sent = []
        for letter in letters:
            sent.append(await self._send_back(letter))
            key, value = encode_replay(letter)
            sent.append(await self._producer.send(topic, value, key))
        await asyncio.gather(*sent)
        await self._producer.commit_transaction()

    async def _send_back(self, letter: Letter) -> Any:
        origin = letter.origin
        if origin is None:
            msg = "a letter of unknown origin can't be sent back"
            raise ValueError(msg)
        # The partition it came from, where the topic still has as many.
        count = len(await self._producer.partitions_for(origin.topic))
        partition = origin.partition % count
        headers = list(letter.replay_headers())
        if letter.key is None and letter.value is None:
            return await self._send_empty(origin.topic, partition, headers)
        return await self._producer.send(
            origin.topic, letter.value, letter.key, partition, headers=headers
        )

    async def _send_empty(
        self, topic: str, partition: int, headers: list[tuple[str, bytes]]
    ) -> Any:
        """Send a record without key and value, which the client takes as a batch only."""
        batch = self._producer.create_batch()
        batch.append(timestamp=None, key=None, value=None, headers=headers)
        return await self._producer.send_batch(batch, topic, partition=partition)


@asynccontextmanager
async def replay_writer(settings: Settings) -> AsyncIterator[ReplayWriter]:
    """Be the only one who sends dead letters back.

    Read the memory inside, not before: another one may have sent until now.

    Raises:
        BrokerError: the broker does not answer, or does not allow it.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        client_id="idweave-dlq-replay",
        transactional_id=_transactional_id(settings),
        acks="all",
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=RECORD_MAX_BYTES + MIB,
    )
    try:
        with _told(settings):
            await asyncio.wait_for(producer.start(), TIMEOUT_S)
        yield ReplayWriter(settings, producer)
    finally:
        await part(producer)


def _transactional_id(settings: Settings) -> str:
    return f"{settings.topics.dead_letters}-replay"


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Turn what Kafka's client raises into what the operator can do."""
    text = "another replay has begun: let it end, then try again"
    with translated(settings.kafka, TIMEOUT_S), one_writer(text):
        try:
            yield
        except MessageSizeTooLargeError:
            text = "a topic takes less than it should: run `idweave topics apply`"
            raise Refused(text) from None
        except (TopicAuthorizationFailedError, TransactionalIdAuthorizationFailed):
            text = "not allowed; ask for the right to write to the topics that the dead"
            text += f" letters came from and to {settings.topics.replays}, and to use"
            text += f" the transactional id {_transactional_id(settings)}"
            raise NotPermitted(text) from None
