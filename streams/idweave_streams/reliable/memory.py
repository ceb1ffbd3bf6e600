"""How much memory the local files of all tables of the process take together."""

from dataclasses import dataclass
from functools import cache

import rocksdict

_MEMTABLE_BYTES = 8 * 1024**2
_MEMTABLES = 8  # so many full ones fit into the budget, however small it is
_BLOOM_BITS = 10  # one false positive in a hundred: most reads ask for unknown keys
_OPEN_FILES = 256  # per partition file; the stock store takes 90 % of the ulimit


@dataclass(frozen=True, slots=True)
class Memory:
    """What is shared by all files, however many partitions this process has."""

    cache_bytes: int = 64 * 1024**2
    """For what was read: blocks, indexes and filters."""
    write_buffer_bytes: int = 64 * 1024**2
    """For what was written and is in no file yet; beyond it the fullest is flushed."""


def options(memory: Memory) -> rocksdict.Options:
    """Return how a file is opened: what it holds in memory counts with all others."""
    blocks, memtables = _shared(memory)
    found = rocksdict.Options(raw_mode=True)
    found.create_if_missing(True)
    found.set_max_open_files(_OPEN_FILES)
    found.set_write_buffer_size(
        min(_MEMTABLE_BYTES, memory.write_buffer_bytes // _MEMTABLES)
    )
    found.set_max_write_buffer_number(2)
    found.set_keep_log_file_num(2)
    found.set_write_buffer_manager(memtables)
    found.set_block_based_table_factory(blocks_in(blocks))
    return found


def blocks_in(cache: rocksdict.Cache) -> rocksdict.BlockBasedOptions:
    """Return how files lie in blocks, of which *cache* remembers some.

    Index and filter of a large file are too large for a shard of the cache, which would
    hold neither: each read would take a hundred times as long. In parts they fit.
    """
    tables = rocksdict.BlockBasedOptions()
    tables.set_block_cache(cache)
    tables.set_cache_index_and_filter_blocks(True)
    tables.set_bloom_filter(_BLOOM_BITS, False)
    tables.set_index_type(rocksdict.BlockBasedIndexType.two_level_index_search())
    tables.set_partition_filters(True)
    tables.set_pin_top_level_index_and_filter(True)
    return tables


@cache
def _shared(memory: Memory) -> tuple[rocksdict.Cache, rocksdict.WriteBufferManager]:
    memtables = rocksdict.WriteBufferManager(memory.write_buffer_bytes, False)
    return rocksdict.Cache(memory.cache_bytes), memtables
