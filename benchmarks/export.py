"""How fast, and in how much memory, a state of any size becomes Parquet.

Made-up persons stand in a table as a worker has it. They are written as
`idweave export --format parquet` writes them. Then pyarrow alone writes the same tables
again, from rows that are in memory already: what the format itself costs.

    python -m benchmarks.export [--members 10000000]
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from benchmarks.grounds import rss_mib

from idweave_adapters.snapshots.parquet import ROW_GROUP
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import (
    Asset,
    BusinessId,
    BusinessToken,
    Member,
    ScopedId,
    business_id,
)
from idweave_graph.person import Person, Presence, person_id
from idweave_streams.codecs import encode_person
from idweave_streams.packing import partition_of
from idweave_streams.state.copy import Cut, PartitionCut, StateCopy
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.state.space import Space, temporary_space
from idweave_streams.state.tabled import tables_of
from idweave_streams.state.wanted import Wanted
from idweave_streams.tables import GRAPH_TABLE
from idweave_streams.topics import TopicNames

EACH = 4
"""Members of a person: two apps, a Page and a token."""
BUSINESSES = 4
PARTITIONS = 8
START_MS = 1_767_225_600_000
_LOOK_EVERY = 5_000
_ASSETS = tuple(map(Asset.parse, ("app:101", "app:102", "page:201")))


@dataclass(slots=True)
class Memory:
    """Watches how much memory the process has while it writes."""

    start_mib: int = 0
    peak_mib: int = 0
    steps: int = 0

    def begin(self, what: str, total: int | None) -> None:
        """Look once."""
        self.peak_mib = max(self.peak_mib, rss_mib(os.getpid()))

    def step(self) -> None:
        """Look now and then."""
        self.steps += 1
        if self.steps % _LOOK_EVERY == 0:
            self.begin("", None)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    members: int
    rows: int
    """Of all tables."""
    export_s: float
    pyarrow_s: float
    size_mib: float
    start_mib: int
    """Memory before the writing."""
    peak_mib: int

    @property
    def ratio(self) -> float:
        """Rows a second of the export, as a part of those of pyarrow alone."""
        return self.pyarrow_s / self.export_s


def people(count: int, partition: int) -> Iterator[Person]:
    """Make up those of *count* persons whose business lives in a partition."""
    for first in range(BUSINESSES):
        business = business_id(str(900 + first))
        if partition_of(business, PARTITIONS) == partition:
            for number in range(first, count, BUSINESSES):
                yield _person(business, number)


def _person(business: BusinessId, number: int) -> Person:
    ids: list[Member] = [
        ScopedId(asset, str(10**15 + number * 7 + n)) for n, asset in enumerate(_ASSETS)
    ]
    token = BusinessToken(f"Abm{number:012x}")
    at_ms = START_MS + number
    kind, cause = EvidenceKind.TOKEN_FOR_BUSINESS, Cause("answers", 0, number)
    proofs = (
        evidence(kind, (one, 1), (token, 0), at_ms=at_ms, cause=cause) for one in ids
    )
    members = [*ids, token]
    return Person(
        business=business,
        id=person_id(business, ids[0]),
        generation=EACH,
        members=dict.fromkeys(members, at_ms),
        evidence=tuple(proofs),
        presence={m: Presence(int(m != token), 0, at_ms) for m in members},
    )


def filled(space: Space, persons: int) -> StateCopy:
    """Put the persons where a copy of the tables has them."""
    for partition in range(PARTITIONS):
        space.area(GRAPH_TABLE, partition).write(
            (f"p|{who.business}|{who.id}".encode(), encode_person(who))
            for who in people(persons, partition)
        )
    cut = {partition: PartitionCut() for partition in range(PARTITIONS)}
    return StateCopy(space, Cut(cut, cut), PARTITIONS, TopicNames.build())


def measure(members: int, folder: Path) -> Figures:
    """Write *members* rows of that table, and what belongs to them, into *folder*."""
    with temporary_space() as space:
        copy = filled(space, members // EACH)
        memory = Memory(start_mib=rss_mib(os.getpid()))
        begin = time.perf_counter()
        manifest = write_snapshot(copy, folder / "out", Wanted(("parquet",)), memory)
        export_s = time.perf_counter() - begin
    return Figures(
        members=manifest.counts["parquet members"],
        rows=sum(facts.lines for facts in manifest.files.values()),
        export_s=export_s,
        pyarrow_s=written_again(folder / "out", folder / "again"),
        size_mib=sum(f.size_bytes for f in manifest.files.values()) / 1024**2,
        start_mib=memory.start_mib,
        peak_mib=memory.peak_mib,
    )


def written_again(snapshot: Path, folder: Path) -> float:
    """Write the same tables with pyarrow alone; return for how many seconds it wrote."""
    folder.mkdir()
    _, files = tables_of(snapshot)
    seconds = 0.0
    for number, path in enumerate(path for paths in files.values() for path in paths):
        source = pq.ParquetFile(path)
        target = folder / f"{number}.parquet"
        with pq.ParquetWriter(
            target, source.schema_arrow, compression="zstd"
        ) as writer:
            for batch in source.iter_batches(ROW_GROUP):
                begin = time.perf_counter()
                writer.write_batch(batch)
                seconds += time.perf_counter() - begin
    return seconds


def main() -> None:
    """Measure, and print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000_000)
    members = parser.parse_args().members
    with tempfile.TemporaryDirectory(prefix="idweave-bench-") as folder:
        found = measure(members, Path(folder))
    print(f"member rows            {found.members:>12,}")
    print(f"rows of all tables     {found.rows:>12,}")
    print(f"export, s              {found.export_s:>12.1f}")
    print(f"rows a second          {found.rows / found.export_s:>12,.0f}")
    print(f"pyarrow alone, s       {found.pyarrow_s:>12.1f}")
    print(f"of pyarrow's rate      {found.ratio:>12.3f}")
    print(f"files, MiB             {found.size_mib:>12.1f}")
    print(f"memory before, MiB     {found.start_mib:>12}")
    print(f"memory at most, MiB    {found.peak_mib:>12}")


if __name__ == "__main__":
    main()
