"""Tables of one partition that tests write: in memory, and in the real files."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from idweave_streams.reliable.store import PartitionState, Store

Changes = Mapping[bytes, bytes | None]


class Writable(Protocol):
    """A table of one partition, with the write that a unit of work ends in."""

    def get(self, key: bytes) -> bytes | None: ...

    def scan(
        self, prefix: bytes, start: bytes = b""
    ) -> Iterator[tuple[bytes, bytes]]: ...

    def write(self, changes: Changes) -> None: ...


class StoredTable:
    """One partition of the real store, on disk."""

    def __init__(self, store: Store, partition: int) -> None:
        self._store, self._partition, self._offset = store, partition, 0

    @property
    def _state(self) -> PartitionState:
        return self._store.read(self._partition)

    def get(self, key: bytes) -> bytes | None:
        return self._state.get(key)

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        return self._state.scan(prefix, start)

    def write(self, changes: Changes) -> None:
        self._offset += 1
        self._store.write_unit(self._partition, changes.items(), self._offset)


Make = Callable[[], Writable]
