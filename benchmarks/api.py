"""How long a point look-up takes over HTTP, on one core.

Made-up persons of four ids each are folded into a read model on disk. One connection
then asks for ids drawn at random, one after the other; server and client share the
process, so what is measured is the upper bound of both.

    python -m benchmarks.api [--ids 1000000] [--requests 5000]
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import aiohttp
import orjson
from benchmarks.grounds import rss_mib

from idweave_adapters.api import (
    ApiServer,
    Audit,
    Caller,
    Freshness,
    Limits,
    Origin,
    Served,
    Verb,
)
from idweave_adapters.read_model import (
    Entry,
    RocksStore,
    Source,
    StoredReadModel,
    Writer,
)
from idweave_graph.documents import person_document
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Member, business_id, member
from idweave_graph.person import Person, person_id

BUSINESS = business_id("900")
ASSETS = ("app:10", "app:20", "page:30", "page:40")
CAUSE = Cause("facebook.logins.v1", 0, 0)
BATCH = 500


class Anybody:
    """Lets everybody in: what is measured is the look-up."""

    def caller(self, shown: str) -> Caller | None:
        """Return somebody who may ask about the business."""
        del shown
        return Caller("bench", frozenset({BUSINESS}), frozenset(Verb))


def ids_of(number: int) -> list[Member]:
    """Return the ids of one person."""
    return [member(f"{asset}:{1_000_000_000 + number}") for asset in ASSETS]


def entries(persons: int) -> Iterator[Entry]:
    """Yield the records of so many persons."""
    for number in range(persons):
        ids = ids_of(number)
        kind, first = EvidenceKind.IDS_FOR_PAGES, (ids[0], 1)
        proofs = tuple(
            evidence(kind, first, (each, 1), at_ms=0, cause=CAUSE) for each in ids[1:]
        )
        name = person_id(BUSINESS, ids[0])
        person = Person(BUSINESS, name, 1, dict.fromkeys(ids, 0), proofs)
        value = orjson.dumps(person_document(person))
        yield Entry(Source.PERSONS, 0, number, name.encode(), value)


def fill(store: RocksStore, persons: int) -> float:
    """Fold them; return persons a second."""
    writer, start = Writer(store), time.perf_counter()
    batch: list[Entry] = []
    for entry in entries(persons):
        batch.append(entry)
        if len(batch) == BATCH:
            writer.apply(batch)
            batch = []
    writer.apply(batch)
    return persons / (time.perf_counter() - start)


async def ask(store: RocksStore, persons: int, requests: int) -> list[float]:
    """Return how long each look-up took, in seconds, sorted."""
    whole = Freshness(Origin.SNAPSHOT, 0, is_ready=True)
    served = Served(StoredReadModel(store), Anybody(), Audit(), lambda: whole)
    server = ApiServer(served, limits=Limits(per_second=1e9, burst=10**9))
    url, random, took = await server.start("127.0.0.1", 0), Random(7), []  # noqa: S311
    headers = {"Authorization": "Bearer bench"}
    async with aiohttp.ClientSession(url, headers=headers) as http:
        for _ in range(requests):
            who = random.choice(ids_of(random.randrange(persons)))
            start = time.perf_counter()
            async with http.get(f"/v1/ids/{who}") as response:
                await response.read()
            took.append(time.perf_counter() - start)
    await server.stop()
    return sorted(took)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=5_000)
    given = parser.parse_args()
    persons = given.ids // len(ASSETS)
    with tempfile.TemporaryDirectory() as folder:
        store = RocksStore(Path(folder) / "model")
        print(
            f"{fill(store, persons):,.0f} persons/s folded, {rss_mib(os.getpid()):.0f} MiB"
        )
        store.compact()
        took = asyncio.run(ask(store, persons, given.requests))
        for part in (0.5, 0.99, 0.999):
            at = took[min(len(took) - 1, int(part * len(took)))]
            print(f"p{part * 100:g}: {at * 1000:.2f} ms")
        print(f"{rss_mib(os.getpid()):.0f} MiB")
        store.close()


if __name__ == "__main__":
    main()
