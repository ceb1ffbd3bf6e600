"""The receipts topic, read by every `idweave ingress` for its status page."""

import asyncio
import logging

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from idweave_adapters.receipts import ReceiptBook
from idweave_streams.follow import Follower, TopicMissingError

RETRY_S = 2.0
"""Between two attempts to begin."""

_log = logging.getLogger(__name__)


class ReceiptFollower(Follower):
    """Keeps a book up to date with one topic."""

    def __init__(self, bootstrap: str, topic: str, book: ReceiptBook) -> None:
        super().__init__(bootstrap, topic, lambda _, __: None)
        self._book = book

    def _take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        self._book.apply(record.key, record.value, record.timestamp)


async def follow_receipts(bootstrap: str, topic: str, book: ReceiptBook) -> None:
    """Keep *book* up to date until cancelled; it is known once read to the end.

    Kafka or the topic may not be there yet: it is tried again until they are.
    """
    is_told = False
    while True:
        follower = ReceiptFollower(bootstrap, topic, book)
        try:
            await follower.start()
            book.is_known, is_told = True, False
            await follower.run()
        except (KafkaError, TopicMissingError, OSError) as error:
            if not is_told:
                _log.warning("receipts can't be read: %s", error)
            is_told = True
        finally:
            await follower.stop()
        await asyncio.sleep(RETRY_S)
