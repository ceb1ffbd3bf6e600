"""The version byte, JSON, and one error for whatever does not fit."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

T = TypeVar("T")

VERSION = b"\x01"

Json = Any
"""Whatever orjson reads."""


class UnreadableRecordError(ValueError):
    """A record of an internal topic or table was not written by this program.

    Its content is not repeated here, because it holds people's ids. A table value
    that can't be read means a damaged store: delete the worker's data directory and
    let the table be rebuilt from its changelog.
    """


def pack(value: Json) -> bytes:
    """Frame *value*."""
    return VERSION + orjson.dumps(value)


def unpack(data: bytes | None, build: Callable[[Json], T]) -> T:
    """Read a frame and *build* its value.

    Raises:
        UnreadableRecordError: the frame is missing, of a version unknown here, or
            what is in it does not make a value.
    """
    if not data:
        msg = "an empty value where a framed one was expected"
        raise UnreadableRecordError(msg)
    if data[:1] != VERSION:
        msg = f"version {data[0]} is unknown here; a newer idweave has written it"
        raise UnreadableRecordError(msg)
    try:
        return build(orjson.loads(data[1:]))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        # The cause is cut off: its text may quote the content.
        msg = "the content does not make a value of its kind"
        raise UnreadableRecordError(msg) from None


def unpack_list(data: bytes | None, build: Callable[[Json], T]) -> list[T]:
    """Read a frame with a list in it and *build* each of its values.

    Raises:
        UnreadableRecordError: as `unpack`.
    """

    def build_all(rows: Json) -> list[T]:
        if not isinstance(rows, list):  # an empty object would pass for an empty list
            msg = "a list is expected"
            raise TypeError(msg)
        return [build(row) for row in rows]

    return unpack(data, build_all)
