"""Pairs of a table as lines of JSON, byte for byte."""

import base64
from typing import Any

import orjson

from idweave_streams.state.copy import Pair


def pair_line(pair: Pair) -> bytes:
    """Return *pair* as one JSON object: text stays readable, other bytes do not."""
    key, value = pair
    return orjson.dumps({**_put("key", key), **_put("value", value)})


def read_pair(line: bytes) -> Pair:
    """Read what `pair_line` wrote.

    Raises:
        ValueError: it did not write this.
    """
    try:
        row = orjson.loads(line)
        return _get(row, "key"), _get(row, "value")
    except (ValueError, TypeError, KeyError, AttributeError):
        msg = "this is no line of a table"
        raise ValueError(msg) from None


def _put(name: str, data: bytes) -> dict[str, str]:
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {f"{name}64": base64.b64encode(data).decode()}


def _get(row: dict[str, Any], name: str) -> bytes:
    if name in row:
        text: str = row[name]
        return text.encode()
    return base64.b64decode(row[f"{name}64"], validate=True)
