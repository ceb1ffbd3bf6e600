"""Answers the two questions: gathers what the core needs, and lets it decide."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import orjson

from idweave_graph.events import IdentityEvent
from idweave_graph.explain import Verdict, why
from idweave_graph.history import History, history, names_of
from idweave_graph.ids import BusinessId, Member
from idweave_graph.person import Person, PersonId
from idweave_graph.reading import read_event
from idweave_streams.explaining.archive import Archive
from idweave_streams.explaining.find import Finder, Homes
from idweave_streams.reliable import Record
from idweave_streams.topics import TopicNames


@dataclass(frozen=True, slots=True)
class Answer:
    """Why two ids are one person or two."""

    business: BusinessId
    one: Member
    two: Member
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NotFound:
    """An id is nobody's. Whether another business knows it is not told."""

    missing: tuple[Member, ...]
    business: BusinessId | None
    """Where it was looked for: the business that knows the other id, if one does."""
    place: int | None = None
    """Which of the two ids it is, 0 or 1; None for both."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The history of one of the persons that were asked for."""

    history: History
    has_left: bool
    """The id that was asked for is not one of this person's members any more."""


class Teller:
    """Answers from one archive."""

    def __init__(self, archive: Archive, names: TopicNames) -> None:
        self._archive = archive
        self._names = names
        self._finder = Finder(archive, names)

    async def why(self, one: Member, two: Member) -> Answer | NotFound:
        """Say why two ids are one person, or are not."""
        one, two = await self._finder.named(one), await self._finder.named(two)
        first, second = await self._finder.homes(one), await self._finder.homes(two)
        business = next((each for each in first if each in second), None)
        if business is None:
            return _not_found((one, first), (two, second))
        ends = ((one, first[business]), (two, second[business]))
        verdict = why(*ends, await self._decisions(business))
        return Answer(business, one, two, verdict)

    async def _decisions(self, business: BusinessId) -> list[IdentityEvent]:
        found: list[IdentityEvent] = []
        take = _events(
            found, lambda event: bool(event.refusal or event.bans or event.decisions)
        )
        await self._archive.read(self._names.policy, take, {business})
        return await self._finder.in_epoch(found)

    async def how_id(self, who: Member) -> list[Asked]:
        """Tell how each person of *who* came to be; of a forgotten id, who had it."""
        who = await self._finder.named(who)
        homes = await self._finder.homes(who)
        persons = list(homes.values()) or await self._last_of(who)
        return [await self._told(person, person.id, who) for person in persons]

    async def how_person(self, name: PersonId) -> list[Asked]:
        """Tell how a person came to be, also of an id that has ended."""
        person = await self._finder.person(name) or await self._last_named(name)
        return [] if person is None else [await self._told(person, name)]

    async def _told(
        self, person: Person, asked: PersonId, who: Member | None = None
    ) -> Asked:
        events = await self._events_of(person)
        has_left = who is not None and who not in person.members
        return Asked(history(person, events, asked), has_left)

    async def _events_of(self, person: Person) -> list[IdentityEvent]:
        names = names_of(person)
        marks = [name.encode() for name in names]
        found: list[IdentityEvent] = []
        take = _events(found, None, marks)
        await self._archive.read(self._names.events, take, names)
        # A quarantine stands under one of its two persons, and with all of a business.
        await self._archive.read(self._names.policy, take, {person.business})
        return found

    async def _last_of(self, who: Member) -> list[Person]:
        """Return who had *who* last, by business, from all events: it was forgotten."""
        latest: dict[BusinessId, Person] = {}

        def take(person: Person) -> None:
            known = latest.get(person.business)
            is_newer = known is None or person.generation > known.generation
            if who in person.members and is_newer:
                latest[person.business] = person

        await self._each_person(take)
        return [
            await self._finder.person(person.id)
            or await self._last_named(person.id)
            or person
            for person in latest.values()
        ]

    async def _last_named(self, name: PersonId) -> Person | None:
        """Return the last that was told of *name*, from all events: nobody is left."""
        latest: list[Person] = []

        def take(person: Person) -> None:
            is_newer = not latest or person.generation > latest[-1].generation
            if name in names_of(person) and is_newer:
                latest.append(person)

        await self._each_person(take)
        return latest[-1] if latest else None

    async def _each_person(self, take: Callable[[Person], None]) -> None:
        def from_event(record: Record) -> None:
            event = read_event(orjson.loads(record.value or b"null"))
            if event is not None and event.person is not None:
                take(event.person)

        await self._archive.read(self._names.events, from_event)


def _not_found(one: tuple[Member, Homes], two: tuple[Member, Homes]) -> NotFound:
    for place, (_, homes), (other, _) in ((1, one, two), (0, two, one)):
        if homes:
            return NotFound((other,), next(iter(homes)), place)
    return NotFound((one[0], two[0]), None)


def _events(
    found: list[IdentityEvent],
    wanted: Callable[[IdentityEvent], bool] | None,
    marks: Collection[bytes] = (b"",),
) -> Callable[[Record], None]:
    """Keep the events that are *wanted*, of those that hold one of *marks*."""

    def take(record: Record) -> None:
        value = record.value or b""
        if not any(mark in value for mark in marks):
            return
        event = read_event(orjson.loads(value))  # none of a hold, on the policy topic
        if event is not None and (wanted is None or wanted(event)):
            found.append(event)

    return take
