"""What a snapshot and the data directories of workers have of an id."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from idweave_streams.erasing.in_formats import UnreadableFormatError, lines_of
from idweave_streams.erasing.needle import Needle
from idweave_streams.erasing.places import Finding, Kind
from idweave_streams.jsonl import UnreadableLineError, read_line
from idweave_streams.migrate.journal import FILE_NAME as JOURNAL
from idweave_streams.reliable.store import PartitionState
from idweave_streams.state.errors import SnapshotDamaged
from idweave_streams.state.files import opened_files, paths_below
from idweave_streams.state.lines import read_pair
from idweave_streams.state.manifest import read_manifest
from idweave_streams.state.read_models import is_model
from idweave_streams.topics import TOPICS, TopicNames


class UnreadableFileError(Exception):
    """A file can't be read. The text says which, and what to do."""


def in_snapshot(folder: Path, names: TopicNames, needle: Needle) -> Iterator[Finding]:
    """Yield what each file of a snapshot has, whether it is whole or damaged.

    Raises:
        UnreadableFileError: a file or folder can't be read.
    """
    _check_names(folder)
    logs = {getattr(names, t.key) for t in TOPICS if "compact" not in t.config.values()}
    for path in _files(folder):
        count = _count(path, partial(_is_in_line, needle, path.stem))
        # What a log held at that time goes with the snapshot, as it does on the broker.
        kept = {"until_retention" if path.stem in logs else "stands": count}
        yield Finding(Kind.SNAPSHOT, str(path), **kept)


def _check_names(folder: Path) -> None:
    """Refuse a snapshot under pseudonyms: that an id is not there says nothing."""
    with suppress(SnapshotDamaged):
        if read_manifest(folder).pseudonyms:
            text = (
                f"{folder} is under pseudonyms, so nothing is known of it: remove it, "
                "and export another one"
            )
            raise UnreadableFileError(text)


def _files(folder: Path) -> list[Path]:
    files = [path for path in _below(folder) if path.is_file()]
    if not files:
        raise UnreadableFileError(f"{folder} holds no files; name a snapshot")
    return files


def _below(folder: Path) -> list[Path]:
    try:
        return paths_below(folder)
    except OSError as error:
        text = f"can't read {error.filename}: {error.strerror}; nothing is known of it"
        raise UnreadableFileError(text) from None


def _count(path: Path, holds: Callable[[bytes], bool]) -> int:
    try:
        return sum(map(holds, lines_of(path)))
    except UnreadableFormatError as error:
        raise UnreadableFileError(str(error)) from None
    except OSError as error:
        raise UnreadableFileError(f"can't read {path}: {error.strerror}") from None


def _is_in_line(needle: Needle, topic: str, line: bytes) -> bool:
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
    """Yield what each file in a data directory has; nothing is written.

    These are the tables of a worker, and journals of `migrate-asids`. Read models are
    for `in_models`.

    Raises:
        UnreadableFileError: there is none, or a folder or journal can't be read.
        StoreUnreadable: a table can't be opened.
    """
    below = _below(folder)
    stores = [path.parent for path in below if path.name == "CURRENT"]
    files = [path for path in stores if not is_model(path)]
    journals = [path for path in below if path.name == JOURNAL]
    if not stores and not journals:
        text = f"{folder} holds no tables; name the data_dir of a worker"
        raise UnreadableFileError(text)
    for path in files:
        yield Finding(Kind.DATA_DIR, str(path), stands=_count_pairs(path, needle))
    for path in journals:
        yield Finding(Kind.JOURNAL, str(path), _count(path, needle.names_user))


def _count_pairs(path: Path, needle: Needle) -> int:
    with opened_files(path) as db:
        # By the units' own rules: what is under a reserved key is no id.
        return sum(needle.is_in_record(*pair) for pair in PartitionState(db).scan(b""))
