"""The local files of a table: one RocksDB per partition, written in whole units only.

Data and the changelog offset they are good for go into one write batch, so that a file
is always the exact state at the offset it names. Memory is bounded for the process, not
per file: one block cache and one memtable budget are shared by all files.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import rocksdict
from faust.stores import rocksdb
from faust.types import TP, AppT, CollectionT, EventT

from .errors import StoreFailed, WrongUse
from .host import host
from .memory import options
from .unit import RESERVED

Change = tuple[bytes, bytes | None]

DELETES_KEPT_S = 7 * 24 * 3600.0
# A copy that was away longer than the changelog keeps deletes may hold keys that are
# gone everywhere else. Half of it: the broker's clock and the cleaner are not exact.
STALE_AFTER_S = DELETES_KEPT_S / 2

_LOCK_ATTEMPTS = 30
_LOCK_WAIT_S = 1.0


class PartitionState:
    """Read side of one partition: what a unit computes on."""

    __slots__ = ("_db",)

    def __init__(self, db: rocksdict.Rdict) -> None:
        self._db = db

    def get(self, key: bytes) -> bytes | None:
        """Return the stored value, or None."""
        value: bytes | None = self._db.get(key)
        return value

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the stored pairs with this prefix in key order, reserved keys left out.

        It begins at *start* and ends with the prefix: deleted keys before or behind it
        are not gone through, however many they are.
        """
        bounds = rocksdict.ReadOptions()
        if (end := _behind(prefix)) is not None:
            bounds.set_iterate_upper_bound(end)
        pairs: Iterator[tuple[bytes, bytes]] = self._db.items(  # type: ignore[assignment] # raw mode: bytes only
            from_key=max(prefix, start), read_opt=bounds
        )
        for key, value in pairs:
            if not key.startswith(prefix):
                return
            if not key.startswith(RESERVED):
                yield key, value


def _behind(prefix: bytes) -> bytes | None:
    """Return the first key behind all with this prefix; None: there is none."""
    cut = prefix.rstrip(b"\xff")
    return cut[:-1] + bytes([cut[-1] + 1]) if cut else None


class Store(rocksdb.Store):
    """Faust's RocksDB store, opened with bounded options and written by partition."""

    def read(self, partition: int) -> PartitionState:
        """Return the read side of a partition, opening its file if needed."""
        return PartitionState(self._db_for_partition(partition))

    def write_unit(
        self, partition: int, changes: Iterable[Change], offset: int
    ) -> None:
        """Write changes, and the changelog offset they end at, in one batch.

        Raises:
            StoreFailed: nothing of them is written; no more writes are to be tried.
        """
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self.offset_key, str(offset).encode())
        db = self._db_for_partition(partition)
        try:
            db.write(batch)
        except Exception as exc:  # rocksdict has one type for everything
            raise self._failed(partition, exc) from exc

    def apply_changelog_batch(
        self,
        batch: Iterable[EventT[Any]],
        to_key: Callable[[Any], Any],
        to_value: Callable[[Any], Any],
    ) -> None:
        """Write changelog events; data and offset of a partition in one batch."""
        by_partition: dict[int, list[EventT[Any]]] = {}
        for event in batch:
            by_partition.setdefault(event.message.partition, []).append(event)
        for partition, events in by_partition.items():
            changes = [(e.message.key or b"", e.message.value) for e in events]
            self.write_unit(partition, changes, events[-1].message.offset)

    async def on_rebalance(
        self,
        assigned: set[TP],
        revoked: set[TP],
        newly_assigned: set[TP],
        generation_id: int = 0,
    ) -> None:
        """Close the files of partitions that moved away, open those that came."""
        async with self.db_lock:
            await self._close_all(self._own(revoked) & self._dbs.keys())
            new = self._own(newly_assigned) - self._dbs.keys()
            await asyncio.gather(*(self._open(p, generation_id) for p in new))

    async def stop(self) -> None:
        """Close every file."""
        await self._close_all(set(self._dbs))

    def _own(self, tps: set[TP]) -> set[int]:
        topics = self.table.changelog_topic.topics
        return {tp.partition for tp in tps if tp.topic in topics}

    async def _close_all(self, partitions: set[int]) -> None:
        """Close files, which flushes them and frees their locks: 50 ms each, in threads."""
        dbs = [self._dbs.pop(partition) for partition in partitions]
        await asyncio.gather(*(asyncio.to_thread(self._close, db) for db in dbs))

    def _close(self, db: rocksdict.Rdict) -> None:
        """Close a file; one that can't be flushed is as after a crash, and that is fine."""
        try:
            db.close()
        except Exception as exc:  # noqa: BLE001 - rocksdict has one type for everything
            self.log.warning("a local file was not closed in good order: %s", exc)

    async def _open(self, partition: int, generation: int) -> None:
        """Open a file, waiting for the process that still has it, if there is one."""
        for attempt in range(_LOCK_ATTEMPTS):
            try:
                db = await asyncio.to_thread(self._open_for_partition, partition)
            except StoreFailed as exc:
                is_locked = "lock" in str(exc.__cause__).lower()
                if not is_locked or attempt == _LOCK_ATTEMPTS - 1:
                    raise
                if generation != self.app.consumer_generation_id:
                    return
                self.log.info("partition %d is in use by another process", partition)
                await asyncio.sleep(_LOCK_WAIT_S)
            else:
                self._dbs[partition] = db
                return

    def _open_for_partition(self, partition: int) -> rocksdict.Rdict:
        try:
            return self._opened(partition)
        except Exception as exc:  # rocksdict has one type for everything
            raise self._failed(partition, exc) from exc

    def _opened(self, partition: int) -> rocksdict.Rdict:
        path: Path = self.partition_path(partition)
        memory = host(self.app).memory
        if path.exists() and _age_s(path) > STALE_AFTER_S:
            self.log.info("partition %d: the local copy is too old to use", partition)
            rocksdict.Rdict.destroy(str(path), options(memory))
        return rocksdict.Rdict(str(path), options=options(memory))

    def _failed(self, partition: int, exc: Exception) -> StoreFailed:
        # RocksDB's texts name files and the system's error, no key and no value.
        path = self.partition_path(partition)
        return StoreFailed(self.table.name, partition, path, str(exc))

    def _set(self, key: bytes, value: bytes | None) -> None:
        raise WrongUse(_ONLY_UNITS)

    def _del(self, key: bytes) -> None:
        raise WrongUse(_ONLY_UNITS)


_ONLY_UNITS = "this table is written by the units of its stage only; use Unit.put"


def open_store(
    app: AppT, table: CollectionT, name: str, options: Mapping[str, Any] | None = None
) -> Store:
    """Return a store of raw bytes for ``table``."""
    return Store(
        "rocksdb://",
        app,
        table,
        table_name=name,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        options=dict(options or {}),  # the store takes keys out of it
    )


def _age_s(path: Path) -> float:
    """Seconds since anything was written there, by the clock of the file system."""
    stamp = path.with_suffix(".stamp")
    stamp.touch()
    now = stamp.stat().st_mtime
    stamp.unlink()
    return now - max(file.stat().st_mtime for file in [path, *path.iterdir()])
