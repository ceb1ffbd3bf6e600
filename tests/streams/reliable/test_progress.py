"""The progress record says exactly what is in effect, or refuses to be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.reliable.progress import (
    UnknownProgressError,
    decode_progress,
    encode_progress,
)


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 2**62)))
def test_decoding_undoes_encoding(offsets: dict[str, int]) -> None:
    """Any set of topics and offsets comes back."""
    assert decode_progress(encode_progress(offsets)) == offsets


def test_no_record_means_nothing_is_in_effect() -> None:
    """A new partition starts empty."""
    assert decode_progress(None) == {}


@given(st.binary())
def test_garbage_is_refused(raw: bytes) -> None:
    """Bytes that we did not write never raise anything but our own error."""
    with pytest.raises(UnknownProgressError):
        decode_progress(raw)


def test_a_later_format_is_refused() -> None:
    """A downgrade must not read what it does not understand."""
    with pytest.raises(UnknownProgressError):
        decode_progress(b'{"v":2,"next":{"t":1}}')
