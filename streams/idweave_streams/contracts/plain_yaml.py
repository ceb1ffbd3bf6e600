"""Writes JSON values as YAML that is easy to read and the same on every run.

Enough for documents: texts of Unicode's basic plane, whole numbers, no fractions.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN_KEY = re.compile(r"(?!(?i:true|false|yes|no|on|off|null|[yn])\Z)[A-Za-z][\w.-]*")
_INDENT = "  "
_SHORT_CHARS = 60


def plain_yaml(value: Any) -> str:
    """Return *value* as a YAML document. Texts and short lists are written as JSON."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _entry(f"{_key(key)}:", inner, _INDENT)
    elif isinstance(value, list) and not _is_short(value):
        for inner in value:
            first, *others = _lines(inner)
            yield f"- {first}"
            yield from (_INDENT + line for line in others)
    else:
        yield json.dumps(value)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if _is_short(value):
        yield f"{head} {json.dumps(value)}"
    else:
        yield head
        yield from (indent + line for line in _lines(value))


def _key(text: str) -> str:
    return text if _PLAIN_KEY.fullmatch(text) else json.dumps(text)


def _is_short(value: Any) -> bool:
    """Say whether *value* fits behind its key: a scalar, or a list of a few."""
    if isinstance(value, list):
        is_flat = not any(isinstance(inner, dict | list) for inner in value)
        return is_flat and len(json.dumps(value)) <= _SHORT_CHARS
    return not isinstance(value, dict) or not value
