"""Two copies of one table, key by key."""

from collections.abc import Iterator

from idweave_graph.ids import BusinessId, InvalidIdError, business_id
from idweave_graph.person import PersonId
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_lookup,
    decode_person,
    decode_person_id,
)
from idweave_streams.reliable import Readable
from idweave_streams.verifying.difference import (
    ALTERED,
    EXTRA,
    MISSING,
    Difference,
)

Row = tuple[bytes, bytes | None, bytes | None]
"""Key, what the first copy has under it, what the second has."""

_KINDS = {
    "p": "person",
    "m": "member",
    "a": "asset",
    "r": "refusal",
    "w": "memory of withdrawals",
    "b": "ban",
    "d": "receipt",
    "v": "decision",
    "x": "memory of an erasure",
    "y": "end of a memory",
    "z": "memory of an erased asset",
    "l": "lookup",
    "q": "place in the queue",
}


def rows(one: Readable, two: Readable) -> Iterator[Row]:
    """Yield every key whose values differ in their bytes, in the order of keys."""
    left, right = one.scan(b""), two.scan(b"")
    mine, yours = next(left, None), next(right, None)
    while mine is not None or yours is not None:
        if yours is None or (mine is not None and mine[0] < yours[0]):
            assert mine is not None  # noqa: S101  (one of the two is)
            yield (*mine, None)
            mine = next(left, None)
        elif mine is None or yours[0] < mine[0]:
            yield yours[0], None, yours[1]
            yours = next(right, None)
        else:
            if mine[1] != yours[1]:
                yield (*mine, yours[1])
            mine, yours = next(left, None), next(right, None)


def differences(
    tables: Readable, other: Readable, source: str, place: str = ""
) -> Iterator[Difference]:
    """Yield where *other* is not as the tables are.

    Bytes that mean the same do not differ: an older release may have written them.
    """
    for key, mine, yours in rows(tables, other):
        if mine is None or yours is None or not _means_the_same(key, mine, yours):
            yield _difference(key, mine, yours, source, place)


def _means_the_same(key: bytes, mine: bytes, yours: bytes) -> bool:
    if not key.startswith(b"p|"):
        return False
    try:
        return decode_person(mine) == decode_person(yours)
    except UnreadableRecordError:
        return False


def _difference(
    key: bytes, mine: bytes | None, yours: bytes | None, source: str, place: str
) -> Difference:
    missing = MISSING if yours is None else EXTRA
    what = missing if mine is None or yours is None else ALTERED
    kind, business, person = about(key, mine or yours or b"")
    return Difference(source, business, kind, what, person, place)


def about(key: bytes, value: bytes) -> tuple[str, BusinessId | None, PersonId | None]:
    """Say what a key is about: kind, business and person, as far as it can be told."""
    prefix, _, rest = key.decode(errors="replace").partition("|")
    kind = _KINDS.get(prefix, f"key of kind {prefix[:1]!r}")
    try:
        if prefix == "l":
            return kind, decode_lookup(value).business, None
        text, _, about = rest.partition("|")
        business = business_id(text)
        if prefix == "p":
            return kind, business, PersonId(about)
        if prefix == "m":
            return kind, business, decode_person_id(value)
    except (UnreadableRecordError, InvalidIdError):
        return kind, None, None
    return kind, business, None
