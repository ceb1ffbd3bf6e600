"""How the memory of erasures lies in the tables: under keyed hashes, never under ids.

`x|…|hash` holds one memory, `y|…|until|hash` finds those that are over. Without a key
nothing is remembered and nothing found.
"""

from collections.abc import Iterator
from itertools import islice

from idweave_adapters.erasure_key import ErasureKey
from idweave_graph.erasures import EXPIRY_STEP, Erased
from idweave_graph.ids import Asset, ScopedId
from idweave_streams.codecs import decode_erased, encode_erased
from idweave_streams.reliable import Readable, Unit

UNTIL_DIGITS = 14
"""Milliseconds since 1970 have 13 digits until the year 2286."""

NOWHERE = ""
"""The space of the lookups' memory: there, whose an id was does not matter."""


def find_erased(
    unit: Readable, key: ErasureKey | None, space: str, scoped: ScopedId
) -> Erased | None:
    """Return what is remembered of *scoped* in *space*, a business or `NOWHERE`."""
    if key is None:
        return None
    data = unit.get(_place(space, _name(key, space, scoped)))
    return None if data is None else decode_erased(data)


def put_erased(
    unit: Unit,
    key: ErasureKey | None,
    space: str,
    scoped: ScopedId,
    memory: tuple[Erased, Erased | None],
) -> None:
    """Remember the first of *memory*, which replaces the second."""
    if key is None:
        return
    name, (erased, before) = _name(key, space, scoped), memory
    if before is not None:
        unit.delete(_end(space, before.until_ms, name))
    unit.put(_place(space, name), encode_erased(erased))
    unit.put(_end(space, erased.until_ms, name), b"\x01")


def drop_erased(unit: Unit, space: str, by_ms: int) -> None:
    """Forget up to `EXPIRY_STEP` memories that end before *by_ms*, the oldest first.

    Works without the key: what was remembered under a lost one goes as well.
    """
    for until_ms, name in list(islice(_ending(unit, space), EXPIRY_STEP)):
        if until_ms >= by_ms:
            return
        unit.delete(_place(space, name))
        unit.delete(_end(space, until_ms, name))


def find_erased_asset(unit: Readable, asset: Asset) -> Erased | None:
    """Return what the lookups remember of the erasure of all ids of *asset*."""
    data = unit.get(_asset_place(asset))
    return None if data is None else decode_erased(data)


def put_erased_asset(unit: Unit, asset: Asset, erased: Erased) -> None:
    """Remember the erasure of all ids of *asset*, and no more those that are over."""
    for place, data in list(unit.scan(b"z|")):
        if decode_erased(data).until_ms < erased.at_ms:
            unit.delete(place)
    unit.put(_asset_place(asset), encode_erased(erased))


def audit_hash(key: ErasureKey, business: str, subject: ScopedId) -> str:
    """Return what the audit calls *subject*: as its memory is called in the graph."""
    return _name(key, business, subject)


def _ending(unit: Unit, space: str) -> Iterator[tuple[int, str]]:
    prefix = _key("y", space, "")
    for found, _ in unit.scan(prefix):
        until, _, name = found[len(prefix) :].decode().partition("|")
        yield int(until), name


def _name(key: ErasureKey, space: str, scoped: ScopedId) -> str:
    return key.of(f"{space}|{scoped}")


def _place(space: str, name: str) -> bytes:
    return _key("x", space, name)


def _end(space: str, until_ms: int, name: str) -> bytes:
    return _key("y", space, f"{until_ms:0{UNTIL_DIGITS}d}", name)


def _asset_place(asset: Asset) -> bytes:
    return _key("z", str(asset))


def _key(*parts: str) -> bytes:
    return "|".join(parts).encode()
