"""Records as lines of JSON: readable where they can be, and nothing is lost."""

import base64
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.wire_strategies import json_values

from idweave_streams.jsonl import JsonlFolder, UnreadableLineError, line, read_line
from idweave_streams.reliable import Record

DEEP = 300
"""Deeper than orjson writes, and not too deep for it to read."""


def record(
    value: bytes | None,
    key: bytes | None = b"k",
    headers: tuple[tuple[str, bytes], ...] = (),
) -> Record:
    return Record("things", 3, 7, 0, key, value, headers)


@given(value=json_values)
def test_json_stays_readable(value: object) -> None:
    found = orjson.loads(line(record(orjson.dumps(value))))

    assert found == {
        "partition": 3,
        "offset": 7,
        "key": "k",
        "headers": {},
        "value": value,
    }


@given(value=st.binary())
def test_any_other_bytes_stay_as_they_are(value: bytes) -> None:
    """One line each, whatever is in them."""
    text = line(record(value))

    found = orjson.loads(text)
    assert b"\n" not in text
    if "base64" in found:
        assert base64.b64decode(found["base64"]) == value
    else:
        assert found["value"] == orjson.loads(value)


def test_a_tombstone_has_no_value() -> None:
    found = orjson.loads(line(record(None, key=None)))

    assert (found["key"], found["value"]) == (None, None)
    assert "base64" not in found


def test_an_empty_value_is_no_tombstone() -> None:
    found = orjson.loads(line(record(b"")))

    assert found["base64"] == ""
    assert "value" not in found


@pytest.mark.parametrize("depth", [DEEP, 100_000])
def test_no_nesting_is_too_deep(depth: int) -> None:
    """A dead letter can be anything, and must not stop the writing of the others."""
    value = b"[" * depth + b"]" * depth

    found = orjson.loads(line(record(value)))

    assert base64.b64decode(found["base64"]) == value


def test_keys_and_headers_are_shown_as_text() -> None:
    """Bytes that are no text are marked as such."""
    strange = record(b"1", key=b"\xffk", headers=(("h", b"\xfe"), ("code", b"x")))

    found = orjson.loads(line(strange))

    assert found["key"] == "\ufffdk"
    assert found["headers"] == {"h": "\ufffd", "code": "x"}


def test_each_topic_has_its_file(tmp_path: Path) -> None:
    """Made when it is needed, and one line a record, in order."""
    folder = JsonlFolder(tmp_path / "new" / "folder")

    for topic, value in (("a", b"1"), ("b", b"2"), ("a", b"3")):
        folder.append(Record(topic, 0, 0, 0, None, value))

    found = {
        file.name: [orjson.loads(row)["value"] for row in file.read_bytes().split()]
        for file in (tmp_path / "new" / "folder").iterdir()
    }
    assert found == {"a.jsonl": [1, 3], "b.jsonl": [2]}


@given(value=st.none() | st.binary() | json_values.map(orjson.dumps), key=st.text())
def test_a_line_can_be_read_back(value: bytes | None, key: str) -> None:
    """With key and headers; a value that was JSON has the same meaning.

    But for one: the JSON value null, which no topic holds, comes back as a tombstone.
    """
    written = record(value, key.encode(errors="replace"), (("ce_id", b"e_1"),))

    read = read_line("things", line(written))

    assert line(read) == line(written)
    assert (read.topic, read.partition, read.offset) == ("things", 3, 7)
    assert (read.key, read.headers) == (written.key, written.headers)
    is_nothing = value is None or value.strip(b" \t\r\n") == b"null"
    assert (read.value is None) == is_nothing


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b"not JSON", line(record(None)).replace(b'"k"', b"1")],
)
def test_what_is_no_line_is_told_without_its_content(text: bytes) -> None:
    """Whatever tool wrote it."""
    with pytest.raises(UnreadableLineError, match="no record of a topic"):
        read_line("things", text)
