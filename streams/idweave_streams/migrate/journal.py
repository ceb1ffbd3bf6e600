"""What is done, in a file that only grows: the answers, and what of them was published.

An answer is on disk before anything follows from it. So an id that has an answer is
never asked for again, whatever happens to the process or the machine; only the call
that was under way then may come twice.
"""

import fcntl
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

from idweave_streams.migrate.entries import Position

FILE_NAME = "journal.jsonl"
_FORM = 1


def is_begun(folder: Path) -> bool:
    """Whether there is a journal in *folder*."""
    return (folder / FILE_NAME).exists()


class JournalError(RuntimeError):
    """The journal can't be gone on with. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ids of one person, and where the first of them stood in the input."""

    asid: str = field(repr=False)
    psid: str = field(repr=False)
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Aside:
    """Something of the input that is not mapped."""

    reason: str
    asid: str | None = field(default=None, repr=False)
    place: str | None = None
    """Where it stands, if there is no id to name."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one call has brought, or what was read without one."""

    at_ms: int
    epochs: tuple[int, int]
    """The ownership epochs of app and Page under which it was learned."""
    pairs: tuple[Pair, ...] = ()
    aside: tuple[Aside, ...] = ()
    position: Position | None = None
    """Up to where the input is done with it."""

    @property
    def asids(self) -> list[str]:
        """The ids that have an answer by it."""
        aside = [each.asid for each in self.aside if each.asid is not None]
        return [*(pair.asid for pair in self.pairs), *aside]


Visit = Callable[[Batch], None]


class Journal:
    """The journal of one migration, held by one process. Made by `open`."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self.position: Position = {}
        self.unpublished: list[Batch] = []
        """Batches with pairs that are not known to be published; mostly one or none."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Be the only one to hold the journal in *folder*, made if it is not there.

        Raises:
            JournalError: another process holds it.
            OSError: it can't be made.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / FILE_NAME
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        file = os.fdopen(os.open(path, flags, 0o600), "r+b")
        try:
            _lock(file, path)
            _sync_folder(folder)
        except BaseException:
            file.close()
            raise
        return cls(file, path)

    def load(self, head: Mapping[str, str], visit: Visit) -> None:
        """Begin it, or show what stands there; to be called first, and once.

        Args:
            head: what the migration is about; it can't change.
            visit: is shown each batch, in order.

        Raises:
            JournalError: it is about something else, or damaged.
            OSError: it can't be read or written.
        """
        end = 0
        for number, line in enumerate(self._file, start=1):
            row = _row(line)
            if row is None and self._file.read(1):
                text = f"{self._path}: line {number} is damaged; name another --state"
                raise JournalError(text)
            if row is None:
                break  # it was being written when the process died
            self._apply(row, number, head, visit)
            end += len(line)
        self._file.truncate(end)
        self._file.seek(end)
        if end == 0:
            self._write({"k": "head", "form": _FORM, **head})
            os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def append(self, batch: Batch) -> None:
        """Return once *batch* is on disk, if it has answers.

        A position alone is not waited for: without it known ids are read again.

        Raises:
            OSError: it may not be.
        """
        self._write(_batch_row(batch))
        if batch.asids:
            os.fsync(self._file.fileno())
        self._take(batch)

    def mark_published(self) -> None:
        """Note that all batches so far are published.

        It is not waited for: to publish once more does no harm.
        """
        self._write({"k": "published"})
        self.unpublished.clear()

    def _apply(
        self, row: Mapping[str, Any], number: int, head: Mapping[str, str], visit: Visit
    ) -> None:
        match row["k"]:
            case "head" if number == 1:
                _check_head(row, head)
            case "batch" if number > 1:
                batch = _batch(row)
                self._take(batch)
                visit(batch)
            case "published" if number > 1:
                self.unpublished.clear()
            case _:
                text = f"line {number} of the journal is none of this idweave"
                raise JournalError(text)

    def _take(self, batch: Batch) -> None:
        if batch.pairs:
            self.unpublished.append(batch)
        if batch.position is not None:
            self.position = batch.position

    def _write(self, row: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(row) + b"\n")
        self._file.flush()


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        text = f"{path} is in use by another run; wait for its end"
        raise JournalError(text) from None


def _sync_folder(folder: Path) -> None:
    """Make sure that the file itself is still there after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_head(row: Mapping[str, Any], head: Mapping[str, str]) -> None:
    if row.get("form") != _FORM:
        text = "a newer idweave has written the journal; name another --state"
        raise JournalError(text)
    other = sorted(name for name in head if row.get(name) != head[name])
    if other:
        text = (
            f"the journal is about another {' and '.join(other)}; name another --state"
        )
        raise JournalError(text)


def _row(line: bytes) -> Mapping[str, Any] | None:
    """The content of a whole line, None if it is none."""
    try:
        row = orjson.loads(line) if line.endswith(b"\n") else None
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and "k" in row else None


def _batch_row(batch: Batch) -> dict[str, Any]:
    return {
        "k": "batch",
        "at_ms": batch.at_ms,
        "epochs": batch.epochs,
        "pairs": [
            [p.asid, p.psid, p.topic, p.partition, p.offset] for p in batch.pairs
        ],
        "aside": [[each.reason, each.asid, each.place] for each in batch.aside],
        "position": batch.position,
    }


def _batch(row: Mapping[str, Any]) -> Batch:
    try:
        app_epoch, page_epoch = row["epochs"]
        return Batch(
            at_ms=row["at_ms"],
            epochs=(app_epoch, page_epoch),
            pairs=tuple(Pair(*each) for each in row["pairs"]),
            aside=tuple(Aside(*each) for each in row["aside"]),
            position=row["position"],
        )
    except (KeyError, TypeError, ValueError):
        text = "the journal holds what is no batch; name another --state"
        raise JournalError(text) from None
