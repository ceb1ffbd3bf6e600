"""Keys go where Kafka puts them, and messages that share a record keep their order."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.packing import (
    MESSAGES_PER_RECORD,
    RECORD_BYTES,
    Packer,
    partition_of,
)
from idweave_streams.reliable import partition_for

# From the tests of Kafka's Java client (UtilsTest, testMurmur2).
JAVA_MURMUR2 = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.mark.parametrize(("key", "hashed"), JAVA_MURMUR2.items())
@pytest.mark.parametrize("partitions", [1, 3, 8, 1024])
def test_a_key_goes_where_the_java_client_puts_it(
    key: str, hashed: int, partitions: int
) -> None:
    """The positive part of murmur2, modulo the number of partitions."""
    assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


@given(key=st.text(), partitions=st.integers(1, 1024))
def test_both_ways_to_place_a_key_agree(key: str, partitions: int) -> None:
    """A record that is placed by us meets the one that the producer places."""
    assert partition_of(key, partitions) == partition_for(key.encode(), partitions)


def join(messages: Iterable[bytes]) -> bytes:
    return b"".join(message + b"\n" for message in messages)


sizes = st.sampled_from([0, 5, 2_000, RECORD_BYTES // 3, RECORD_BYTES + 1])
letters = st.tuples(st.sampled_from("abc"), sizes)


@given(
    added=st.lists(letters, max_size=12),
    repeat=st.sampled_from([1, MESSAGES_PER_RECORD // 2, MESSAGES_PER_RECORD + 1]),
)
def test_nothing_is_lost_or_changes_places(
    added: list[tuple[str, int]], repeat: int
) -> None:
    """Per key, the records hold the messages in the order in which they were added."""
    packer: Packer[str, bytes] = Packer()
    expected: dict[str, bytes] = {}
    small = [(key, size) for key, size in added if size < 10] * repeat
    for number, (key, size) in enumerate(added + small):
        message = f"{number}".encode().ljust(size, b".")
        packer.add(key, message)
        expected[key] = expected.get(key, b"") + message + b"\n"

    packed: dict[str, bytes] = {}
    for key, value in packer.records(join):
        packed[key] = packed.get(key, b"") + value

    assert packed == expected


@given(messages=st.lists(sizes, max_size=30), repeat=st.sampled_from([1, 20]))
def test_a_record_is_bounded(messages: list[int], repeat: int) -> None:
    """No record holds more than so many messages or bytes, unless it holds just one."""
    packer: Packer[int, bytes] = Packer()
    for size in messages + [size for size in messages if size < 10] * repeat:
        packer.add(0, b"." * size)

    for _, value in packer.records(join):
        count = value.count(b"\n")
        assert count <= MESSAGES_PER_RECORD
        assert count == 1 or len(value) <= RECORD_BYTES


def test_messages_of_usual_size_share_records() -> None:
    """A thousand small messages of one key cost as few records as may be."""
    packer: Packer[int, bytes] = Packer()
    for _ in range(1_000):
        packer.add(7, b"." * 300)

    assert len(list(packer.records(join))) == 1_000 / MESSAGES_PER_RECORD


def test_an_empty_packer_has_no_records() -> None:
    """Nothing in, nothing out."""
    packer: Packer[str, bytes] = Packer()

    assert list(packer.records(join)) == []
