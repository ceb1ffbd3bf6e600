"""What was sent back is known again."""

from hypothesis import given
from hypothesis import strategies as st
from tests.streams.dlq.letters import NAMES, letter_of

from idweave_streams.dlq.coordinates import Coordinates
from idweave_streams.dlq.memory import Replayed, encode_replay
from idweave_streams.reliable import Record

SPANS = {0: (100, 117), 3: (0, 1)}
RECORD = Record(NAMES.logins, 0, 0, 0, b"k", b"v")

places = st.tuples(st.sampled_from([0, 1, 3]), st.integers(0, 130))


@given(sent=st.sets(places))
def test_exactly_what_was_sent_is_remembered(sent: set[tuple[int, int]]) -> None:
    """Of the letters that still stand on the topic; the others are gone."""
    replayed = Replayed(SPANS)
    for partition, offset in sent:
        letter = letter_of(RECORD, offset, partition=partition)
        replayed.apply(*encode_replay(letter))

    remembered = {
        (partition, offset)
        for partition in range(5)
        for offset in range(140)
        if replayed.has(Coordinates(NAMES.dead_letters, partition, offset))
    }
    standing = {(p, o) for p, (begin, end) in SPANS.items() for o in range(begin, end)}
    assert remembered == sent & standing


@given(value=st.none() | st.binary(max_size=20))
def test_what_idweave_did_not_write_is_passed_over(value: bytes | None) -> None:
    """It neither stops a replay nor hides a letter."""
    replayed = Replayed(SPANS)

    replayed.apply(b"key", value)

    place = Coordinates(NAMES.dead_letters, 0, 100)
    assert not replayed.has(place)
