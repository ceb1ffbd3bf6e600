"""The HTTP session of a client: bounded, opened and closed with it."""

from dataclasses import dataclass
from typing import Self

import aiohttp
from yarl import URL

from idweave_adapters.graph_api.errors import GraphApiError, Transient
from idweave_adapters.graph_api.transport import MAX_ANSWER_BYTES, HttpAnswer, post


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a client does at once, and how long it waits."""

    connect_s: float = 5.0
    """For one connection."""
    total_s: float = 30.0
    """For one HTTP request, with the reading of its answer."""
    in_flight: int = 8
    """HTTP requests at a time."""
    answer_bytes: int = MAX_ANSWER_BYTES
    """A longer answer is a fault."""


DEFAULT_BOUNDS = Bounds()


class Connection:
    """Posts to one address, from when it is opened until it is closed."""

    def __init__(
        self, url: URL, bounds: Bounds, given: aiohttp.ClientSession | None
    ) -> None:
        """Open nothing yet. The session *given* stays the caller's to close."""
        self._url = url
        self._bounds = bounds
        self._given = given
        self._session: aiohttp.ClientSession | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything can be posted."""
        return self._session is not None

    def open(self) -> Self:
        """Let posts through from now on."""
        self._session = self._given or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._bounds.in_flight),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def close(self) -> None:
        """Let nothing through any more."""
        session, self._session = self._session, None
        if session is not None and session is not self._given:
            await session.close()

    async def post(self, form: bytes, path: str = "") -> HttpAnswer | GraphApiError:
        """Send *form* to the root, or a *path* below it, and read the whole answer."""
        if self._session is None:
            return Transient("the client was closed")
        bounds = self._bounds
        times = aiohttp.ClientTimeout(
            total=bounds.total_s, sock_connect=bounds.connect_s
        )
        url = self._url / path if path else self._url
        return await post(
            self._session, url, form, times=times, max_bytes=bounds.answer_bytes
        )
