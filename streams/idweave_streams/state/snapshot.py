"""A copy as a folder of files, and back.

As lines of JSON it holds, beside the tables themselves, from which the copy is made
again, what they say in the form of the output topics, for other programs and for `why`
and `how`. Each format of analysts has a folder of its own in it.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import orjson

from idweave_adapters.snapshots.formats import PARQUET
from idweave_streams.jsonl import read_line
from idweave_streams.state.copy import Pair, StateCopy
from idweave_streams.state.errors import CannotWrite, SnapshotDamaged
from idweave_streams.state.formatting import write_formats
from idweave_streams.state.lines import read_pair
from idweave_streams.state.manifest import (
    MANIFEST,
    BusinessFacts,
    FileFacts,
    Manifest,
    damaged_files,
    read_manifest,
)
from idweave_streams.state.membership import memberships
from idweave_streams.state.parts import parts, table_file, topic_file
from idweave_streams.state.scratch import scratch
from idweave_streams.state.space import Space, temporary_space
from idweave_streams.state.wanted import Unwatched, Wanted, Watch
from idweave_streams.state.writing import SnapshotFile
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE

EVERYTHING = Wanted()
"""All businesses, under their real names, as lines of JSON."""


def write_snapshot(
    copy: StateCopy,
    folder: Path,
    wanted: Wanted = EVERYTHING,
    watch: Watch | None = None,
) -> Manifest:
    """Write *copy* to *folder*, which is there as a whole afterwards, or not at all.

    It is written beside, under a name that begins with a dot, and renamed in the end.
    Only its owner may read it: it holds people's ids.

    Raises:
        CannotWrite: *folder* is there and not empty, or the disk is full.
        StateError: what is wanted is not there, or can't be read.
        NotInstalledError: a format needs a library that is not there.
        UnreadableRecordError: a table holds what this program has not written.
    """
    try:
        refuse_filled(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch(folder.parent, f".{folder.name}.") as beside:
            manifest = _write(copy, beside, wanted, watch or Unwatched())
            for directory in _folders(beside, manifest):
                _sync(directory)
            beside.rename(folder)
        _sync(folder.parent)
    except OSError as error:
        raise _not_written(folder, error) from None
    return manifest


def refuse_filled(folder: Path) -> None:
    """Refuse a folder that is not new or empty, or can't become another one.

    Raises:
        CannotWrite: it is not, or it can't be looked into.
    """
    if folder.name in {"", ".."}:  # nothing can be renamed to such a path
        raise CannotWrite(f"{folder} can't be replaced; name a new folder")
    try:
        is_filled = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise _not_written(folder, error) from None
    if is_filled:
        raise CannotWrite(f"{folder} is not empty; name a new folder")


def _not_written(folder: Path, error: OSError) -> CannotWrite:
    is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    advice = "name a folder with more room" if is_full else "name another folder"
    return CannotWrite(f"can't write {folder}: {error.strerror}; {advice}")


def _write(copy: StateCopy, folder: Path, wanted: Wanted, watch: Watch) -> Manifest:
    formatted, found = write_formats(copy, folder, wanted, watch)
    files = {
        name: FileFacts(f.rows, f.size_bytes, f.sha256) for name, f in formatted.items()
    }
    counts: dict[str, int] = {}
    for name, facts in files.items():
        title = _title(name)
        counts[title] = counts.get(title, 0) + facts.lines
    if wanted.with_tables:
        found = memberships(copy, copy.partitions)
        _write_parts(copy, folder, watch, files, counts)
    businesses: dict[str, BusinessFacts] = {
        business: BusinessFacts(of.members.count, of.persons, str(of.members))
        for business, of in found.items()
    }
    manifest = Manifest(
        cut=copy.cut,
        partitions=copy.partition_count,
        names=copy.names,
        counts=counts,
        businesses=businesses,
        files=files,
        formats=wanted.versions,
        only=wanted.businesses,
        pseudonyms=wanted.pseudonyms.fingerprint if wanted.pseudonyms else "",
        has_tables=wanted.with_tables,
    )
    with SnapshotFile(folder / MANIFEST) as file:
        options = orjson.OPT_INDENT_2
        file.write(orjson.dumps(manifest.document(), option=options))
    return manifest


def _write_parts(
    copy: StateCopy,
    folder: Path,
    watch: Watch,
    files: dict[str, FileFacts],
    counts: dict[str, int],
) -> None:
    for part in parts(copy):
        watch.begin(f"lines of {part.title}", None)
        with SnapshotFile(folder / part.file) as file:
            for line in part.lines:
                file.write(line)
                watch.step()
        files[part.file] = file.facts
        counts[part.title] = counts.get(part.title, 0) + file.facts.lines


def _title(name: str) -> str:
    """Return under what a file of a format is counted: its table, or its format."""
    form, _, rest = name.partition("/")
    return f"{form} {rest.partition('/')[0]}" if form == PARQUET else form


def _folders(top: Path, manifest: Manifest) -> set[Path]:
    """Return every folder that holds a file, and those between it and *top*."""
    found = {top / name for name in manifest.folders}
    between = (
        above for path in found for above in path.parents if top in above.parents
    )
    return {top, *found, *between}


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def open_snapshot(folder: Path) -> Iterator[StateCopy]:
    """Read the copy in *folder* back, while the context is open.

    Raises:
        SnapshotDamaged: it is no whole snapshot, or a file has changed since.
    """
    manifest = read_manifest(folder)
    if damaged := damaged_files(folder, manifest):
        text = f"{folder / damaged[0]} is not as it was written: take another snapshot"
        raise SnapshotDamaged(text)
    with temporary_space() as space:
        yield loaded(folder, manifest, space)


def loaded(folder: Path, manifest: Manifest, space: Space) -> StateCopy:
    """Read the tables of *folder* into *space*, whatever their checksums say.

    Raises:
        SnapshotDamaged: it does not hold the tables, or a line can't be read.
    """
    if not manifest.has_tables:
        text = (
            f"{folder} does not hold the tables: name a folder that `idweave export` "
            "wrote as lines of JSON, of all businesses and under their real names"
        )
        raise SnapshotDamaged(text)
    copy = StateCopy(space, manifest.cut, manifest.partitions, manifest.names)
    for table in (GRAPH_TABLE, LOOKUP_TABLE):
        for partition in manifest.cut.of(table):
            path = folder / table_file(table, partition)
            copy.table(table, partition).write(_read(path, read_pair))
    for name, topic in (("assets", copy.names.assets), ("holds", copy.names.holds)):
        read = partial(_record_pair, topic)
        copy.area(name).write(_read(folder / topic_file(topic), read))
    return copy


def load_logs(copy: StateCopy, folder: Path) -> None:
    """Read the append-only topics of *folder* too, into the *copy* that it gave.

    Raises:
        SnapshotDamaged: a file can't be read.
    """
    for topic in copy.logs():
        path = folder / topic_file(topic)
        try:
            with path.open("rb") as file:
                copy.area("log", topic).write(
                    (number.to_bytes(8), line.rstrip(b"\n"))
                    for number, line in enumerate(file)
                )
        except OSError as error:
            raise SnapshotDamaged(f"can't read {path}: {error.strerror}") from None


def _read(path: Path, read: Callable[[bytes], Pair]) -> Iterator[Pair]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield read(line)
                except ValueError as error:
                    text = f"line {number} of {path}: {error}; take another snapshot"
                    raise SnapshotDamaged(text) from None
    except OSError as error:
        raise SnapshotDamaged(f"can't read {path}: {error.strerror}") from None


def _record_pair(topic: str, line: bytes) -> Pair:
    record = read_line(topic, line)
    return record.key or b"", record.value or b""
