"""What stands in a log file of RocksDB: the log of writes, or the list of files.

Written after RocksDB's "Write Ahead Log File Format".
"""

from collections.abc import Iterator
from typing import Final

from idweave_adapters.read_model.raw_tables import (
    Pair,
    UnknownFormatError,
    varint,
)

_BLOCK: Final = 32 * 1024
_HEADER: Final = 7
_RECYCLED_HEADER: Final = 11
_RECYCLED: Final = range(5, 9)
"""Kinds of records in a file that was used before."""
_FIRST: Final = frozenset({1, 2, 5, 6})
_LAST: Final = frozenset({1, 4, 5, 8})
_PARTS: Final = range(1, 9)
_BATCH_HEADER: Final = 12
_DELETE, _PUT = 0, 1


def log_records(data: bytes) -> Iterator[bytes]:
    """Yield every whole record, up to the end of what was written."""
    record = b""
    at = 0
    while at + _HEADER <= len(data):
        left = _BLOCK - at % _BLOCK
        if left < _HEADER:
            at += left
            continue
        size = int.from_bytes(data[at + 4 : at + 6], "little")
        kind = data[at + 6]
        if kind == 0 and size == 0:
            at += left  # nothing more in this block
            continue
        start = at + (_RECYCLED_HEADER if kind in _RECYCLED else _HEADER)
        at = start + size
        if at > len(data):
            return  # it is just being written, or never was
        if kind not in _PARTS:
            continue  # about the log itself
        part = data[start:at]
        record = part if kind in _FIRST else record + part
        if kind in _LAST:
            yield record


def batch_pairs(record: bytes) -> Iterator[Pair]:
    """Yield key and value of every write of a batch; a delete has an empty value.

    Raises:
        UnknownFormatError: it holds writes of another kind.
    """
    at = _BATCH_HEADER
    try:
        while at < len(record):
            kind = record[at]
            if kind not in {_DELETE, _PUT}:
                msg = "a write is of another kind"
                raise UnknownFormatError(msg)
            key, at = _text(record, at + 1)
            value = b""
            if kind == _PUT:
                value, at = _text(record, at)
            yield key, value
    except IndexError:
        msg = "a write is cut short"
        raise UnknownFormatError(msg) from None


def _text(record: bytes, at: int) -> tuple[bytes, int]:
    size, start = varint(record, at)
    return record[start : start + size], start + size
