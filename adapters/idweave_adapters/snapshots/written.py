"""Files as they are written: counted, with a checksum, on the disk at the end."""

import os
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Protocol

from idweave_adapters.snapshots.told import Told
from idweave_graph.person import Person


@dataclass(frozen=True, slots=True)
class Written:
    """What a file was when it was written."""

    rows: int
    size_bytes: int
    sha256: str


class Sink(Protocol):
    """One format, being written into a folder of its own.

    Persons come grouped by business, then events, grouped alike.
    """

    def person(self, person: Person) -> None:
        """Write one person."""

    def event(self, told: Told) -> None:
        """Write one event, or pass over it."""

    def close(self) -> dict[str, Written]:
        """Finish, and tell of every file by its path in the folder."""


class TextFile:
    """A new text file, which is on the disk when it is closed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._digest = sha256()
        self._rows = 0
        self._size_bytes = 0

    def write(self, text: str | bytes, *, rows: int = 0) -> None:
        """Add *text*, which counts as so many rows."""
        data = text.encode() if isinstance(text, str) else text
        self._file.write(data)
        self._digest.update(data)
        self._rows += rows
        self._size_bytes += len(data)

    def close(self) -> Written:
        """Bring it to the disk, and tell what was written."""
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        return Written(self._rows, self._size_bytes, self._digest.hexdigest())


def written(path: Path, rows: int) -> Written:
    """Bring a file that another library has written to the disk, and tell of it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = file_digest(file, "sha256").hexdigest()
    return Written(rows, path.stat().st_size, digest)
