"""Records as lines of JSON in files, one file per topic, to read with any tool."""

import base64
from pathlib import Path
from typing import Any

import orjson

from idweave_streams.reliable import Record


class JsonlFolder:
    """Appends records to `<topic>.jsonl` in a folder, which is made when needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, record: Record) -> None:
        """Write one record behind those of its topic."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{record.topic}.jsonl").open("ab") as file:
            file.write(line(record) + b"\n")


def line(record: Record) -> bytes:
    """Return *record* as one JSON object without line breaks.

    A value that is JSON stays readable under `value`; any other bytes stand under
    `base64`, unchanged. A record without a value, a tombstone, has `value` null.
    """
    head: dict[str, Any] = {
        "partition": record.partition,
        "offset": record.offset,
        "key": None if record.key is None else record.key.decode(errors="replace"),
        "headers": {
            name: text.decode(errors="replace") for name, text in record.headers
        },
    }
    try:
        value = None if record.value is None else orjson.loads(record.value)
        # Also fails: JSON is read to a greater depth than it is written.
        return orjson.dumps({**head, "value": value})
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        text = base64.b64encode(record.value or b"").decode()
        return orjson.dumps({**head, "base64": text})


class UnreadableLineError(ValueError):
    """The line is no record as `line` writes it. Its content is not repeated here."""


def read_line(topic: str, text: bytes) -> Record:
    """Read one line of the file of *topic*; the time of the record was not kept.

    A value that was JSON has the same meaning, and not always the same bytes.

    Raises:
        UnreadableLineError: it was not written by `line`.
    """
    try:
        row = orjson.loads(text)
        key = row["key"]
        return Record(
            topic=topic,
            partition=int(row["partition"]),
            offset=int(row["offset"]),
            timestamp_ms=0,
            key=None if key is None else key.encode(),
            value=_value(row),
            headers=tuple((n, text.encode()) for n, text in row["headers"].items()),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        msg = "this is no record of a topic"
        raise UnreadableLineError(msg) from None


def _value(row: dict[str, Any]) -> bytes | None:
    if "base64" in row:
        return base64.b64decode(row["base64"], validate=True)
    return None if row["value"] is None else orjson.dumps(row["value"])
