"""How a person came to be: their events in order, and what each one changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.ids import Member
from idweave_graph.person import Person, PersonId


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the history of a person."""

    event: IdentityEvent
    gained: tuple[Member, ...] = ()
    """Members that the person did not have before, in the order of their text."""
    lost: tuple[Member, ...] = ()
    joined: tuple[PersonId, ...] = ()
    """Persons who ended in this one by it; whoever had ended in them came along."""
    released: tuple[PersonId, ...] = ()
    """Person ids that had ended in this one and are somebody else's from now on."""


@dataclass(frozen=True, slots=True)
class History:
    """All that is told of a person, and of those who ended in them."""

    person: Person
    """As they are now; without members nobody is left."""
    entries: tuple[Entry, ...]
    """In the order of generations, in which a person comes after whoever they absorbed."""
    trail: tuple[PersonId, ...]
    """From the person id that was asked for to the one that stands for it now."""


def history(
    person: Person, events: Iterable[IdentityEvent], asked: PersonId
) -> History:
    """Order what concerns *person*, of whom *asked* is a name or was one.

    Events may repeat and come in any order; those of others are passed over.
    """
    names = names_of(person)
    ours = {event.id: event for event in events if _concerns(event, person, names)}
    generations = _generations(ours.values(), names)
    ordered = sorted(
        ours.values(), key=lambda event: (generations[event.id], *_rank(event))
    )
    entries = tuple(_entries(ordered, names))
    return History(person, entries, _trail(entries, asked, person.id))


def names_of(person: Person) -> frozenset[PersonId]:
    """Return every person id that *person* stands for."""
    return frozenset({person.id, *person.absorbed})


def _concerns(
    event: IdentityEvent, person: Person, names: Collection[PersonId]
) -> bool:
    about = {event.person.id if event.person else None, event.about, event.other}
    return event.business == person.business and not about.isdisjoint(names)


def _generations(
    events: Collection[IdentityEvent], names: Collection[PersonId]
) -> Mapping[str, int]:
    """Return where each event stands.

    What is told of somebody else, or of nobody's generation, such as a refusal, stands
    behind what had been told of the person by its time.
    """
    own = {
        event.id: (event.person.generation, event.at_ms)
        for event in events
        if event.person is not None and event.person.id in names
    }
    latest = {
        event.id: max(
            (g for g, at_ms in own.values() if at_ms <= event.at_ms), default=0
        )
        for event in events
        if event.id not in own
    }
    return latest | {name: generation for name, (generation, _) in own.items()}


def _rank(event: IdentityEvent) -> tuple[bool, int, str]:
    """Order events of one generation: first the one that made it."""
    is_aside = event.person is None or event.type is EventType.QUARANTINED
    return (is_aside, event.at_ms, event.id)


def _entries(
    ordered: Iterable[IdentityEvent], names: Collection[PersonId]
) -> Iterable[Entry]:
    before: dict[PersonId, Person] = {}
    alive: set[PersonId] = set()
    for event in ordered:
        person = event.person
        if person is None or person.id not in names:
            yield Entry(event)
            continue
        yield _compared(event, person, before, alive)
        before[person.id] = person
        alive = (alive | {person.id}) - set(person.absorbed)


def _compared(
    event: IdentityEvent,
    now: Person,
    before: Mapping[PersonId, Person],
    alive: Collection[PersonId],
) -> Entry:
    old = before.get(now.id)
    had = old.members if old is not None else {}
    ended = set(old.absorbed) if old is not None else set()
    newly = set(now.absorbed) - ended
    # The list is cumulative: whoever had ended in one of them came along with them. What
    # one had who had ended before does not count: somebody of it may have come back.
    along = {
        name for each in newly.intersection(alive) for name in before[each].absorbed
    }
    return Entry(
        event,
        gained=_sorted(now.members.keys() - had.keys()),
        lost=_sorted(had.keys() - now.members.keys()),
        joined=tuple(sorted(newly - along)),
        released=tuple(sorted(ended - set(now.absorbed))),
    )


def _sorted(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=str))


def _trail(
    entries: Sequence[Entry], asked: PersonId, now: PersonId
) -> tuple[PersonId, ...]:
    """Follow *asked* through the persons that it ended in, the last time each did.

    Where an event is missing, the way is shorter; it always ends with *now*.
    """
    into: dict[PersonId, PersonId] = {}
    for entry in entries:
        if entry.event.person is not None:
            into.pop(
                entry.event.person.id, None
            )  # alive, or again: so no way is a ring
            into |= dict.fromkeys(entry.joined, entry.event.person.id)
    trail = [asked]
    while (following := into.get(trail[-1])) is not None:
        trail.append(following)
    if trail[-1] != now:
        trail.append(now)
    return tuple(trail)
