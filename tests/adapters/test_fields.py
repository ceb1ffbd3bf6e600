"""Ids and times out of foreign JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.fields import EARLIEST_MS, LATEST_MS, decimal_id, unix_ms
from idweave_graph.ids import Asset, AssetKind, ScopedId


@given(number=st.integers(1, 2**64 - 1))
def test_an_id_has_one_form_whether_text_or_number(number: int) -> None:
    """Old samples have numbers, and both name the same person."""
    assert decimal_id(number) == decimal_id(str(number)) == str(number)


@pytest.mark.parametrize(
    "value",
    [
        *("", "0", "007", "-1", "+1", "1.0", "1e9", " 1", "1\n", "1" * 129),
        *("null", "undefined", "<PSID>", "a@b.example", "٣", "²"),
        *(0, -1, 1.0, 1e15, True, False, None, [], ["1"], {}, {"id": "1"}, b"1"),
    ],
    ids=repr,
)
def test_what_is_no_id_never_becomes_one(value: object) -> None:
    """Placeholders, floats and foreign digits are refused, not repaired."""
    assert decimal_id(value) is None


@given(value=st.text() | st.integers() | st.floats() | st.booleans() | st.none())
def test_every_id_is_one_that_the_vocabulary_takes(value: object) -> None:
    """So building a scoped id from it can't fail."""
    user = decimal_id(value)

    if user is not None:
        assert ScopedId(Asset(AssetKind.PAGE, user), user).user == user


@given(ms=st.integers(EARLIEST_MS, LATEST_MS))
def test_milliseconds_seconds_and_texts_are_read(ms: int) -> None:
    """Whatever unit or type it came in, it is the same moment."""
    assert unix_ms(ms) == unix_ms(str(ms)) == ms
    assert unix_ms(ms // 1000) == unix_ms(str(ms // 1000)) == ms // 1000 * 1000


@pytest.mark.parametrize(
    "value",
    [
        *(0, 1, -1, 12_341, EARLIEST_MS - 1, LATEST_MS + 1, LATEST_MS // 1000 + 1),
        *("", "now", "-1", "1458692752478.0", "٣", "9" * 10_000),
        *(True, None, 1.458e12, [], {}),
    ],
    ids=repr,
)
def test_what_is_no_plausible_time_is_refused(value: object) -> None:
    """A wrong time would make a wrong person the older one."""
    assert unix_ms(value) is None
