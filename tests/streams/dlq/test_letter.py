"""What is read of a dead letter, and what of it is sent back or shown."""

from hypothesis import given
from hypothesis import strategies as st
from tests.streams.dlq.letters import NAMES, Read, letter_of, stored

from idweave_streams.dead_letters import PREFIX
from idweave_streams.dlq.codes import FOREIGN
from idweave_streams.dlq.coordinates import Coordinates
from idweave_streams.dlq.letter import REPLAYS, read_letter
from idweave_streams.dlq.told import described, document
from idweave_streams.reliable import Output, Record
from idweave_streams.topics import RECORD_MAX_BYTES

blobs = st.none() | st.binary(max_size=8)
ours = st.sampled_from(["code", "stage", "topic", "partition", "offset", "count"])
names = st.text(max_size=4) | ours.map(PREFIX.__add__) | st.just(REPLAYS)
headers = st.lists(st.tuples(names, st.binary(max_size=8)), max_size=8).map(tuple)
own_headers = st.lists(
    st.tuples(st.text(max_size=4), st.binary(max_size=4)), max_size=3
)
records = st.builds(
    Record,
    topic=st.just(NAMES.logins),
    partition=st.integers(0, 1023),
    offset=st.integers(0, 2**63 - 1),
    timestamp_ms=st.integers(-1, 2**62),
    key=blobs,
    value=blobs,
    headers=own_headers.map(tuple),
)


@given(record=records)
def test_what_is_sent_back_is_the_record_byte_for_byte(record: Record) -> None:
    """Key, value and headers, and one header more that counts."""
    letter = letter_of(record)

    assert (letter.key, letter.value) == (record.key, record.value)
    assert letter.replay_headers() == (*record.headers, (REPLAYS, b"1"))
    assert letter.origin == Coordinates(NAMES.logins, record.partition, record.offset)


@given(record=records, times=st.integers(1, 4))
def test_a_replay_that_comes_back_counts_up(record: Record, times: int) -> None:
    """Under one header, and with nothing of the letters that it was."""
    letter = letter_of(record)
    for _ in range(times):
        output = Output(NAMES.logins, letter.key, letter.value, letter.replay_headers())
        letter = letter_of(stored(output, 9, partition=1), 2)

    assert letter.replays == times
    assert letter.own_headers == record.headers
    assert letter.origin == Coordinates(NAMES.logins, 1, 9)


@given(headers=headers, key=blobs, value=blobs)
def test_whatever_is_on_the_topic_is_read(
    headers: tuple[tuple[str, bytes], ...], key: bytes | None, value: bytes | None
) -> None:
    """A letter without its headers is told as one of nobody, and never shown raw."""
    record = Record("dead", 0, 1, -1, key, value, headers)

    letter = read_letter(Read(record))

    assert (letter.code == FOREIGN) == (letter.origin is None)
    lines = list(described(letter, is_replayed=False, reveal=True))
    assert all(line.isprintable() for line in lines)


def test_what_may_name_people_is_not_told_unasked() -> None:
    """Key, value and headers are told by their size, to people and to scripts."""
    record = Record(NAMES.logins, 0, 5, 0, b"secret1", b"secret2", (("h", b"secret3"),))
    letter = letter_of(record)

    unasked = "\n".join(described(letter, is_replayed=False, reveal=False))
    asked = "\n".join(described(letter, is_replayed=False, reveal=True))

    told = f"{unasked} {document(letter, is_replayed=False)} {letter!r}"
    assert "secret" not in told
    assert all(f"secret{number}" in asked for number in (1, 2, 3))


def test_a_record_that_was_too_large_is_told_with_its_size() -> None:
    """Its bytes are not in the letter."""
    record = Record(NAMES.logins, 0, 5, 0, None, b"x" * (RECORD_MAX_BYTES + 1))

    told = document(letter_of(record), is_replayed=False)

    assert told["bytes"] == RECORD_MAX_BYTES + 1
