"""How long the query API takes over HTTP, with a million ids, on one core.

The server has a process and a core of its own (`benchmarks.api_ground`); what asks has
another core and does no more than write requests and read answers. In the same process
as the server a bare aiohttp handler answers a constant: what the API costs is told as a
ratio to that, because it is less a matter of the machine.

    python -m benchmarks.api [--ids 1000000] [--requests 4000]
"""

import argparse
import asyncio
import base64
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from benchmarks.api_ground import ASSETS, ids_of, name_of
from benchmarks.latency import Spread

CONNECTIONS = (1, 8, 32)
LOADS = (100, 1000)
"""Records a second that the follower takes over meanwhile."""
Make = Callable[[Random], bytes]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is asked."""

    api: tuple[str, int]
    beside: tuple[str, int]
    key: str
    strange_key: str
    """Of another business."""
    persons: int
    records_per_second: float
    rss_mib: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured of one question."""

    name: str
    connections: int
    spread: Spread
    per_second: float
    cpu_ms: float
    """That the server worked for one; no matter of what else the machine does."""

    def line(self, bare: "Found | None") -> str:
        """As a row of a table."""
        s, ratio = self.spread, self.cpu_ms / bare.cpu_ms if bare else 1.0
        return (
            f"{self.name:<28}{self.connections:>4}{s.half:>9.2f}{s.most:>9.2f}"
            f"{s.longest:>9.2f}{self.per_second:>9,.0f}{self.cpu_ms:>9.3f}{ratio:>8.2f}"
        )


@asynccontextmanager
async def served(ids: int) -> AsyncIterator[Ground]:
    """Have a server with a core of its own, if there are two."""
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "benchmarks.api_ground", "--ids", str(ids)]
    if len(cores) > 1:
        command += ["--core", str(cores[-1])]
        os.sched_setaffinity(0, set(cores[:-1]))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    try:
        told = json.loads(await process.stdout.readline())
        places = (_place(told["url"]), _place(told["beside"]))
        facts = (told["records_per_second"], told["rss_mib"])
        keys = (told["key"], told["strange_key"])
        yield Ground(*places, *keys, ids // len(ASSETS), *facts)
    finally:
        process.stdin.close()
        await process.wait()
        os.sched_setaffinity(0, set(cores))


def _place(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


class Asker:
    """Sends requests over connections that stay open, each of them one at a time."""

    def __init__(self, place: tuple[str, int], status: bytes) -> None:
        self._place = place
        self._start = b"HTTP/1.1 " + status

    async def ask(self, make: Make, requests: int, connections: int) -> list[float]:
        """Return how long each took, in seconds."""
        taken: list[float] = []
        each = max(1, requests // connections)
        lines = (self._line(make, each, n, taken) for n in range(connections))
        await asyncio.gather(*lines)
        return taken

    async def _line(
        self, make: Make, count: int, seed: int, taken: list[float]
    ) -> None:
        random = Random(seed)  # noqa: S311
        reader, writer = await asyncio.open_connection(*self._place, limit=2**20)
        for _ in range(count):
            request = make(random)
            start = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].split(b"\r", 1)[0]
            await reader.readexactly(int(length))
            taken.append(time.perf_counter() - start)
            if not head.startswith(self._start):
                msg = f"answered with {head[:40]!r}"
                raise RuntimeError(msg)
        writer.close()


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of request."""

    name: str
    make: Make
    status: bytes = b"200"
    part: float = 1.0
    """How many of it, as a part of what was wished for."""


async def measured(
    ground: Ground, question: Question, requests: int, connections: int
) -> Found:
    """Ask, after a few requests that do not count."""
    place = ground.beside if question is BARE else ground.api
    asker = Asker(place, question.status)
    count = max(connections, int(requests * question.part))
    await asker.ask(question.make, max(20, count // 20), connections)
    before, start = await facts(ground), time.perf_counter()
    taken = await asker.ask(question.make, count, connections)
    took_s, after = time.perf_counter() - start, await facts(ground)
    cpu_ms = 1000 * (after["cpu_s"] - before["cpu_s"]) / len(taken)
    spread = Spread.of(taken)
    return Found(question.name, connections, spread, len(taken) / took_s, cpu_ms)


BARE = Question("bare", lambda _: b"GET /bare HTTP/1.1\r\nHost: bench\r\n\r\n")


def questions(ground: Ground) -> list[Question]:
    """Return what is asked."""
    who, persons = _random(ground), ground.persons
    get, forged = _get(ground.key), _get(ground.key[:-1] + "_")
    strange = _get(ground.strange_key)

    def search(random: Random) -> bytes:
        return get(f"/v1/search?limit=20&q={_prefix(who(random)[0])}")

    return [
        Question("id", lambda r: get(f"/v1/ids/{who(r)[0]}")),
        # What is theirs takes as long as what is nobody's.
        Question("id of theirs", lambda r: strange(f"/v1/ids/{who(r)[0]}"), b"404"),
        Question("id of nobody's", lambda r: strange(_nobodys(who(r)[0])), b"404"),
        Question("person", lambda r: get(f"/v1/persons/{who(r)[1]}")),
        Question(
            "history", lambda r: get(f"/v1/persons/{who(r)[1]}/history"), part=0.5
        ),
        Question("why", lambda r: get(_why(r.randrange(persons))), part=0.5),
        Question("search", search, part=0.5),
        Question(
            "100 persons", lambda r: get(f"/v1/persons?cursor={_cursor(r)}"), part=0.1
        ),
        Question("overview", lambda _: get("/v1/overview"), part=0.1),
        Question("look-up of 1,000", lambda r: _look_up(ground, r), part=0.02),
        Question("forged key", lambda r: forged(f"/v1/ids/{who(r)[0]}"), b"401"),
        Question("no path", lambda _: get("/v2/persons"), b"404"),
    ]


def _random(ground: Ground) -> Callable[[Random], tuple[str, str]]:
    def draw(random: Random) -> tuple[str, str]:
        number = random.randrange(ground.persons)
        return str(random.choice(ids_of(number))), name_of(number)

    return draw


def _get(key: str) -> Callable[[str], bytes]:
    head = f"HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n"
    return lambda path: f"GET {path} {head}".encode()


def _why(number: int) -> str:
    one, *_, two = ids_of(number)
    return f"/v1/why?one={one}&two={two}"


def _nobodys(who: str) -> str:
    return f"/v1/ids/{who[:-1]}x"


def _prefix(who: str) -> str:
    return who.rpartition(":")[2][:-1]


def _cursor(random: Random) -> str:
    place = f"p_{random.getrandbits(128):032x}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _look_up(ground: Ground, random: Random) -> bytes:
    who = _random(ground)
    body = json.dumps({"ids": [who(random)[0] for _ in range(1000)]}).encode()
    head = (
        "POST /v1/ids:lookup HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {ground.key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def facts(ground: Ground, more: str = "") -> dict[str, Any]:
    """Ask how much memory there is and how much was written; change the load."""
    reader, writer = await asyncio.open_connection(*ground.beside)
    writer.write(f"GET /facts{more} HTTP/1.0\r\nHost: bench\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    found: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


async def measure(ids: int, requests: int) -> AsyncIterator[str]:
    """Yield the lines of the table."""
    async with served(ids) as ground:
        yield f"folded {ground.records_per_second:,.0f} records/s, {ground.rss_mib} MiB"
        columns = ("half", "99 %", "most", "/s", "cpu ms")
        yield f"{'ms':<28}conn" + "".join(f"{c:>9}" for c in columns) + f"{'ratio':>8}"
        asked = questions(ground)
        for connections in CONNECTIONS:
            bare = await measured(ground, BARE, requests, connections)
            yield bare.line(None)
            for question in asked:
                found = await measured(ground, question, requests, connections)
                yield found.line(bare)
        for load in LOADS:
            before = await facts(ground, f"?load={load}")
            name = f"{asked[0].name}, {load}/s read"
            found = await measured(ground, replace(asked[0], name=name), requests, 1)
            after = await facts(ground, "?load=0")
            yield f"{found.line(None)}  {after['written'] - before['written']} read"
        yield f"{(await facts(ground))['rss_mib']} MiB at the end"


async def _print(ids: int, requests: int) -> None:
    async for line in measure(ids, requests):
        print(line, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=4_000)
    given = parser.parse_args()
    asyncio.run(_print(given.ids, given.requests))


if __name__ == "__main__":
    main()
