"""Files of a snapshot as they are written: counted, and with a checksum."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Self

from idweave_streams.state.manifest import FileFacts


class SnapshotFile:
    """A new file of lines, which is on the disk when it is closed."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._file = path.open("xb")
        self._digest = sha256()
        self._lines = 0
        self._size_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())

    def write(self, line: bytes) -> None:
        """Add one line."""
        text = line + b"\n"
        self._file.write(text)
        self._digest.update(text)
        self._lines += 1
        self._size_bytes += len(text)

    @property
    def facts(self) -> FileFacts:
        """What was written."""
        return FileFacts(self._lines, self._size_bytes, self._digest.hexdigest())
