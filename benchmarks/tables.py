"""A worker's tables from outside: filled before it runs, and read after it has ended."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from aiokafka import AIOKafkaProducer
from rocksdict import AccessType, Options, Rdict

BATCH_BYTES = 900 * 1024
BATCHES_UNDER_WAY = 4


async def write_changelog(
    kafka: str, topic: str, partition: int, pairs: Iterable[tuple[bytes, bytes]]
) -> None:
    """Put all *pairs* there, in order: a worker without a local copy recovers them."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka,
        max_batch_size=BATCH_BYTES,
        max_request_size=2 * BATCH_BYTES,
        enable_idempotence=True,
    )
    async with producer:
        sent: deque[asyncio.Future[object]] = deque()
        batch = producer.create_batch()
        for key, value in pairs:
            if batch.append(timestamp=None, key=key, value=value) is None:
                sent.append(
                    await producer.send_batch(batch, topic, partition=partition)
                )
                batch = producer.create_batch()
                batch.append(timestamp=None, key=key, value=value)
            while len(sent) > BATCHES_UNDER_WAY:
                await sent.popleft()
        sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)


def texts_behind(path: Path, prefix: str) -> Iterator[str]:
    """List how the keys with that *prefix* go on, in the local file at *path*."""
    options, read_only = Options(raw_mode=True), AccessType.read_only()
    begin = prefix.encode()
    with closing(Rdict(str(path), options=options, access_type=read_only)) as table:
        for key in table.keys(from_key=begin):
            if not isinstance(key, bytes) or not key.startswith(begin):
                return
            yield key[len(begin) :].decode()
