"""The server of `benchmarks.api`: a process of its own, on one core.

It fills a read model with made-up persons of four ids and two events each, serves it,
and beside it, in the same process, a bare aiohttp handler that answers a constant. That
one also lets the follower's load begin and end, and says how much memory there is.

    python -m benchmarks.api_ground --ids N --core C

It prints one line of JSON when all is served, and ends with its standard input.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import uvloop
from aiohttp import web
from benchmarks.grounds import rss_mib

from idweave_adapters.api import (
    ApiKeys,
    ApiServer,
    Audit,
    Freshness,
    KeyFile,
    Limits,
    Origin,
    Served,
    Verb,
    new_key,
)
from idweave_adapters.read_model import (
    Entry,
    RocksStore,
    Source,
    StoredReadModel,
    Writer,
)
from idweave_graph.documents import event_document, person_document
from idweave_graph.events import EventType, IdentityEvent, person_event_id
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.ids import Member, business_id, member
from idweave_graph.person import Person, PersonId, person_id
from idweave_streams.model_follower import CHUNK

BUSINESS = business_id("900")
ASSETS = ("app:10", "app:20", "page:30", "page:40")
CAUSE = Cause("facebook.logins.v1", 0, 0)
START_MS = 1_767_225_600_000
DAY_MS = 86_400_000
DAYS = 90
BATCH = 250
READY = 6_000
"""Records of the follower's load; making them up is no part of it."""
FETCH_S = 0.2
"""Between two answers of the broker; all that came meanwhile is taken over at once."""
CONSTANT_BYTES = 1_000
"""About as much as a person of four ids takes."""


def ids_of(number: int) -> list[Member]:
    """Return the ids of one person."""
    return [member(f"{asset}:{1_000_000_000 + number}") for asset in ASSETS]


def name_of(number: int) -> PersonId:
    """Return the id of one person."""
    return person_id(BUSINESS, ids_of(number)[0])


def person_of(number: int, generation: int = 4) -> Person:
    """Return one person, known by four ids."""
    ids, at_ms = ids_of(number), START_MS + (number % DAYS) * DAY_MS
    proofs = tuple(_proof(ids[0], each, at_ms) for each in ids[1:])
    members = dict.fromkeys(ids, at_ms)
    return Person(BUSINESS, person_id(BUSINESS, ids[0]), generation, members, proofs)


def _proof(one: Member, two: Member, at_ms: int) -> Evidence:
    kind = EvidenceKind.IDS_FOR_PAGES
    return evidence(kind, (one, 1), (two, 1), at_ms=at_ms, cause=CAUSE)


def entries(number: int, offset: int, generation: int = 4) -> Iterator[Entry]:
    """Yield the records of one person and of the event that tells of it."""
    person = person_of(number, generation)
    kind = EventType.LINKED
    event = IdentityEvent(
        id=person_event_id(person, kind),
        type=kind,
        business=BUSINESS,
        at_ms=person.evidence[-1].at_ms,
        cause=CAUSE,
        reason="ids_for_pages",
        person=person,
        proofs=person.evidence[-1:],
    )
    key = person.id.encode()
    yield Entry(Source.PERSONS, 0, offset, key, orjson.dumps(person_document(person)))
    yield Entry(Source.EVENTS, 0, offset, key, orjson.dumps(event_document(event)))


def fill(writer: Writer, persons: int) -> float:
    """Fold them; return records a second."""
    start = time.perf_counter()
    for first in range(0, persons, BATCH):
        some = range(first, min(first + BATCH, persons))
        writer.apply([entry for number in some for entry in entries(number, number)])
    return 2 * persons / (time.perf_counter() - start)


class Load:
    """The model is written while it is asked, as a follower does it."""

    def __init__(self, writer: Writer, persons: int) -> None:
        self._writer = writer
        some = range(READY // 2)
        self._ready = [
            e for n in some for e in entries(n * 7919 % persons, persons + n, 5 + n)
        ]
        self.per_second = 0.0
        """Records; 0: none."""
        self.written = 0

    async def run(self) -> None:
        """Write until cancelled, or until there is nothing new any more."""
        while self.written < len(self._ready):
            await asyncio.sleep(FETCH_S)
            end = self.written + int(self.per_second * FETCH_S)
            while self.written < min(end, len(self._ready)):
                some = self._ready[self.written : self.written + CHUNK]
                self._writer.apply(some)
                self.written += len(some)
                await asyncio.sleep(0)


def beside(load: Load) -> web.Application:
    """The bare handlers."""
    constant = b"x" * CONSTANT_BYTES

    async def bare(_: web.Request) -> web.Response:
        return web.Response(body=constant, content_type="application/json")

    async def facts(request: web.Request) -> web.Response:
        load.per_second = float(request.query.get("load", load.per_second))
        found = {
            "rss_mib": rss_mib(os.getpid()),
            "written": load.written,
            "cpu_s": time.process_time(),
        }
        return web.json_response(found)

    app = web.Application()
    app.add_routes([web.get("/bare", bare), web.get("/facts", facts)])
    return app


async def serve(folder: Path, persons: int) -> None:
    """Serve until the standard input ends."""
    store = RocksStore(folder / "model")
    writer = Writer(store)
    rate = fill(writer, persons)
    store.compact()
    whole = Freshness(Origin.SNAPSHOT, 0, is_ready=True)
    keys = KeyFile(folder / "keys.json")
    now_ms = int(START_MS)
    key, shown = new_key("bench", [BUSINESS], Verb, now_ms=now_ms, life_ms=DAY_MS)
    keys.add(key)
    other, strange = new_key("bench", ["901"], Verb, now_ms=now_ms, life_ms=DAY_MS)
    keys.add(other)
    credentials = ApiKeys(keys, lambda: now_ms)
    served = Served(StoredReadModel(store), credentials, Audit(), lambda: whole)
    server = ApiServer(served, limits=Limits(per_second=1e9, burst=10**9))
    load = Load(writer, persons)
    runner = web.AppRunner(beside(load), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    loading = asyncio.create_task(load.run())
    told = {
        "url": await server.start("127.0.0.1", 0),
        "beside": "http://{}:{}".format(*runner.addresses[0]),
        "key": shown.reveal(),
        "strange_key": strange.reveal(),
        "records_per_second": rate,
        "rss_mib": rss_mib(os.getpid()),
    }
    print(orjson.dumps(told).decode(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    loading.cancel()
    await server.stop()
    await runner.cleanup()
    store.close()


def main() -> None:
    """Fill, then serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--core", type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="idweave-bench-") as folder:
        if given.core is not None:
            os.sched_setaffinity(0, {given.core})
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(Path(folder), given.ids // len(ASSETS)))


if __name__ == "__main__":
    main()
