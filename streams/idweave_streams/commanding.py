"""Commands that an operator writes, and the receipt that says that one is done."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from idweave_adapters.commands import (
    AnyRequest,
    Requested,
    command_key,
    encode_command,
)
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_adapters.receipts import ReceiptState, encode_received
from idweave_streams.broker_errors import NotDone, NotPermitted, Refused, translated
from idweave_streams.follow import Follower, TopicMissingError
from idweave_streams.settings import Settings

SOURCE = "operator"
"""Which way these commands come in."""
_RECEIPTED = (Requested, RequestedAssetErasure)
TIMEOUT_S = 60.0
"""For connecting, and for reading or writing."""


async def write_command(settings: Settings, requested: AnyRequest) -> None:
    """Return once the command is on its topic, and before it the receipt if it has one.

    Raises:
        BrokerError: it can't be written, or there is no acknowledgement. Writing it
            again, with the same time, does no harm.
    """
    async with _producer(settings) as producer:
        if isinstance(requested, _RECEIPTED) and requested.receipt:
            key, at_ms = requested.receipt, requested.at_ms
            value = encode_received(key, at_ms)
            await _send(producer, settings.topics.receipts, key.encode(), value)
        key_of_id, value = command_key(requested), encode_command(requested)
        await _send(producer, settings.topics.commands, key_of_id, value)


async def wait_until_done(settings: Settings, receipt: str, timeout_s: float) -> int:
    """Return how many ids were forgotten, once the receipt says that it is done.

    Raises:
        BrokerError: the receipts can't be read, or it was not done in time.
    """
    answer = _Answer(receipt)
    topic = settings.topics.receipts
    follower = Follower(settings.kafka, topic, answer.apply)
    reading: asyncio.Task[None] | None = None
    try:
        with _told(settings):
            await asyncio.wait_for(follower.start(), TIMEOUT_S)
        reading = asyncio.create_task(follower.run())
        return await asyncio.wait_for(answer.ids, timeout_s)
    except TimeoutError:
        text = f"not done within {timeout_s:g} s; it is on record and will be. See that"
        text += " workers run, and `idweave dlq list` for a command that can't be used"
        raise NotDone(text) from None
    finally:
        if reading is not None:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
        await follower.stop()


class _Answer:
    """Waits for one code to be done."""

    def __init__(self, receipt: str) -> None:
        self._key = receipt.encode()
        self.ids: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        if key != self._key or value is None or self.ids.done():
            return
        row = orjson.loads(value)
        if row["state"] == ReceiptState.DONE:
            self.ids.set_result(int(row["ids"]))


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        client_id="idweave-command",
        acks="all",
        enable_idempotence=True,
    )
    with _told(settings):
        try:
            await asyncio.wait_for(producer.start(), TIMEOUT_S)
            yield producer
        finally:
            await producer.stop()


async def _send(
    producer: AIOKafkaProducer, topic: str, key: bytes, value: bytes
) -> None:
    # Looked for first: to send to a missing topic would wait for it, or make it.
    cluster = await producer.client.fetch_all_metadata()
    if topic not in cluster.topics():
        raise TopicMissingError(topic)
    await asyncio.wait_for(producer.send_and_wait(topic, value, key), TIMEOUT_S)


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    with translated(settings.kafka, TIMEOUT_S):
        try:
            yield
        except TopicMissingError as error:
            raise Refused(str(error)) from None
        except TopicAuthorizationFailedError:
            commands, receipts = settings.topics.commands, settings.topics.receipts
            text = f"not allowed; ask for the right to write {commands} and {receipts},"
            raise NotPermitted(f"{text} and to read {receipts}") from None
