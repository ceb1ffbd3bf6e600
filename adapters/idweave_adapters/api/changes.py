"""The stream of changes: identity events as they come into the read model."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import orjson
from aiohttp import web

from idweave_adapters.api.asked import Asked
from idweave_adapters.api.limits import Limits
from idweave_adapters.api.problems import (
    BAD_REQUEST,
    OTHER_COPY,
    TOO_MANY,
    Problem,
)
from idweave_adapters.read_model import ReadModel

_BATCH: Final = 100
_BEAT: Final = b": still here\n\n"

Changes = list[tuple[int, dict[str, Any]]]


class Streams:
    """How many streams each credential has."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, name: str) -> Iterator[None]:
        """Count one stream inside.

        Raises:
            Problem: these are too many.
        """
        if self._open[name] >= self._most:
            raise Problem(TOO_MANY, f"{self._most} streams at once", Retry_After="1")
        self._open[name] += 1
        try:
            yield
        finally:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]  # who comes once takes no room for ever


def start_of(model: ReadModel, asked: Asked, last_seen: str | None) -> int:
    """Return the number behind which a stream begins.

    Raises:
        Problem: the place is one of another copy, where changes have other numbers.
    """
    after = last_seen or asked.values.get("after")
    if after is None:
        return model.last_change()
    if after == "start":
        return 0
    name, dash, number = after.partition("-")
    if not (dash and number.isascii() and number.isdigit() and len(number) <= 16):  # noqa: PLR2004
        raise Problem(BAD_REQUEST, "Last-Event-ID is none of ours")
    if name != model.name():
        raise Problem(OTHER_COPY)
    return int(number)


async def stream(
    request: web.BaseRequest,
    headers: dict[str, str],
    parts: AsyncIterator[bytes],
    write_s: float,
) -> web.StreamResponse:
    """Send *parts* until there are no more or nobody reads them.

    Raises:
        ConnectionError: nobody is there, or takes anything for *write_s* seconds.
    """
    response = web.StreamResponse(headers=headers)
    response.content_type = "text/event-stream"
    response.force_close()
    await response.prepare(request)
    async for part in parts:
        async with taken(request, write_s):
            await response.write(part)
    return response


@asynccontextmanager
async def taken(request: web.BaseRequest, write_s: float) -> AsyncIterator[None]:
    """Cut the connection if what is written inside is not taken in time.

    Raises:
        ConnectionError: it was not.
    """
    try:
        async with asyncio.timeout(write_s):
            yield
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError from None


class Feed:
    """What one stream tells of one business."""

    def __init__(
        self,
        model: ReadModel,
        limits: Limits,
        *,
        is_shut: Callable[[], bool],
        is_over: Callable[[], bool],
    ) -> None:
        """Prepare; nothing is read.

        Args:
            model: what is told of.
            limits: how often it is looked for changes.
            is_shut: whether nothing more may be told.
            is_over: whether it has lasted for long enough.
        """
        self._model = model
        self._limits = limits
        self._is_shut = is_shut
        self._is_over = is_over

    async def parts(self, business: str, after: int) -> AsyncIterator[bytes]:
        """Yield events in server-sent form, and a sign of life where none come."""
        yield _BEAT
        waited_s = 0.0
        while True:
            found = await self._settled(business, after)
            for number, event in found:
                if self._is_shut():  # it may take long until the next one is taken
                    return
                yield _sent(self._model.name(), number, event)
                after = number
            if self._is_shut() or self._is_over():
                return
            if found:
                waited_s = 0.0
                continue
            await asyncio.sleep(self._limits.poll_s)
            waited_s += self._limits.poll_s
            if waited_s >= self._limits.beat_s:
                waited_s = 0.0
                yield _BEAT

    async def _settled(self, business: str, after: int) -> Changes:
        """Return the next changes; of the newest, wait for the persons they name.

        Who was read in an event and not yet in the record of their person would look
        as if they had been forgotten.
        """
        found = self._model.changes(business, after, _BATCH)
        is_newest = 0 < len(found) < _BATCH
        if is_newest and any(event.get("redacted") for _, event in found):
            await asyncio.sleep(self._limits.poll_s)
            return self._model.changes(business, after, _BATCH)
        return found


def _sent(copy: str, number: int, event: dict[str, Any]) -> bytes:
    data = orjson.dumps(event, option=orjson.OPT_SORT_KEYS).decode()
    return f"id: {copy}-{number}\nevent: {event['type']}\ndata: {data}\n\n".encode()
