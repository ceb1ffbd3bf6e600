"""Ordered keys and values: the port that the read model lies on, and one in memory."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from sortedcontainers import SortedDict

Changes = Mapping[bytes, bytes | None]
"""What is put, by key; None is a delete."""


class Readable(Protocol):
    """Something that can be read by key, and in the order of keys."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with *prefix*, ordered, from *start* on.

        What is written meanwhile may be seen or not.
        """


class Store(Readable, Protocol):
    """A `Readable` with one writer. Keys and values are bytes; a key is never empty."""

    def write(self, changes: Changes) -> None:
        """Carry out all of *changes* or, if the process dies, none.

        Raises:
            ReadModelError: they can't be written.
        """

    def scrub(self) -> None:
        """Leave nothing on the disk of what was deleted or replaced before."""


class MemoryStore:
    """A store in memory, gone with the process."""

    def __init__(self) -> None:
        self._pairs: SortedDict = SortedDict()

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        value: bytes | None = self._pairs.get(key)
        return value

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with *prefix*, ordered, from *start* on."""
        found = []
        for key in self._pairs.irange(max(prefix, start)):
            if not key.startswith(prefix):
                break
            found.append((key, self._pairs[key]))
        yield from found

    def write(self, changes: Changes) -> None:
        """Carry out all of *changes*."""
        for key, value in changes.items():
            if value is None:
                self._pairs.pop(key, None)
            else:
                self._pairs[key] = value

    def scrub(self) -> None:
        """Do nothing: nothing is on a disk."""
