"""An open door for tests: a real server on loopback, and a store that does as it is told."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from tests.support.waiting import until

from idweave_adapters.credentials import Credentials
from idweave_adapters.ingress import (
    AppSecrets,
    Callbacks,
    Doorkeeper,
    Headers,
    IngressServer,
    Limits,
    NotStoredError,
    Tokens,
)

APP = "1517776481860111"
OTHER_APP = "647733625268125"
SECRET = "the-secret-of-the-app"
OLD_SECRET = "the-secret-before"
OTHER_SECRET = "the-secret-of-the-other-app"
VERIFY_TOKEN = "verify-me"
LOGIN_TOKEN = "let-me-in"
BEARER = {"Authorization": f"Bearer {LOGIN_TOKEN}"}

DOCUMENT = {
    "businesses": {
        "10": {"apps": {APP: {"secret": [SECRET, OLD_SECRET]}}},
        "20": {"apps": {OTHER_APP: {"secret": OTHER_SECRET}}},
    }
}


def signature(body: bytes, secret: str = SECRET) -> str:
    """The value of the signature header, as Meta makes it."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers of a webhook."""
    return {"X-Hub-Signature-256": signature(body, secret)}


@dataclass
class Shelf:
    """Stores in memory. Closed, it keeps every caller waiting; broken, it refuses."""

    stored: list[tuple[str, bytes]] = field(default_factory=list)
    headers: list[Headers] = field(default_factory=list)
    keys: list[bytes | None] = field(default_factory=list)
    breaks_at: str = ""
    """The one topic whose records are refused."""
    begun: int = 0
    is_broken: bool = False
    _opened: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def open_at_once(cls) -> Self:
        shelf = cls()
        shelf.open()
        return shelf

    def open(self) -> None:
        self._opened.set()

    def close(self) -> None:
        self._opened.clear()

    async def has_begun(self, count: int) -> None:
        """So many records wait or have waited."""

        async def begun() -> bool:
            return self.begun >= count

        await until(begun, every_s=0.005)

    @property
    def values(self) -> list[bytes]:
        return [value for _, value in self.stored]

    async def __call__(
        self, topic_key: str, key: bytes | None, value: bytes, headers: Headers
    ) -> None:
        self.begun += 1
        await self._opened.wait()
        if self.is_broken or topic_key == self.breaks_at:
            raise NotStoredError
        self.stored.append((topic_key, value))
        self.keys.append(key)
        self.headers.append(headers)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Door:
    """A server that is running, and ways to go through it."""

    url: str
    shelf: Shelf
    server: IngressServer
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        url = self.url + path
        async with self.session.request(method, url, **options) as response:
            body = await response.read()
            return Answer(response.status, body, response.headers)

    async def webhook(
        self, body: bytes, headers: Mapping[str, str] | None = None, app: str = APP
    ) -> Answer:
        headers = signed(body) if headers is None else headers
        return await self.ask("POST", f"/webhooks/{app}", data=body, headers=headers)

    async def logins(
        self, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer:
        headers = BEARER if headers is None else headers
        return await self.ask("POST", "/logins", data=body, headers=headers)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A bare connection, for what no client library sends."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return await asyncio.open_connection(host, int(port))


@asynccontextmanager
async def opened(
    shelf: Shelf | None = None,
    *,
    limits: Limits | None = None,
    is_ready: bool = True,
    document: Mapping[str, object] = DOCUMENT,
    callbacks: Callbacks | None = None,
) -> AsyncIterator[Door]:
    """A door that is open inside."""
    keeper = Doorkeeper(
        AppSecrets(Credentials.from_document(document)),
        Tokens(given=VERIFY_TOKEN),
        Tokens(given=LOGIN_TOKEN),
    )
    shelf = shelf or Shelf.open_at_once()
    server = IngressServer(
        keeper, shelf, is_ready=lambda: is_ready, limits=limits, callbacks=callbacks
    )
    url = await server.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            yield Door(url, shelf, server, session)
    finally:
        shelf.open()
        await server.stop()


def request(
    path: str, body: bytes, headers: Mapping[str, str], *, length: int | None = None
) -> bytes:
    """The bytes of a POST; *length* is what it says of its body."""
    fields: Sequence[str] = [
        f"POST {path} HTTP/1.1",
        "Host: door",
        f"Content-Length: {len(body) if length is None else length}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*fields, "", ""]).encode() + body


def webhook_request(body: bytes, app: str = APP) -> bytes:
    """The bytes of a webhook as Meta posts it."""
    return request(f"/webhooks/{app}", body, signed(body))


async def statuses(reader: asyncio.StreamReader) -> list[int]:
    """The status of each answer on a connection, until it ends in whatever way."""
    found: list[int] = []
    with suppress(ConnectionResetError):
        while line := await reader.readline():
            found.append(int(line.split()[1]))
            length = 0
            while (header := await reader.readline()).strip():
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            await reader.readexactly(length)
    return found
