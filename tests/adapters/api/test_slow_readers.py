"""Who takes nothing of what is sent is cut, and holds neither memory nor connections."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from tests.adapters.api.desk import desk
from tests.support.consumer_stories import PSID

from idweave_adapters.api import Limits
from idweave_adapters.api.changes import stream
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import LinkingCode, business_id
from idweave_graph.messages import Proved

PART = b"x" * 1024**2


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield PART


def connected(url: str) -> socket.socket:
    """A connection that has little room for what nobody reads."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect((host, int(port)))
    return reader


async def test_a_stream_that_nobody_reads_is_cut() -> None:
    """Else what was read for it stays in memory, and is sent when it is old."""
    ended = asyncio.Event()

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await stream(request, {}, endless(), 0.1)
        finally:
            ended.set()

    runner = web.ServerRunner(web.Server(serve))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address, port, *_ = runner.addresses[0]
    try:
        with connected(f"http://{address}:{port}") as reader:
            reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(30):
                await ended.wait()
    finally:
        await runner.cleanup()


async def test_a_large_answer_that_nobody_reads_is_cut(tmp_path: Path) -> None:
    """Afterwards the connection is free for somebody else."""
    limits = Limits(connections=1, write_s=0.1, idle_s=30)
    async with desk(tmp_path, limits) as api:
        api.publish([large(number) for number in range(60)])
        [person] = api.workers.persons()
        [(name, value)] = api.bearer().items()
        await api.http.close()
        path = f"/v1/persons/{person.id}/history?limit=1000"
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\n{name}: {value}\r\n\r\n"

        with connected(api.url) as reader:
            reader.sendall(head.encode())

            async with asyncio.timeout(30):
                while not await is_let_in(api.url):  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(0.05)


def large(number: int) -> Proved:
    """Some kilobytes are added to a person, and told again with each event."""
    cause = Cause("t", 0, number)
    at_ms = 1_700_000_000_000 + number
    proofs = tuple(
        evidence(
            EvidenceKind.ACCOUNT_LINKING,
            (PSID, 1),
            (LinkingCode.of(f"{number} {n}"), 0),
            at_ms=at_ms,
            cause=cause,
        )
        for n in range(10)
    )
    return Proved(business_id("900"), proofs, at_ms, cause)


async def is_let_in(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        told = await reader.read()
        writer.close()
    except ConnectionError:
        return False
    return told.startswith(b"HTTP/1.1 200")
