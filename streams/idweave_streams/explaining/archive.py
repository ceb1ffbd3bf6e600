"""Where the topics are read: what every source of them promises, and files as one."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

from idweave_streams.jsonl import UnreadableLineError, read_line
from idweave_streams.reliable import Record

Take = Callable[[Record], None]
"""Takes over one record."""


class Archive(Protocol):
    """All that stands on the topics when they are read."""

    async def read(
        self, topic: str, take: Take, keys: Collection[str] | None = None
    ) -> None:
        """Hand every record of *topic* to *take*, in order within a partition.

        With *keys* only what stands under these is needed, and others may come along.
        """


class ArchiveError(Exception):
    """The files can't be read. The text says what to do, and holds no id."""


class FolderArchive:
    """A folder with `<topic>.jsonl`; a topic without a file holds nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def read(
        self, topic: str, take: Take, keys: Collection[str] | None = None
    ) -> None:
        """Hand over every record, or those under *keys*, in the order of the file.

        Raises:
            ArchiveError: the file can't be read, or a line of it is no record.
        """
        path = self._folder / f"{topic}.jsonl"
        wanted = None if keys is None else {key.encode() for key in keys}
        try:
            with path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    record = _record(topic, line, f"line {number} of {path}")
                    if wanted is None or record.key in wanted:
                        take(record)
        except FileNotFoundError:
            return
        except OSError as error:
            msg = f"can't read {path}: {error.strerror}"
            raise ArchiveError(msg) from None


def _record(topic: str, line: bytes, place: str) -> Record:
    try:
        return read_line(topic, line)
    except UnreadableLineError as error:
        msg = f"{place}: {error}; name a folder that `idweave local --out` or `export` wrote"
        raise ArchiveError(msg) from None
