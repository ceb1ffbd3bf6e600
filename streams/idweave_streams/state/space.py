"""Room on disk for copies of any size, in one temporary RocksDB.

Memory is bounded whatever is put in: memtables and block cache are small, the rest is
on disk. Nothing in it outlives the process, so there is no log to write ahead.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import rocksdict

from idweave_streams.reliable.memory import blocks_in
from idweave_streams.reliable.store import Change
from idweave_streams.state.errors import CannotWrite
from idweave_streams.state.scratch import scratch

_MEMTABLE_BYTES = 16 * 1024**2
_CACHE_BYTES = 32 * 1024**2
_BATCH = 1_000
"""Changes written at once, and held in memory until then."""
_OPEN_FILES = 256
_END = b"\0"
"""Ends the name of an area; it occurs in none."""


class Area:
    """One ordered set of keys in a space; a `Readable` that can be written."""

    __slots__ = ("_db", "_name", "_options")

    def __init__(
        self, db: rocksdict.Rdict, name: bytes, options: rocksdict.WriteOptions
    ) -> None:
        self._db = db
        self._name = name + _END
        self._options = options

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        value: bytes | None = self._db.get(self._name + key)
        return value

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with *prefix*, ordered by key, from *start*."""
        first = self._name + max(prefix, start)
        wanted, cut = self._name + prefix, len(self._name)
        pairs: Iterator[tuple[bytes, bytes]] = self._db.items(from_key=first)  # type: ignore[assignment] # raw mode: bytes only
        for key, value in pairs:
            if not key.startswith(wanted):
                return
            yield key[cut:], value

    def write(self, changes: Iterable[Change]) -> None:
        """Carry out *changes* in order, None for a delete; any number of them.

        Raises:
            CannotWrite: there is no room.
        """
        remaining = iter(changes)
        while some := list(islice(remaining, _BATCH)):
            batch = rocksdict.WriteBatch(raw_mode=True)
            for key, value in some:
                if value is None:
                    batch.delete(self._name + key)
                else:
                    batch.put(self._name + key, value)
            self._write(batch)

    def _write(self, batch: rocksdict.WriteBatch) -> None:
        try:
            self._db.write(batch, self._options)
        except Exception as error:  # noqa: BLE001  (rocksdict has one type)
            reason = str(error).partition(":")[0]
            text = (
                f"no room for a copy of the tables ({reason}): set TMPDIR to a folder "
                "with more"
            )
            raise CannotWrite(text) from None


class Space:
    """Areas by name. Made by `temporary_space`."""

    def __init__(self, db: rocksdict.Rdict) -> None:
        self._db = db
        self._options = rocksdict.WriteOptions()
        self._options.disable_wal = True  # type: ignore[assignment, method-assign]  # the stub takes it for a method

    def area(self, *name: str | int) -> Area:
        """Return the area of that name, empty if nothing was written there."""
        return Area(self._db, "/".join(map(str, name)).encode(), self._options)


@contextmanager
def temporary_space() -> Iterator[Space]:
    """Have room that is gone afterwards, on the disk that `TMPDIR` names."""
    parent = Path(tempfile.gettempdir())
    with scratch(parent, "idweave-") as folder:
        db = rocksdict.Rdict(str(folder / "copy"), options=_options())
        try:
            yield Space(db)
        finally:
            with suppress(Exception):  # the disk was full; it is thrown away anyway
                db.close()


def _options() -> rocksdict.Options:
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_max_open_files(_OPEN_FILES)
    options.set_write_buffer_size(_MEMTABLE_BYTES)
    options.set_max_write_buffer_number(2)
    options.set_block_based_table_factory(blocks_in(rocksdict.Cache(_CACHE_BYTES)))
    return options
