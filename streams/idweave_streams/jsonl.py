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
            file.write(orjson.dumps(row(record)) + b"\n")


def row(record: Record) -> dict[str, Any]:
    """Return *record* as one JSON object.

    A value that is JSON stays readable under `value`; any other bytes stand under
    `base64`, unchanged. A record without a value, a tombstone, has `value` null.
    """
    found: dict[str, Any] = {
        "partition": record.partition,
        "offset": record.offset,
        "key": None if record.key is None else record.key.decode(errors="replace"),
        "headers": {
            name: text.decode(errors="replace") for name, text in record.headers
        },
    }
    try:
        found["value"] = None if record.value is None else orjson.loads(record.value)
    except orjson.JSONDecodeError:
        found["base64"] = base64.b64encode(record.value or b"").decode()
    return found
