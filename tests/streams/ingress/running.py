"""A door on real Kafka: in this process, or as the program that people start."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import orjson
from tests.adapters.ingress.door import (
    APP,
    BEARER,
    DOCUMENT,
    LOGIN_TOKEN,
    VERIFY_TOKEN,
    signed,
    statuses,
    webhook_request,
)
from tests.support.kafka import create_topics, read_topic

from idweave_adapters.ingress import Limits
from idweave_streams.ingress import create_ingress, serving
from idweave_streams.setting_sources import LOGIN_VARIABLE, VERIFY_VARIABLE
from idweave_streams.settings import Settings

ENVIRONMENT = {VERIFY_VARIABLE: VERIFY_TOKEN, LOGIN_VARIABLE: LOGIN_TOKEN}


def settings_for(bootstrap: str, prefix: str, folder: Path) -> Settings:
    """Two partitions, a free port, and credentials of two apps."""
    credentials = folder / "credentials.json"
    credentials.write_bytes(orjson.dumps(DOCUMENT))
    return Settings(
        kafka=bootstrap,
        topic_prefix=prefix,
        partitions=2,
        ingress_port=0,
        credentials_file=credentials,
    )


async def make_topics(settings: Settings) -> None:
    """The two topics that the door writes are there."""
    names = settings.topics
    await create_topics(settings.kafka, {names.webhooks: 2, names.logins: 2})


async def values(settings: Settings, topic: str) -> list[bytes]:
    """What stands on a topic."""
    return [record.value or b"" for record in await read_topic(settings.kafka, topic)]


class Sender:
    """Sends to a running door."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def webhook(self, body: bytes) -> int:
        """The status of one webhook; 0 where no answer came."""
        return await self._post(f"/webhooks/{APP}", body, signed(body))

    async def logins(self, body: bytes) -> int:
        """The status of one request with login events."""
        return await self._post("/logins", body, BEARER)

    async def is_ready(self) -> bool:
        async with self._session.get(f"{self.url}/ready") as response:
            return response.status == 200

    async def takes(self) -> bool:
        """Whether a webhook is taken now."""
        return await self.webhook(b"does it take me?") == 200

    async def in_a_row(self, bodies: Iterable[bytes]) -> list[int]:
        """Send all on one connection without waiting; the answers that came."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        *most, last = map(webhook_request, bodies)
        last = last.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        writer.write(b"".join([*most, last]))
        found = await statuses(reader)
        writer.close()
        return found

    async def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        url = self.url + path
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                await response.read()
                return response.status
        except aiohttp.ClientError:
            return 0


@asynccontextmanager
async def sender_to(url: str) -> AsyncIterator[Sender]:
    """Somebody who sends to *url*."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Sender(url, session)


@asynccontextmanager
async def running(
    settings: Settings, limits: Limits | None = None
) -> AsyncIterator[Sender]:
    """A door is open inside, in this process; Kafka may not be there yet."""
    ingress = create_ingress(settings, ENVIRONMENT, limits)
    async with serving(ingress) as (url, _), sender_to(url) as sender:
        yield sender


class Program:
    """`idweave ingress` as a process of its own."""

    def __init__(self, settings: Settings, log: Path, **env: str) -> None:
        self._log = log  # a pipe that nobody reads would stop it when it is full
        stated = settings.model_dump(mode="json", exclude_unset=True)
        flags = [part for n, v in stated.items() for part in ("--set", f"{n}={v}")]
        clean = {n: v for n, v in os.environ.items() if not n.startswith("IDWEAVE_")}
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "idweave_streams.cli", *flags, "ingress"],
                env={**clean, **ENVIRONMENT, **env},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    async def url(self) -> str:
        """What it printed first: where it listens."""
        assert self._process.stdout is not None
        line = await asyncio.to_thread(self._process.stdout.readline)
        return line.strip()

    def signal(self, sign: signal.Signals) -> None:
        self._process.send_signal(sign)

    async def end(self) -> tuple[int, str]:
        """Its exit code, and its log, once it has ended."""
        code = await asyncio.to_thread(self._process.wait, timeout=60)
        return code, self._log.read_text()

    def kill(self) -> None:
        """It is gone, if it was not before."""
        with self._process:
            if self._process.poll() is None:
                self._process.kill()
