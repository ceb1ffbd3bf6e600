"""A table over another one: it reads as both, and the one below stays as it is."""

from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.local.log import LocalTable
from idweave_streams.local.overlay import OnlyChanges, OverlayTable

KEYS = st.binary(min_size=1, max_size=3)
SHORT = st.binary(max_size=2)
BELOW = st.dictionaries(KEYS, st.binary(max_size=2), max_size=8)
CHANGES = st.lists(
    st.dictionaries(KEYS, st.none() | st.binary(max_size=2), max_size=6), max_size=3
)


@given(below=BELOW, changes=CHANGES, prefix=SHORT, start=SHORT)
def test_it_is_a_table_to_which_the_changes_were_made(
    below: dict[bytes, bytes],
    changes: list[dict[bytes, bytes | None]],
    prefix: bytes,
    start: bytes,
) -> None:
    """By key and in order, and nothing was written below."""
    base, expected = LocalTable(), LocalTable()
    base.write(below)
    expected.write(below)
    overlay = OverlayTable(base)

    for each in changes:
        overlay.write(each)
        expected.write(each)

    assert list(overlay.scan(prefix, start)) == list(expected.scan(prefix, start))
    for key in {*below, *(key for each in changes for key in each)}:
        assert overlay.get(key) == expected.get(key)
    assert dict(base.scan(b"")) == below


@given(below=BELOW, changes=CHANGES, prefix=SHORT, start=SHORT)
def test_what_was_written_can_be_scanned_alone(
    below: dict[bytes, bytes],
    changes: list[dict[bytes, bytes | None]],
    prefix: bytes,
    start: bytes,
) -> None:
    """By key all of it is there."""
    base = LocalTable()
    base.write(below)
    overlay = OverlayTable(base)
    for each in changes:
        overlay.write(each)
    written = {key: value for each in changes for key, value in each.items()}

    only = OnlyChanges(overlay)

    assert list(only.scan(prefix, start)) == sorted(
        (key, value)
        for key, value in written.items()
        if value is not None and key.startswith(prefix) and key >= start
    )
    assert all(only.get(key) == overlay.get(key) for key in {*below, *written})
