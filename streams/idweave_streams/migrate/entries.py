"""What stands in the input: app-scoped ids, one an entry, each with its place."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import decimal_id
from idweave_adapters.graph_api.answers import is_id
from idweave_adapters.strict_json import read_object
from idweave_graph.evidence import Cause

Position = Mapping[str, int]
"""Up to where an input is done. Only the input that made it understands it."""

FILE = "migrate-asids"
"""Stands for the topic in the cause of what came from a file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a file, or one record of a topic."""

    asid: str | None = field(repr=False)
    """None: it can't be read."""
    place: Cause
    after: Position
    """What of the position changes once this entry is done."""


class Input(Protocol):
    """Where the ids come from."""

    @property
    def name(self) -> str:
        """Tells one input from the other, in the journal."""

    def entries(self, start: Position) -> AsyncIterator[Entry]:
        """Yield what stands behind *start*; from the beginning if that is empty."""


def read_asid(text: bytes | None) -> str | None:
    """Read `{"asid": "..."}`, or the bare id; None if it is neither."""
    bare = (text or b"").strip()
    try:
        value = read_object(bare)["asid"] if bare.startswith(b"{") else bare.decode()
    except (UnreadableError, KeyError, UnicodeDecodeError):
        return None
    asid = decimal_id(value)
    return asid if asid is not None and is_id(asid) else None


class InputChangedError(ValueError):
    """The input is shorter than what was read of it, so it is another one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is shorter than what was read of it before; name the input that"
            " was begun with, or another --state"
        )


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file with one entry a line. Empty lines are passed over."""

    path: Path

    @property
    def name(self) -> str:
        """The whole path, so that it is the same from any folder."""
        return f"file {self.path.resolve()}"

    async def entries(self, start: Position) -> AsyncIterator[Entry]:
        """Yield the lines behind *start*. Only one of them is held at a time.

        Raises:
            InputChangedError: it does not reach that far.
            OSError: it can't be read.
        """
        byte, line = start.get("byte", 0), start.get("line", 0)
        with self.path.open("rb") as file:
            if byte > file.seek(0, 2):
                raise InputChangedError(self.name)
            file.seek(byte)
            for text in file:
                byte, line = byte + len(text), line + 1
                if text.strip():
                    after = {"byte": byte, "line": line}
                    yield Entry(read_asid(text), Cause(FILE, 0, line), after)
