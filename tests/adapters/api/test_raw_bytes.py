"""Bytes that are no good HTTP, or two requests in one: nothing breaks, nothing slips by."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from tests.adapters.api.desk import Desk, desk
from tests.adapters.api.neighbours import OUR_STORY, OURS, THEIR_STORY, leaked, secrets

from idweave_adapters.api import Limits

LIMITS = Limits(
    per_second=1e6, burst=10**6, idle_s=0.2, read_s=0.2, linger_s=0.2, stream_s=0
)
AT_ONCE = 50
ROUNDS = 600

HEAD = b"GET /v1/persons HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n"
POST = b"POST /v1/ids:lookup HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: application/json\r\n"
INNER = HEAD.replace(b"%s", b"Bearer x") + b"\r\n"
BODY = b'{"ids":["app:1:2"]}'
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"

REFUSED = {
    "two lengths": POST + b"Content-Length: 19\r\nContent-Length: 20\r\n\r\n" + BODY,
    "two lengths in one": POST + b"Content-Length: 19, 19\r\n\r\n" + BODY,
    "a length with a sign": POST + b"Content-Length: +19\r\n\r\n" + BODY,
    "a length below zero": POST + b"Content-Length: -1\r\n\r\n" + BODY,
    "a length in hex": POST + b"Content-Length: 0x13\r\n\r\n" + BODY,
    "a length with a letter": POST + "Content-Length: 1٩\r\n\r\n".encode() + BODY,
    "length and chunks": POST
    + b"Content-Length: 5\r\n"
    + CHUNKED
    + b"0\r\n\r\n"
    + INNER,
    "chunks and length": POST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    + INNER,
    "chunks twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunks, then something": POST + b"Transfer-Encoding: chunked, x\r\n\r\n" + INNER,
    "an unknown encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + INNER,
    "a chunk below zero": POST + CHUNKED + b"-1\r\n" + BODY,
    "a chunk with 0x": POST + CHUNKED + b"0x13\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a huge chunk": POST + CHUNKED + b"f" * 40 + b"\r\n" + BODY,
    "a chunk that goes on": POST + CHUNKED + b"1\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a blank before the colon": HEAD + b"Content-Length : 5\r\n\r\n",
    "a folded header": HEAD + b"X-A: 1\r\n Content-Length: 5\r\n\r\n" + BODY,
    "a header of no name": HEAD + b": x\r\n\r\n",
    "a header of no colon": HEAD + b"nothing\r\n\r\n",
    "a zero byte": HEAD + b"X-A: \0\r\n\r\n",
    "a bare return": HEAD + b"X-A: 1\rContent-Length: 5\r\n\r\n",
    "a version of nine": b"GET /live HTTP/9.9\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    "a long line": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    "a long header": HEAD + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n",
    "many headers": HEAD + b"".join(b"X-%d: 1\r\n" % n for n in range(500)) + b"\r\n",
    "zero bytes": b"\0" * 5000,
}
GOOD = {
    "plain": HEAD + b"\r\n",
    "two in a row": HEAD + b"\r\n" + HEAD + b"\r\n",
    "a body": POST + b"Content-Length: 19\r\n\r\n" + BODY,
    "chunks": POST + CHUNKED + b"13\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a whole address": HEAD.replace(b" /", b" http://evil.example/") + b"\r\n",
    "another host": HEAD.replace(b": x", b": evil.example") + b"\r\n",
    "head": HEAD.replace(b"GET", b"HEAD") + b"\r\n",
    "ask first": POST + b"Expect: 100-continue\r\nContent-Length: 19\r\n\r\n" + BODY,
    "upgrade": HEAD
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    + b"\x81\x05hello",
}


async def told(api: Desk, raw: bytes) -> bytes:
    """Send bytes, and return all that comes back until the server hangs up."""
    host, _, port = api.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(raw)
        async with asyncio.timeout(30):
            return await reader.read()
    except ConnectionResetError:
        return b""  # it hung up before all was sent
    finally:
        writer.close()


def statuses(answer: bytes) -> list[int]:
    """The answers in it."""
    return [int(x) for x in re.findall(rb"HTTP/\d\.\d (\d{3}) ", answer)]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Desk]:
    """Two businesses, and little patience."""
    async with desk(tmp_path, LIMITS) as opened:
        opened.publish([*THEIR_STORY, *OUR_STORY])
        yield opened


def shown(api: Desk) -> bytes:
    return api.bearer(OURS)["Authorization"].encode()


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_good_http_is_refused_once(served: Desk, name: str) -> None:
    """One answer at the most, and what stands behind it is no request."""
    answer = await told(served, REFUSED[name].replace(b"%s", shown(served)))

    assert statuses(answer) in ([], [400]), answer
    assert b"aiohttp" not in answer
    assert not answer or b'"urn:idweave:problem:bad-request"' in answer


async def test_a_body_is_no_request(served: Desk) -> None:
    """Whatever it looks like; nor is what is left of one that was refused."""
    length = b"Content-Length: %d\r\n\r\n" % len(INNER)
    key = shown(served)

    whole = await told(served, (POST + length + INNER).replace(b"%s", key))
    unread = await told(served, (POST.replace(b"%s", b"x") + length + INNER))
    unwanted = await told(served, (HEAD + length + INNER).replace(b"%s", key))

    assert statuses(whole) == [400]
    assert statuses(unread) == [401]
    assert statuses(unwanted) in ([200], [400])


async def test_a_body_that_does_not_come_is_not_waited_for(served: Desk) -> None:
    """Nor one that comes a byte at a time."""
    key = shown(served)
    short = (POST + b"Content-Length: 19\r\n\r\n" + BODY[:5]).replace(b"%s", key)

    assert statuses(await told(served, short)) == [400]
    assert await told(served, short[:40]) == b""
    assert await told(served, b"") == b""


async def test_broken_requests_break_nothing(served: Desk) -> None:
    """Bytes changed, left out, doubled: no fault, no foreign byte, and it goes on."""
    random, theirs, key = Random(5), secrets(served), shown(served)
    whole = [raw.replace(b"%s", key) for raw in (*GOOD.values(), *REFUSED.values())]
    short = [raw for raw in whole if len(raw) < 5000]

    async def one() -> None:
        raw = _mangled(random, random.choice(short))
        answer = await told(served, raw)
        assert not [status for status in statuses(answer) if status >= 500], raw
        assert not leaked(answer, theirs, ()), raw
        assert b"aiohttp" not in answer, raw

    for _ in range(ROUNDS // AT_ONCE):
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))

    again = await told(served, GOOD["two in a row"].replace(b"%s", key))
    assert statuses(again) == [200, 200]


def _mangled(random: Random, raw: bytes) -> bytes:
    for _ in range(random.choice((0, 1, 1, 2, 5))):
        at = random.randrange(len(raw) + 1)
        some = random.choice((b"", b"\r\n", b"\0", b":", b" ", random.randbytes(3)))
        raw = random.choice(
            (
                raw[:at] + some + raw[at + 1 :],
                raw[:at] + some + raw[at:],
                raw[:at] + raw,
            )
        )
    return raw
