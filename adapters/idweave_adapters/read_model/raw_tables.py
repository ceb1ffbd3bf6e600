"""The entries of a table file of RocksDB, those too that stand for nothing any more.

RocksDB shows only what is in effect. Whether an id is gone from the disk can be told
only by what lies there: deletes, and values that were replaced. Written after RocksDB's
"Block-based Table Format"; only what `RocksStore` writes is understood.
"""

from collections.abc import Iterator
from typing import Final

_FOOTER: Final = 53
_MAGIC: Final = (0x88E241B785F4CFF7).to_bytes(8, "little")
_TRAILER: Final = 8
"""Behind each key: its sequence number, and whether it is a value or a delete."""
_PLAIN, _LZ4 = 0, 4
_MORE: Final = 15
"""A length that goes on in the next byte."""
_SHORTEST: Final = 4
"""A repetition in LZ4."""

Pair = tuple[bytes, bytes]


class UnknownFormatError(ValueError):
    """This is no file as `RocksStore` writes it."""


def table_pairs(data: bytes) -> Iterator[Pair]:
    """Yield key and value of every entry; a delete has an empty value.

    Raises:
        UnknownFormatError: *data* is no table, or is in another format.
    """
    footer = data[-_FOOTER:]
    if len(footer) < _FOOTER or not footer.endswith(_MAGIC):
        msg = "a table ends otherwise"
        raise UnknownFormatError(msg)
    try:
        _, at = _handle(footer, 1)  # of what is about the file as a whole
        index, _ = _handle(footer, at)
        for _, parts in _entries(_block(data, index)):
            for _, blocks in _entries(_block(data, _handle(parts, 0)[0])):
                for key, value in _entries(_block(data, _handle(blocks, 0)[0])):
                    yield key[:-_TRAILER], value
    except IndexError:
        msg = "a table is cut short"
        raise UnknownFormatError(msg) from None


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length, and where it ends."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  (the format's own bit)
            return number, at
        shift += 7


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Return where a block stands and how long it is."""
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return (offset, size), at


def _block(data: bytes, handle: tuple[int, int]) -> bytes:
    offset, size = handle
    content, kind = data[offset : offset + size], data[offset + size]
    if kind == _PLAIN:
        return content
    if kind == _LZ4:
        _, start = varint(content, 0)  # how long it is in full
        return unpacked(content[start:])
    msg = "a block is compressed otherwise"
    raise UnknownFormatError(msg)


def _entries(block: bytes) -> Iterator[Pair]:
    """Yield key and value; a key says how much of the one before it begins with."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    at, key = 0, b""
    while at < end:
        shared, at = varint(block, at)
        own, at = varint(block, at)
        size, at = varint(block, at)
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + size]
        at += size


def unpacked(block: bytes) -> bytes:
    """Return what an LZ4 block holds, after "LZ4 Block Format Description"."""
    whole = bytearray()
    at = 0
    while True:
        token = block[at]
        size, at = _length(block, at + 1, token >> 4)
        whole += block[at : at + size]
        at += size
        if at >= len(block):
            return bytes(whole)
        back = int.from_bytes(block[at : at + 2], "little")
        size, at = _length(block, at + 2, token & _MORE)
        _repeat(whole, back, size + _SHORTEST)


def _length(block: bytes, at: int, size: int) -> tuple[int, int]:
    if size < _MORE:
        return size, at
    while True:
        more = block[at]
        size, at = size + more, at + 1
        if more != 0xFF:  # noqa: PLR2004  (the format's own)
            return size, at


def _repeat(whole: bytearray, back: int, size: int) -> None:
    start = len(whole) - back
    if not 0 <= start < len(whole):
        msg = "a block repeats what is not there"
        raise UnknownFormatError(msg)
    while size > 0:  # it may repeat what it is just writing
        some = whole[start : start + size]
        whole += some
        size -= len(some)
        start += len(some)
