"""Coordinates can be copied from one command to the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.dlq.coordinates import Coordinates, CoordinatesError

coordinates = st.builds(
    Coordinates,
    topic=st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True),
    partition=st.integers(0, 10**9),
    offset=st.integers(0, 2**63 - 1),
)


@given(given=coordinates)
def test_what_is_printed_is_read(given: Coordinates) -> None:
    """Also where the topic has hyphens and numbers itself."""
    assert Coordinates.parse(str(given)) == given


@pytest.mark.parametrize(
    "text", ["", "a", "a-1", "-1-2", "a-1-", "a-x-1", "a-1-01", "a b-1-2", "a-1-٣"]
)
def test_anything_else_is_refused(text: str) -> None:
    """With the form that is expected."""
    with pytest.raises(CoordinatesError, match="topic-partition-offset"):
        Coordinates.parse(text)
