"""A table over another one, which stays as it is."""

from collections.abc import Iterator, Mapping
from heapq import merge

from sortedcontainers import SortedDict

from idweave_streams.reliable import Readable


class OverlayTable:
    """One partition of a table: what was written here, over what lies below.

    Nothing is ever written below, and nothing of it is copied: memory grows with the
    changes alone.
    """

    def __init__(self, below: Readable) -> None:
        self.below = below
        self._changes = SortedDict()

    @property
    def changes(self) -> Mapping[bytes, bytes | None]:
        """What was written here, by key; None for a delete."""
        changes: Mapping[bytes, bytes | None] = self._changes
        return changes

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        if key in self._changes:
            value: bytes | None = self._changes[key]
            return value
        return self.below.get(key)

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with *prefix*, ordered by key, from *start*."""
        here = ((key, 0, value) for key, value in self.scan_changes(prefix, start))
        below = ((key, 1, value) for key, value in self.below.scan(prefix, start))
        last = None
        for key, _, value in merge(here, below):
            if key != last and value is not None:
                yield key, value
            last = key

    def scan_changes(
        self, prefix: bytes, start: bytes = b""
    ) -> Iterator[tuple[bytes, bytes | None]]:
        """Yield what was written here, as `scan` does, None for a delete."""
        for key in self._changes.irange(minimum=max(prefix, start)):
            if not key.startswith(prefix):
                return
            yield key, self._changes[key]

    def write(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Remember *changes*, None for a delete."""
        self._changes.update(changes)


class OnlyChanges:
    """What an overlay has of its own to scan; by key all of it is there."""

    def __init__(self, table: OverlayTable) -> None:
        self._table = table

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        return self._table.get(key)

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs that were written to the overlay, as its `scan` does."""
        for key, value in self._table.scan_changes(prefix, start):
            if value is not None:
                yield key, value
