"""A unit reads its own writes over the stored state and has no side effect."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.reliable import Output, Unit, WrongUse
from idweave_streams.reliable.unit import NoTable

KEYS = st.binary(min_size=1, max_size=3)
VALUES = st.binary(max_size=3)


class Stored:
    """A partition in memory."""

    def __init__(self, data: dict[bytes, bytes]) -> None:
        self.data = data

    def get(self, key: bytes) -> bytes | None:
        return self.data.get(key)

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        for key in sorted(self.data):
            if key.startswith(prefix) and key >= start:
                yield key, self.data[key]


@given(
    stored=st.dictionaries(KEYS, VALUES),
    writes=st.lists(st.tuples(KEYS, st.none() | VALUES)),
    prefix=st.binary(max_size=2),
    start=st.binary(max_size=2),
)
def test_reads_are_those_of_a_dict(
    stored: dict[bytes, bytes],
    writes: list[tuple[bytes, bytes | None]],
    prefix: bytes,
    start: bytes,
) -> None:
    """Get and ordered scan see exactly what a dict with the same writes would hold."""
    unit, model = Unit(0, Stored(dict(stored))), dict(stored)
    for key, value in writes:
        if value is None:
            unit.delete(key)
            model.pop(key, None)
        else:
            unit.put(key, value)
            model[key] = value

    assert all(unit.get(key) == model.get(key) for key in {*stored, *dict(writes)})
    assert list(unit.scan(prefix)) == [
        (k, model[k]) for k in sorted(model) if k.startswith(prefix)
    ]
    assert list(unit.scan(prefix, start)) == [
        (k, model[k]) for k in sorted(model) if k.startswith(prefix) and k >= start
    ]


def test_nothing_is_written_through() -> None:
    """Only the unit knows its changes: the state below stays as it was."""
    below = Stored({b"a": b"1"})
    unit = Unit(0, below)

    unit.put(b"a", b"2")
    unit.delete(b"b")

    assert below.data == {b"a": b"1"}
    assert dict(unit.changes) == {b"a": b"2", b"b": None}


def test_a_scan_shows_the_state_at_its_start() -> None:
    """Writing while scanning does not disturb the scan."""
    unit = Unit(0, Stored({b"a": b"1", b"b": b"2"}))

    seen = []
    for key, value in unit.scan(b""):
        unit.put(b"z" + key, value)
        seen.append(key)

    assert seen == [b"a", b"b"]


@pytest.mark.parametrize("key", [b"", b"__faust\0offset__", b"__reliable\0progress"])
def test_keys_of_the_machinery_are_refused(key: bytes) -> None:
    """A handler can't overwrite offsets or progress."""
    unit = Unit(0, Stored({}))

    with pytest.raises(WrongUse):
        unit.put(key, b"x")
    with pytest.raises(WrongUse):
        unit.delete(key)


def test_an_output_may_be_empty() -> None:
    """A record with neither key nor value, which Kafka keeps, can be passed on."""
    unit, empty = Unit(0, Stored({})), Output("topic", None, None)

    unit.send(empty)

    assert list(unit.outputs) == [empty]


def test_a_stage_without_a_table_has_no_state() -> None:
    """Reading where there is no table is a mistake, not an empty answer."""
    unit = Unit(0, NoTable())

    with pytest.raises(WrongUse):
        unit.get(b"a")
    with pytest.raises(WrongUse):
        next(unit.scan(b""), None)
