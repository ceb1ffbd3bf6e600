"""One writer at a time: what it is told that has lost Kafka's transactional id."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka.errors import IllegalOperation, ProducerFenced

from idweave_streams.broker_errors import NotDone

_LOST = (ProducerFenced, IllegalOperation)
"""The second one where the client learned of the first between two records."""


@contextmanager
def one_writer(text: str) -> Iterator[None]:
    """Tell with *text*, and nothing else, that another writer has begun.

    Raises:
        NotDone: another one has.
    """
    try:
        yield
    except _LOST:
        _tell_once()
        raise NotDone(text) from None


def _tell_once() -> None:
    """Keep the loop from telling it again.

    aiokafka leaves futures behind that nobody waits for, and asyncio prints each of
    them with a traceback.
    """
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("exception"), _LOST):
            return
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    loop.set_exception_handler(handler)
