"""Which bans are in force, as far as the topics tell."""

from collections.abc import Iterable

import orjson

from idweave_graph.bans import Ban, Pair
from idweave_graph.documents import Document, ban_document
from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId
from idweave_graph.ownership import OwnershipView
from idweave_graph.reading import read_event
from idweave_streams.explaining.archive import Archive
from idweave_streams.explaining.text import aligned, utc
from idweave_streams.reliable import Record
from idweave_streams.topics import TopicNames
from idweave_streams.views import OwnershipBook

HEAD = ("business", "id", "id", "since", "author", "reason")
_MARK = b'"bans":'

InForce = tuple[BusinessId, Ban]


async def bans_in_force(
    archive: Archive, names: TopicNames, business: BusinessId | None
) -> list[InForce]:
    """Return the bans that nobody has lifted, by business and pair.

    A ban ends with the ownership of either asset. That an erasure took one away is not
    told anywhere, because it would have to name who was forgotten.
    """
    latest: dict[tuple[BusinessId, Pair], Ban] = {}

    def take(record: Record) -> None:
        value = record.value or b""
        event = read_event(orjson.loads(value)) if _MARK in value else None
        if event is None or business not in (None, event.business):
            return
        for ban in event.bans:
            place = (event.business, ban.pair)
            latest[place] = max(latest.get(place, ban), ban, key=_precedence)

    owners = OwnershipBook()
    keys = None if business is None else {business}
    await archive.read(names.policy, take, keys)
    await archive.read(names.assets, lambda each: owners.apply(each.key, each.value))
    return [
        (owner, ban)
        for (owner, _), ban in sorted(latest.items(), key=lambda item: str(item[0]))
        if not ban.is_lifted and _is_owned(owners, owner, ban)
    ]


def _precedence(said: Ban) -> tuple[int, bool, Cause]:
    return (said.at_ms, not said.is_lifted, said.cause)


def _is_owned(owners: OwnershipView, business: BusinessId, ban: Ban) -> bool:
    """Say whether both assets are still those of the owner who said it."""
    for end in ban.pair:
        known = owners.of(end.asset)
        if known is not None and (
            known.business != business or known.since_ms > ban.at_ms
        ):
            return False
    return True


def bans_text(bans: Iterable[InForce]) -> str:
    """Return one line a ban, aligned under their names, times in UTC."""
    rows = [
        (owner, *map(str, ban.pair), utc(ban.at_ms), ban.author, ban.reason)
        for owner, ban in bans
    ]
    return "\n".join(aligned([HEAD, *rows]))


def in_force_document(business: BusinessId, ban: Ban) -> Document:
    """One ban as an object of its own."""
    return {"business": business, **ban_document(ban)}
