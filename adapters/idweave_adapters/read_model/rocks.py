"""The read model's own RocksDB."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import rocksdict

from idweave_adapters.read_model.records import ReadModelError
from idweave_adapters.read_model.store import Changes

_MEMTABLE_BYTES: Final = 16 * 1024**2
_CACHE_BYTES: Final = 64 * 1024**2
_OPEN_FILES: Final = 256
_BLOOM_BITS: Final = 10
_FORMAT: Final = 3


class OpenedFiles:
    """A model that somebody has opened, for reading alone."""

    def __init__(self, db: rocksdict.Rdict) -> None:
        self._db = db

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        value: bytes | None = self._db.get(key)
        return value

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with *prefix*, ordered, from *start* on."""
        bounds = rocksdict.ReadOptions()
        if (end := _behind(prefix)) is not None:
            bounds.set_iterate_upper_bound(end)
        pairs: Iterator[tuple[bytes, bytes]] = self._db.items(  # type: ignore[assignment] # raw mode: bytes only
            from_key=max(prefix, start), read_opt=bounds
        )
        for key, value in pairs:
            if not key.startswith(prefix):
                return
            yield key, value


class RocksStore:
    """A folder that one process at a time has open. Memory is bounded.

    Every write stands in the log of RocksDB before it returns, so a killed process
    loses nothing; after a power failure the last writes may be missing, in their order.
    """

    def __init__(self, folder: Path, *, compress: bool = True) -> None:
        """Open *folder*, which is made if it is not there.

        Raises:
            ReadModelError: another process has it, or it can't be read.
        """
        self._folder = folder
        self._compress = compress
        self._db = self._opened()

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        return OpenedFiles(self._db).get(key)

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with *prefix*, ordered, from *start* on."""
        return OpenedFiles(self._db).scan(prefix, start)

    def write(self, changes: Changes) -> None:
        """Carry out all of *changes* or, if the process dies, none.

        Raises:
            ReadModelError: the disk is full or broken. Open it anew to go on.
        """
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        try:
            self._db.write(batch)
        except Exception as error:  # noqa: BLE001  (rocksdict has one type)
            raise self._failed("written", error) from None

    def scrub(self) -> None:
        """Rewrite all files, so that what was deleted or replaced is in none.

        Raises:
            ReadModelError: there is no room for it, or the files can't be opened again.
        """
        self.compact()
        self.reopen()

    def compact(self) -> None:
        """Rewrite all files. It may be read meanwhile, also by another thread.

        Raises:
            ReadModelError: there is no room for it.
        """
        whole = rocksdict.CompactOptions()
        whole.set_bottommost_level_compaction(
            rocksdict.BottommostLevelCompaction.force()
        )
        try:
            self._db.flush()
            self._db.compact_range(None, None, whole)
        except Exception as error:  # noqa: BLE001  (as above)
            raise self._failed("rewritten", error) from None

    def reopen(self) -> None:
        """Close and open it, whatever is being read.

        The list of files names the first and the last key of each, also of those that
        are gone; opened anew, it is written anew.

        Raises:
            ReadModelError: it can't be opened again.
        """
        try:
            self._db.close()
        except Exception as error:  # noqa: BLE001  (as above)
            raise self._failed("closed", error) from None
        self._db = self._opened()

    def close(self) -> None:
        """Free the folder.

        Whatever was written is there the next time, also where the disk is full.
        """
        with suppress(Exception):  # it fails to flush what stands in its log
            self._db.close()

    def _opened(self) -> rocksdict.Rdict:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return rocksdict.Rdict(str(self._folder), options=self._options())
        except Exception as error:  # noqa: BLE001  (as above)
            raise self._failed("opened", error) from None

    def _options(self) -> rocksdict.Options:
        tables = rocksdict.BlockBasedOptions()
        tables.set_block_cache(rocksdict.Cache(_CACHE_BYTES))
        tables.set_cache_index_and_filter_blocks(True)
        tables.set_bloom_filter(_BLOOM_BITS, False)
        tables.set_index_type(rocksdict.BlockBasedIndexType.two_level_index_search())
        tables.set_partition_filters(True)
        # This, and the compression below, `raw_tables` can read: whether an id is gone
        # from the disk is told by the files alone.
        tables.set_format_version(_FORMAT)
        options = rocksdict.Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_max_open_files(_OPEN_FILES)
        options.set_write_buffer_size(_MEMTABLE_BYTES)
        options.set_max_write_buffer_number(2)
        options.set_keep_log_file_num(1)
        options.set_block_based_table_factory(tables)
        kinds = rocksdict.DBCompressionType
        options.set_compression_type(kinds.lz4() if self._compress else kinds.none())
        return options

    def _failed(self, what: str, error: Exception) -> ReadModelError:
        # RocksDB's texts name files and the system's error, no key and no value.
        return ReadModelError(
            f"the read model in {self._folder} can't be {what} ({error}): see that no "
            "other process has it and that its disk has room; an empty folder is "
            "filled again from the topics"
        )


def _behind(prefix: bytes) -> bytes | None:
    """Return the first key behind all with this prefix; None: there is none."""
    cut = prefix.rstrip(b"\xff")
    return cut[:-1] + bytes([cut[-1] + 1]) if cut else None
