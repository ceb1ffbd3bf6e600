"""The operator's file of what was not mapped, one JSON object a line."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import orjson

from idweave_streams.migrate.journal import Aside

FILE_NAME = "not-mapped.jsonl"


class AsideFile:
    """Written anew from the journal at each start, so each entry stands there once."""

    def __init__(self, folder: Path) -> None:
        """Open the file in *folder*, empty, for its owner alone.

        Raises:
            OSError: it can't be written.
        """
        self.path = folder / FILE_NAME
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._file: BinaryIO = os.fdopen(os.open(self.path, flags, 0o600), "wb")
        self.path.chmod(0o600)  # it may have been there before

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, entries: Iterable[Aside]) -> None:
        """Write *entries* behind those that are there."""
        for each in entries:
            row = {"asid": each.asid, "place": each.place, "reason": each.reason}
            stated = {name: value for name, value in row.items() if value is not None}
            self._file.write(orjson.dumps(stated) + b"\n")
        self._file.flush()
