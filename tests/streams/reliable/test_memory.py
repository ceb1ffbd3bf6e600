"""What the local files hold in memory is bounded for all of them together."""

import random
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import rocksdict

from idweave_streams.reliable import Memory, ReliableApp, Table
from idweave_streams.reliable.memory import options
from idweave_streams.reliable.store import Store
from idweave_streams.settings import Settings
from idweave_streams.worker import create_worker

MIB = 1024**2
SMALL = Memory(cache_bytes=3 * MIB, write_buffer_bytes=8 * MIB)
WRITTEN_AT_THE_MOMENT = 4 * MIB
"""What is being written to files is still in memory, and does not hold writers up."""


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[list[Store]]:
    """Two tables of one app."""
    app = ReliableApp("shop", datadir=tmp_path, tabledir=tmp_path, memory=SMALL)
    stores = [Table(app, name=name).store for name in ("kept", "more")]
    yield stores
    for store in stores:
        await store.stop()


def figure(store: Store, partition: int, name: str) -> int:
    """Return what RocksDB says of a file."""
    db = store._db_for_partition(partition)
    return int(db.property_int_value(f"rocksdb.{name}"))


async def test_all_tables_and_partitions_share_what_is_not_written_yet(
    stores: list[Store],
) -> None:
    """However much they write, in whichever order; all of it can be read."""
    rng, places = random.Random(1), [(s, p) for s in stores for p in range(3)]
    value = rng.randbytes(MIB // 8)
    for offset in range(48):
        for store, partition in places:
            store.write_unit(partition, [(b"%d" % offset, value)], offset)

    held = sum(figure(*place, "cur-size-all-mem-tables") for place in places)

    assert held <= SMALL.write_buffer_bytes + WRITTEN_AT_THE_MOMENT
    assert all(s.read(p).get(b"47") == s.read(p).get(b"0") == value for s, p in places)


async def test_all_tables_and_partitions_share_what_was_read(
    stores: list[Store],
) -> None:
    """Whatever one reads takes room from all others, and it is bounded."""
    rng, places = random.Random(1), [(s, p) for s in stores for p in range(3)]
    for store, partition in places:
        for offset in range(16):
            pair = (b"%d" % offset, rng.randbytes(MIB // 8))
            store.write_unit(partition, [pair], offset)
        store._db_for_partition(partition).flush()
    for store, partition in places:
        assert len(list(store.read(partition).scan(b""))) == 16

    capacity = {figure(*place, "block-cache-capacity") for place in places}
    held = {figure(*place, "block-cache-usage") for place in places}

    assert capacity == {SMALL.cache_bytes}
    assert len(held) == 1
    assert held.pop() <= SMALL.cache_bytes + MIB


def test_the_index_of_a_large_file_is_remembered(tmp_path: Path) -> None:
    """In parts: as a whole it has no room in the cache, and each read would read it."""
    counting = options(Memory(cache_bytes=MIB, write_buffer_bytes=64 * MIB))
    counting.enable_statistics()
    db = rocksdict.Rdict(str(tmp_path / "db"), counting)
    keys = [b"%020d" % number for number in range(200_000)]
    for begin in range(0, len(keys), 5_000):
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key in keys[begin : begin + 5_000]:
            batch.put(key, key * 20)
        db.write(batch)
    db.flush()
    db.compact_range(None, None)
    read_often = keys[:: len(keys) // 20]

    assert all(db.get(key) for key in read_often)
    before = index_reads(counting)
    assert all(db.get(key) for key in read_often)
    missed = index_reads(counting) - before
    db.close()

    assert missed == 0


def index_reads(counting: rocksdict.Options) -> int:
    """How many parts of indexes and filters were not remembered when they were needed."""
    told = counting.get_statistics() or ""
    found = re.findall(r"block\.cache\.(?:index|filter)\.miss COUNT : (\d+)", told)
    assert len(found) == 2
    return sum(map(int, found))


def test_a_worker_takes_what_its_settings_say(tmp_path: Path) -> None:
    settings = Settings(table_cache_mib=5, table_write_buffer_mib=9, data_dir=tmp_path)

    assert create_worker(settings, {}).memory == Memory(5 * MIB, 9 * MIB)


def test_what_nobody_states_is_64_mib_each() -> None:
    assert Settings().table_memory == Memory() == Memory(64 * MIB, 64 * MIB)
