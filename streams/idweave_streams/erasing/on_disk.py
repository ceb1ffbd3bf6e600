"""What a snapshot and the data directories of workers have of an id."""

from collections.abc import Iterator
from pathlib import Path

import rocksdict

from idweave_streams.erasing.needle import Needle
from idweave_streams.erasing.places import Finding, Kind
from idweave_streams.jsonl import UnreadableLineError, read_line
from idweave_streams.reliable.store import PartitionState
from idweave_streams.state.lines import read_pair
from idweave_streams.topics import TOPICS, TopicNames


class UnreadableFileError(Exception):
    """A file can't be read. The text says which, and what to do."""


def in_snapshot(folder: Path, names: TopicNames, needle: Needle) -> Iterator[Finding]:
    """Yield what each file of a snapshot has, whether it is whole or damaged.

    Raises:
        UnreadableFileError: a file can't be read.
    """
    logs = {getattr(names, t.key) for t in TOPICS if "compact" not in t.config.values()}
    for path in _files(folder):
        count = _count(path, needle)
        # What a log held at that time goes with the snapshot, as it does on the broker.
        kept = {"until_retention" if path.stem in logs else "stands": count}
        yield Finding(Kind.SNAPSHOT, str(path), **kept)


def _files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise UnreadableFileError(f"{folder} holds no files; name a snapshot")
    return files


def _count(path: Path, needle: Needle) -> int:
    try:
        with path.open("rb") as lines:
            return sum(_is_in_line(path.stem, line, needle) for line in lines)
    except OSError as error:
        raise UnreadableFileError(f"can't read {path}: {error.strerror}") from None


def _is_in_line(topic: str, line: bytes, needle: Needle) -> bool:
    """Say whether a line holds the id: a record of a topic, of a table, or any other."""
    try:
        record = read_line(topic, line)
        return needle.is_in_record(record.key, record.value, record.headers)
    except UnreadableLineError:
        pass
    try:
        key, value = read_pair(line)
    except ValueError:
        return needle.is_in(line)
    return needle.is_in_record(key, value)


def in_data_dir(folder: Path, needle: Needle) -> Iterator[Finding]:
    """Yield what each table file in a worker's data directory has; nothing is written.

    Raises:
        UnreadableFileError: there is none, or one can't be read.
    """
    files = sorted(path.parent for path in folder.rglob("CURRENT"))
    if not files:
        text = f"{folder} holds no tables; name the data_dir of a worker"
        raise UnreadableFileError(text)
    for path in files:
        yield Finding(Kind.DATA_DIR, str(path), stands=_count_pairs(path, needle))


def _count_pairs(path: Path, needle: Needle) -> int:
    options = rocksdict.Options(raw_mode=True)
    read_only = rocksdict.AccessType.read_only()
    try:
        db = rocksdict.Rdict(str(path), options=options, access_type=read_only)
    except Exception as error:  # rocksdict has one type for everything
        text = f"can't read the table {path}: run as its owner, or stop its worker"
        raise UnreadableFileError(text) from error
    try:
        # By the units' own rules: what is under a reserved key is no id.
        state = PartitionState(db)
        return sum(needle.is_in_record(*pair) for pair in state.scan(b""))
    finally:
        db.close()
