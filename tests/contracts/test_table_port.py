"""What every table of a partition promises to the units that compute on it.

One suite for the table in memory and for the real files of the reliable layer.
"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.tables import Make, Writable

from idweave_streams.reliable import Unit

KEYS = st.binary(min_size=1, max_size=3).filter(lambda key: not key.startswith(b"_"))
VALUES = st.none() | st.binary(max_size=4)
WRITES = st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=5)
# The fixtures make new tables for each example, so they may be shared.
examples = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def stored(writes: list[dict[bytes, bytes | None]]) -> dict[bytes, bytes]:
    """What is there after *writes*."""
    found: dict[bytes, bytes] = {}
    for changes in writes:
        for key, value in changes.items():
            found.pop(key, None)
            if value is not None:
                found[key] = value
    return found


def test_a_new_table_is_empty(table: Writable) -> None:
    assert table.get(b"a") is None
    assert list(table.scan(b"")) == []


def test_the_last_write_is_read(table: Writable) -> None:
    """Values may be empty, which is not the same as missing."""
    table.write({b"a": b"1", b"b": b""})
    table.write({b"a": b"2", b"c": None})

    assert (table.get(b"a"), table.get(b"b"), table.get(b"c")) == (b"2", b"", None)


def test_what_was_deleted_is_gone(table: Writable) -> None:
    """Deleting what is not there is allowed."""
    table.write({b"a": b"1"})

    table.write({b"a": None, b"b": None})

    assert table.get(b"a") is None
    assert list(table.scan(b"")) == []


def test_a_scan_has_the_keys_with_its_prefix_in_order(table: Writable) -> None:
    """By their bytes, the prefix itself included."""
    keys = [b"q", b"q|", b"q|\x00", b"q|1", b"q|10", b"q|2", b"q|\xff\xff", b"r"]
    table.write(dict.fromkeys(reversed(keys), b"v"))

    assert [key for key, _ in table.scan(b"q|")] == keys[1:-1]
    assert [key for key, _ in table.scan(b"q|\xff")] == [b"q|\xff\xff"]
    assert list(table.scan(b"x")) == []


def test_a_scan_may_be_left_halfway(table: Writable) -> None:
    """The board stops at what is not due, and the table can be written afterwards."""
    table.write({b"q|%d" % number: b"v" for number in range(9)})

    first = next(table.scan(b"q|"))
    table.write({b"q|0": None})

    assert first == (b"q|0", b"v")
    assert next(table.scan(b"q|")) == (b"q|1", b"v")


@examples
@given(writes=WRITES, prefix=st.binary(max_size=2), start=st.binary(max_size=2))
def test_it_is_a_sorted_dictionary(
    make: Make, writes: list[dict[bytes, bytes | None]], prefix: bytes, start: bytes
) -> None:
    table = make()
    for changes in writes:
        table.write(changes)

    expected = stored(writes)
    assert dict(table.scan(b"")) == expected
    assert list(table.scan(prefix)) == sorted(
        (key, value) for key, value in expected.items() if key.startswith(prefix)
    )
    assert list(table.scan(prefix, start)) == [
        (key, value) for key, value in table.scan(prefix) if key >= start
    ]
    for key in {key for changes in writes for key in changes}:
        assert table.get(key) == expected.get(key)


@examples
@given(
    writes=WRITES, pending=st.dictionaries(KEYS, VALUES), prefix=st.binary(max_size=2)
)
def test_a_unit_sees_its_own_writes_over_it(
    make: Make,
    writes: list[dict[bytes, bytes | None]],
    pending: dict[bytes, bytes | None],
    prefix: bytes,
) -> None:
    """As if they were stored already, and they are not."""
    table = make()
    for changes in writes:
        table.write(changes)
    unit = Unit(0, table)

    for key, value in pending.items():
        if value is None:
            unit.delete(key)
        else:
            unit.put(key, value)

    expected = stored([*writes, pending])
    assert list(unit.scan(prefix)) == sorted(
        (key, value) for key, value in expected.items() if key.startswith(prefix)
    )
    for key in pending:
        assert unit.get(key) == expected.get(key)
    assert dict(table.scan(b"")) == stored(writes)
    table.write(unit.changes)
    assert dict(table.scan(b"")) == expected
