"""All that lies in the files is found there, whether it is in effect or not."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.read_model import ReadModelError, RocksStore, raw_pairs
from idweave_adapters.read_model.raw_tables import (
    UnknownFormatError,
    table_pairs,
    unpacked,
    varint,
)

Pairs = dict[bytes, bytes]


def some_pairs(count: int, random: Random) -> Pairs:
    """Keys that begin alike, values that repeat themselves, and large ones."""
    return {
        b"k\x00900\x00app:647733:%d" % random.randrange(10**9): b'{"x":"%d"}'
        % number
        * random.choice((0, 1, 30, 400))
        for number in range(count)
    }


@pytest.mark.parametrize("is_packed", [True, False])
def test_tables_and_logs_hold_all_that_was_written(
    is_packed: bool, tmp_path: Path
) -> None:
    """Before and after it goes from the log of writes to a table."""
    pairs = some_pairs(6_000, Random(1))
    store = RocksStore(tmp_path / "m", compress=is_packed)
    store.write(pairs)
    in_log = dict(raw_pairs(tmp_path / "m"))
    store.scrub()
    in_table = dict(raw_pairs(tmp_path / "m"))

    assert pairs.items() <= in_log.items()
    assert pairs.items() <= in_table.items()
    size = sum(path.stat().st_size for path in (tmp_path / "m").glob("*.sst"))
    whole = sum(len(key + value) for key, value in pairs.items())
    assert (size < whole / 4) == is_packed
    store.close()


def test_what_was_deleted_or_replaced_is_found_until_the_files_are_rewritten(
    tmp_path: Path,
) -> None:
    """RocksDB itself shows nothing of it."""
    store = RocksStore(tmp_path / "m")
    store.write({b"a": b"old", b"b": b"gone", b"c": b"stays"})
    store.compact()
    store.write({b"a": b"new", b"b": None})
    assert dict(store.scan(b"")) == {b"a": b"new", b"c": b"stays"}

    before = list(raw_pairs(tmp_path / "m"))
    store.scrub()
    after = list(raw_pairs(tmp_path / "m"))

    assert {(b"a", b"old"), (b"b", b"gone"), (b"b", b""), (b"a", b"new")} <= {*before}
    keys = [(key, value) for key, value in after if key in {b"a", b"b", b"c"}]
    assert sorted(keys) == [(b"a", b"new"), (b"c", b"stays")]
    assert not any(b"gone" in key + value for key, value in after)
    store.close()


def test_a_killed_store_is_read_up_to_what_it_had_written(tmp_path: Path) -> None:
    """Records that are larger than a block of the log, and one that is cut short."""
    store = RocksStore(tmp_path / "m")
    large = {b"k%d" % number: b"v" * 50_000 for number in range(5)}
    for key, value in large.items():
        store.write({key: value})
    [log] = (tmp_path / "m").glob("*.log")
    log_of = tmp_path / "cut"
    log_of.mkdir()
    data = log.read_bytes()
    (log_of / log.name).write_bytes(data[:-10])

    assert large.items() <= dict(raw_pairs(tmp_path / "m")).items()
    assert sorted(dict(raw_pairs(log_of))) == sorted(large)[:-1]
    store.close()


def test_a_file_of_another_format_is_told(tmp_path: Path) -> None:
    """That nothing was found in it would mean nothing."""
    (tmp_path / "1.sst").write_bytes(b"no table" * 20)

    with pytest.raises(ReadModelError, match="nothing is known of it"):
        list(raw_pairs(tmp_path))


@given(data=st.binary(max_size=300))
def test_garbage_is_no_table(data: bytes) -> None:
    """Nothing but our own error."""
    with pytest.raises(UnknownFormatError):
        list(table_pairs(data))


@pytest.mark.parametrize(
    ("block", "whole"),
    [
        (b"\x50hello", b"hello"),
        (b"\x10a\x01\x00\x00", b"aaaaa"),
        (b"\x1fa\x01\x00\x02\x00", b"a" * 22),
        (b"\x22ab\x02\x00\x10c", b"abababab" + b"c"),
        (b"\xf0\x01" + b"x" * 16, b"x" * 16),
    ],
)
def test_lz4_blocks_are_unpacked(block: bytes, whole: bytes) -> None:
    """Literals, repetitions that reach into themselves, lengths of several bytes."""
    assert unpacked(block) == whole


def test_a_repetition_of_nothing_is_refused() -> None:
    """It would be a damaged block."""
    with pytest.raises(UnknownFormatError):
        unpacked(b"\x10a\x09\x00\x00")


@given(number=st.integers(0, 2**63))
def test_numbers_of_variable_length(number: int) -> None:
    """Seven bits a byte, the lowest first."""
    rest, data = number, bytearray()
    while rest >= 0x80:
        data.append(rest & 0x7F | 0x80)
        rest >>= 7
    data.append(rest)

    assert varint(bytes(data), 0) == (number, len(data))
