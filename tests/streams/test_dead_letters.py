"""What can't be read is kept as it came, with what an operator needs to route on."""

from itertools import product

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.reasons import DeadLetterCode
from idweave_streams.contracts import schema
from idweave_streams.dead_letters import PREFIX, dead_letter
from idweave_streams.reliable import Record
from idweave_streams.topics import RECORD_MAX_BYTES

NAMES = ("code", "stage", "topic", "partition", "offset", "timestamp", "count")

LARGE = b"x" * RECORD_MAX_BYTES

blobs = st.none() | st.binary(max_size=8)
headers = st.lists(st.tuples(st.text(max_size=4), st.binary(max_size=4)), max_size=3)
records = st.builds(
    Record,
    topic=st.sampled_from(["facebook.logins.v1", "idweave.evidence.v1"]),
    partition=st.integers(0, 1023),
    offset=st.integers(0, 2**63 - 1),
    timestamp_ms=st.integers(-1, 2**62),
    key=blobs,
    value=blobs,
    headers=headers.map(tuple),
)


@given(record=records)
def test_a_dead_letter_is_the_record_byte_for_byte(record: Record) -> None:
    """Key, value and headers stay, none included; ours come behind."""
    letter = dead_letter("dead", record, stage="ingest", code="not-json")

    assert (letter.topic, letter.key, letter.value) == (
        "dead",
        record.key,
        record.value,
    )
    assert letter.headers[: len(record.headers)] == record.headers
    assert [name for name, _ in letter.headers[len(record.headers) :]] == [
        PREFIX + name for name in NAMES
    ]


@pytest.mark.parametrize(("key", "value"), list(product([None, b""], repeat=2)))
def test_none_and_empty_are_told_apart(key: bytes | None, value: bytes | None) -> None:
    """A tombstone comes back as one."""
    record = Record("logins", 0, 0, 0, key, value)

    letter = dead_letter("dead", record, stage="ingest", code="empty-value")

    assert (letter.key, letter.value) == (key, value)


@given(
    record=records,
    code=st.sampled_from(DeadLetterCode),
    stage=st.sampled_from(["assets", "ingest", "resolve", "weave"]),
    count=st.integers(1, 10_000),
)
def test_the_headers_are_as_the_schema_says(
    record: Record, code: DeadLetterCode, stage: str, count: int
) -> None:
    """They say why, by whom, and where the record was."""
    letter = dead_letter("dead", record, stage=stage, code=code, count=count)

    ours = {name: text.decode() for name, text in letter.headers[-len(NAMES) :]}
    jsonschema.validate(ours, schema("dead-letter-headers"))
    assert ours == {
        "idweave.errors.code": code.value,
        "idweave.errors.stage": stage,
        "idweave.errors.topic": record.topic,
        "idweave.errors.partition": str(record.partition),
        "idweave.errors.offset": str(record.offset),
        "idweave.errors.timestamp": str(record.timestamp_ms),
        "idweave.errors.count": str(count),
    }


def test_a_dead_letter_that_died_again_tells_of_both() -> None:
    """A replayed record keeps the first story; the last header of a name counts."""
    record = Record("logins", 0, 5, 0, b"k", b"v", headers=(("trace", b"1"),))
    first = dead_letter("dead", record, stage="ingest", code="unknown-asset")
    replayed = Record("logins", 1, 9, 0, first.key, first.value, first.headers)

    second = dead_letter("dead", replayed, stage="ingest", code="too-deep")

    assert second.headers[: len(first.headers)] == first.headers
    last = dict(second.headers)
    assert last["idweave.errors.code"] == b"too-deep"
    assert last["idweave.errors.offset"] == b"9"
    assert last["trace"] == b"1"


@pytest.mark.parametrize(
    ("key", "value", "header"),
    [(LARGE, b"v", b"1"), (b"k", LARGE, b"1"), (b"k", b"v", LARGE)],
    ids=["key", "value", "header"],
)
def test_what_no_topic_takes_is_told_of(
    key: bytes, value: bytes, header: bytes
) -> None:
    """A compressed batch may bring it; it must not stop the worker for good."""
    record = Record("logins", 3, 5, 0, key, value, headers=(("h", header),))

    letter = dead_letter("dead", record, stage="ingest", code="too-large")

    assert (letter.key, letter.value) == (None, None)
    told = {name: text.decode() for name, text in letter.headers}
    jsonschema.validate(told, schema("dead-letter-headers"))
    assert told["idweave.errors.offset"] == "5"
    assert int(told["idweave.errors.omitted"]) > RECORD_MAX_BYTES
