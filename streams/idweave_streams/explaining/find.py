"""Who is meant: from an id, a token or an old person id to persons on the topics."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from idweave_graph.decisions import Decision
from idweave_graph.documents import alias_key
from idweave_graph.events import IdentityEvent
from idweave_graph.ids import BusinessId, Member, ScopedId, business_id
from idweave_graph.ownership import OwnershipView, home
from idweave_graph.person import Person, PersonId
from idweave_graph.reading import read_person
from idweave_streams.explaining.archive import Archive
from idweave_streams.reliable import Record
from idweave_streams.topics import TopicNames
from idweave_streams.views import OwnershipBook

Homes = Mapping[BusinessId, Person]
"""The persons that a member belongs to, by business; who owns it now comes first.

More than one only where an app or Page has changed hands and its former owner has not
let go of all its ids yet, or for a token, which says nothing of a business.
"""


class Finder:
    """Looks persons up. Partitions without the key that is looked for are not read."""

    def __init__(self, archive: Archive, names: TopicNames) -> None:
        self._archive = archive
        self._names = names
        self._known_owners: OwnershipBook | None = None

    async def named(self, who: Member) -> Member:
        """Return *who* as persons hold it: a test app's id is that of its parent."""
        if not isinstance(who, ScopedId):
            return who
        return home(await self._owners(), who)[0]

    async def homes(self, who: Member) -> Homes:
        """Return the persons of *who*, as `named` gives it; none where it is unknown."""
        if isinstance(who, ScopedId):
            names = await self._aliases(who)
            found = await self._persons(set(names.values()))
            homes = {b: found[n] for b, n in names.items() if n in found}
            if all(who in person.members for person in homes.values()) and (
                len(homes) == len(names)
            ):
                return homes
        # A token has no alias; or somebody was merged while we read.
        held = await self._scan(lambda person: who in person.members, _mark(who))
        return {person.business: person for person in held}

    async def person(self, name: PersonId) -> Person | None:
        """Return who *name* stands for now; None where nobody does (any more)."""
        found = await self._persons({name})
        if name in found:
            return found[name]
        heirs = await self._scan(lambda person: name in person.absorbed, name)
        return max(heirs, key=lambda person: person.generation, default=None)

    async def in_epoch(self, events: Iterable[IdentityEvent]) -> list[IdentityEvent]:
        """Return *events* without decisions under an ownership that is over."""
        owners = await self._owners()
        is_current = partial(_is_current, owners)
        return [
            replace(event, decisions=tuple(filter(is_current, event.decisions)))
            for event in events
        ]

    async def _owners(self) -> OwnershipBook:
        if self._known_owners is None:
            book = OwnershipBook()
            await self._archive.read(
                self._names.assets, lambda record: book.apply(record.key, record.value)
            )
            self._known_owners = book
        return self._known_owners

    async def _aliases(self, who: ScopedId) -> dict[BusinessId, PersonId]:
        ownership = (await self._owners()).of(who.asset)
        owners = [] if ownership is None else [ownership.business, ownership.previous]
        keys = [alias_key(owner, who) for owner in owners if owner is not None]
        suffix = f"/{who}".encode()
        found: dict[str, Any] = {}
        await self._archive.read(
            self._names.aliases,
            _latest(found, lambda record: (record.key or b"").endswith(suffix)),
            keys or None,  # nobody has told of an owner: anybody may know it
        )
        order = [key for key in keys if key in found] + sorted(found.keys() - set(keys))
        return {
            business_id(found[key]["business"]): PersonId(found[key]["person"])
            for key in order
        }

    async def _persons(self, names: Collection[PersonId]) -> dict[PersonId, Person]:
        if not names:
            return {}
        found: dict[str, Any] = {}
        keys = {name.encode() for name in names}
        take = _latest(found, lambda record: record.key in keys)
        await self._archive.read(self._names.persons, take, names)
        return {PersonId(key): read_person(value) for key, value in found.items()}

    async def _scan(self, holds: Callable[[Person], bool], mark: str) -> list[Person]:
        """Read all persons; *mark* stands in the text of everyone who *holds*."""
        found: dict[str, Any] = {}
        text = mark.encode()
        take = _latest(found, lambda record: text in (record.value or b""))
        await self._archive.read(self._names.persons, take)
        persons = (read_person(found[key]) for key in sorted(found))
        return [person for person in persons if holds(person)]


def _is_current(owners: OwnershipView, told: Decision) -> bool:
    for end, epoch in zip(told.pair, told.epochs, strict=True):
        known = owners.of(end.asset) if isinstance(end, ScopedId) else None
        if known is not None and known.epoch != epoch:
            return False
    return True


def _mark(who: Member) -> str:
    """Return what a document with *who* in it holds, as JSON writes it."""
    value = who.user if isinstance(who, ScopedId) else str(who).partition(":")[2]
    return orjson.dumps(value).decode()


def _latest(
    found: dict[str, Any], wanted: Callable[[Record], bool]
) -> Callable[[Record], None]:
    """Keep the last record of each key in *found*, if it is *wanted* and no tombstone."""

    def take(record: Record) -> None:
        key = (record.key or b"").decode(errors="replace")
        found.pop(key, None)
        if record.value is not None and wanted(record):
            found[key] = orjson.loads(record.value)

    return take
