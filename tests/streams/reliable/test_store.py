"""A local file is one state at one changelog offset, and belongs to units alone."""

import os
import re
import resource
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import rocksdict
from faust.types import TP

from idweave_streams.reliable import Memory, ReliableApp, StoreFailed, Table, WrongUse
from idweave_streams.reliable.memory import options
from idweave_streams.reliable.store import STALE_AFTER_S, PartitionState, Store

CHANGELOG = TP("shop-kept-changelog", 0)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    app = ReliableApp("shop", datadir=tmp_path, tabledir=tmp_path)
    return Table(app, name="kept")


@pytest.fixture
async def store(table: Table) -> AsyncIterator[Store]:
    yield table.store
    await table.store.stop()


async def test_changes_and_offset_come_together(store: Store) -> None:
    """After a write the file has the changes and names the offset they are good for."""
    store.write_unit(0, [(b"a", b"1"), (b"b", b"2")], offset=7)
    store.write_unit(0, [(b"a", None), (b"b", b"3")], offset=9)

    assert store.read(0).get(b"a") is None
    assert store.read(0).get(b"b") == b"3"
    assert store.persisted_offset(CHANGELOG) == 9


async def test_a_failing_write_changes_nothing(store: Store) -> None:
    """Data and offset are one batch: half of it is never there."""
    store.write_unit(0, [(b"a", b"1")], offset=1)

    def broken() -> Iterator[tuple[bytes, bytes | None]]:
        yield b"a", b"2"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.write_unit(0, broken(), offset=2)

    assert store.read(0).get(b"a") == b"1"
    assert store.persisted_offset(CHANGELOG) == 1


async def test_partitions_are_apart(store: Store) -> None:
    """The same key in two partitions is two keys."""
    store.write_unit(0, [(b"a", b"0")], offset=1)
    store.write_unit(1, [(b"a", b"1")], offset=1)

    assert [store.read(p).get(b"a") for p in (0, 1)] == [b"0", b"1"]


async def test_a_scan_is_ordered_and_shows_no_reserved_keys(store: Store) -> None:
    """Handlers see their own keys only, by prefix, in key order."""
    changes = [(b"b2", b"x"), (b"a", b"x"), (b"b1", b"x"), (b"__reliable\0p", b"x")]
    store.write_unit(0, [*changes], offset=1)

    assert [k for k, _ in store.read(0).scan(b"b")] == [b"b1", b"b2"]
    assert [k for k, _ in store.read(0).scan(b"")] == [b"a", b"b1", b"b2"]


@pytest.mark.parametrize("prefix", [b"", b"k", b"k\xff", b"\xff", b"\xff\xff"])
async def test_a_scan_finds_all_keys_with_its_prefix(
    store: Store, prefix: bytes
) -> None:
    """Whatever bytes it ends with."""
    keys = [
        b"j\xff",
        b"k",
        b"k\xfe",
        b"k\xff",
        b"k\xff\xff1",
        b"l",
        b"\xff",
        b"\xff\xff",
    ]
    store.write_unit(0, [(key, b"x") for key in keys], offset=1)

    found = [key for key, _ in store.read(0).scan(prefix)]

    assert found == [key for key in keys if key.startswith(prefix)]


def test_a_scan_does_not_go_through_what_was_deleted_around_it(tmp_path: Path) -> None:
    """Or a million ids that are gone would be passed over at each step, for nothing."""
    counting = options(Memory())
    counting.enable_statistics()
    db = rocksdict.Rdict(str(tmp_path / "db"), counting)
    gone = [b"%s%d" % (side, n) for side in (b"a", b"c") for n in range(100)]
    for key in (*gone, b"b1", b"d"):
        db.put(key, b"x")
    for key in gone:
        db.delete(key)

    assert [key for key, _ in PartitionState(db).scan(b"b")] == [b"b1"]
    assert list(PartitionState(db).scan(b"a", b"a99")) == []
    around = passed_over(counting)
    assert list(PartitionState(db).scan(b"c")) == []
    within = passed_over(counting) - around
    db.close()

    assert around <= 2
    assert within >= 100


def passed_over(counting: rocksdict.Options) -> int:
    """How many keys RocksDB has gone through that are no result."""
    found = re.search(
        r"number\.iter\.skip COUNT : (\d+)", counting.get_statistics() or ""
    )
    assert found is not None
    return int(found[1])


async def test_a_file_of_a_partition_that_moved_away_is_free(store: Store) -> None:
    """Closing frees the lock at once: another process may open it, or we again."""
    store.write_unit(0, [(b"a", b"1")], offset=1)
    store.write_unit(1, [(b"a", b"1")], offset=1)

    await store.on_rebalance(set(), {CHANGELOG}, set())
    other = rocksdict.Rdict(str(store.partition_path(0)), rocksdict.Options(True))
    assert other.get(b"a") == b"1"
    other.close()
    await store.on_rebalance({CHANGELOG}, set(), {CHANGELOG})

    assert store.read(0).get(b"a") == b"1"
    assert store.read(1).get(b"a") == b"1"


@pytest.mark.parametrize(
    ("age_s", "is_kept"), [(60, True), (STALE_AFTER_S + 60, False)]
)
async def test_a_copy_that_was_away_too_long_is_not_used(
    store: Store, age_s: float, is_kept: bool
) -> None:
    """Deletes it missed may be gone from the changelog: it is read anew from there."""
    store.write_unit(0, [(b"a", b"1")], offset=1)
    await store.stop()
    path = store.partition_path(0)
    for file in [path, *path.iterdir()]:
        then = file.stat().st_mtime - age_s
        os.utime(file, (then, then))

    assert (store.persisted_offset(CHANGELOG) == 1) is is_kept
    assert (store.read(0).get(b"a") == b"1") is is_kept


async def test_only_units_write(table: Table) -> None:
    """Faust's own way of writing is refused: it does not wait for the changelog."""
    with pytest.raises(WrongUse):
        table[b"a"] = b"1"
    with pytest.raises(WrongUse):
        del table[b"a"]
    with pytest.raises(WrongUse):
        table.clear()
    with pytest.raises(WrongUse):
        table.store[b"a"] = b"1"


async def test_a_disk_that_takes_no_more_is_told_as_such(store: Store) -> None:
    """The error says what the operator can do, and that nothing is lost."""
    store.write_unit(0, [(b"a", b"1")], offset=1)
    path = store.partition_path(1)
    path.write_text("a file where a folder should be")

    with pytest.raises(StoreFailed, match="Free space") as told:
        store.write_unit(1, [(b"secret", b"2")], offset=1)

    assert str(path) in str(told.value)
    assert "secret" not in str(told.value)
    assert store.read(0).get(b"a") == b"1"


async def test_a_file_that_refused_a_write_names_its_disk(
    store: Store,
) -> None:
    """Once the disk is full, writes end with the same error, whoever makes them."""
    store.write_unit(0, [(b"a", b"1")], offset=1)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 12, limit[1]))
    try:
        with pytest.raises(StoreFailed, match="Nothing is lost"):
            store.write_unit(0, [(b"b", bytes(1 << 16))], offset=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)

    assert store.read(0).get(b"a") == b"1"
    assert store.persisted_offset(CHANGELOG) == 1
