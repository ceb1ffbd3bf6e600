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
