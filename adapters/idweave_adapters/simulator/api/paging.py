"""Cuts a list into pages with cursors, as the Graph API does.

`after` is there on the last page too; only a missing `next` means the end. A page may
be shorter than its limit, even empty, and still have a `next` (Meta, Paged Results).
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idweave_adapters.simulator.api import errors

_LIMIT = re.compile(r"[1-9][0-9]{0,8}")
_START = "-"  # the cursor before the first row

Shorten = Callable[[int], int]
"""How many of the rows that would fit are handed out; injected faults live here."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the caller asked for."""

    limit: int
    after: str | None = None
    before: str | None = None


def window(params: Mapping[str, str], *, default: int, most: int) -> Window:
    """Read `limit`, `after` and `before`.

    Raises:
        GraphError: the limit is no positive number.
    """
    text = params.get("limit", str(default))
    if not _LIMIT.fullmatch(text):
        raise errors.bad_parameter("Param limit must be a positive integer")
    return Window(min(int(text), most), params.get("after"), params.get("before"))


def cut(
    rows: Sequence[Any],
    keys: Sequence[str],
    asked: Window,
    *,
    link: Callable[[Mapping[str, str]], str],
    shorten: Shorten,
) -> dict[str, Any]:
    """One page of rows, with `paging` unless there is nothing at all.

    `keys` holds the text that each row's cursor is made of; `link` makes a URL out of
    paging parameters.

    Raises:
        GraphError: a cursor points at nothing (any more).
    """
    if not rows:
        return {"data": []}
    start, stop = _bounds(keys, asked)
    stop = start + shorten(stop - start)
    before = keys[start] if stop > start else _START if not start else keys[start - 1]
    after = keys[stop - 1] if stop else _START
    cursors = {"before": _cursor(before), "after": _cursor(after)}
    paging: dict[str, Any] = {"cursors": cursors}
    limit = str(asked.limit)
    if stop < len(rows):
        paging["next"] = link({"limit": limit, "after": cursors["after"]})
    if start:
        paging["previous"] = link({"limit": limit, "before": cursors["before"]})
    return {"data": list(rows[start:stop]), "paging": paging}


def _bounds(keys: Sequence[str], asked: Window) -> tuple[int, int]:
    if asked.before is not None:
        stop = _position(keys, asked.before)
        return max(0, stop - asked.limit), max(0, stop)
    start = 0 if asked.after is None else _position(keys, asked.after) + 1
    return start, min(len(keys), start + asked.limit)


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _position(keys: Sequence[str], cursor: str) -> int:
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return -1 if key == _START else list(keys).index(key)
    except (binascii.Error, ValueError) as fault:
        raise errors.bad_parameter("Invalid cursors values") from fault
