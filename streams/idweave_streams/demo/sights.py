"""Ids of the demo that are worth searching for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from idweave_graph.forgetting import REQUESTED
from idweave_streams.tally import Tally

MOST = 5
"""So many are named: a screen is not a list."""

Persons = Mapping[str, Sequence[str]]
"""The ids of each person."""
Events = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Sight:
    """Somebody to look at. All people of the demo are made up."""

    members: tuple[str, ...]
    """The first is the one to search for."""
    what: str
    """What is to be seen, in words."""


@dataclass(frozen=True, slots=True)
class Sights:
    """What is to be seen in one business, the one with the most to see."""

    business: str
    seen: tuple[Sight, ...]

    @property
    def pair(self) -> tuple[str, ...]:
        """Two ids to ask about: why are they one person? None where there are none."""
        several = (s.members for s in self.seen if len(s.members) > 1)
        return next(((ids[0], ids[-1]) for ids in several), ())


def sights(tally: Tally) -> Sights | None:
    """Choose a large person, and one of each case; in the business with most to see."""
    sizes = Counter(business for business, _ in tally.aliases)
    offered = [
        (found := _seen(tally, business), (len(found), sizes[business], business))
        for business in sizes
    ]
    if not offered:
        return None
    seen, (*_, business) = max(offered, key=lambda each: each[1])
    return Sights(business, seen)


def _seen(tally: Tally, business: str) -> tuple[Sight, ...]:
    events = [e for e in tally.events.values() if e["business"] == business]
    persons = _persons(tally, business)
    found = chain(
        _largest(persons),
        _quarantined(persons, events),
        _banned(persons, events),
        _decided(persons, events),
        _erased(persons, events),
        _merged(persons, events),
        _refused(persons, events),
    )
    return tuple(islice(found, MOST))


def _persons(tally: Tally, business: str) -> Persons:
    found: dict[str, list[str]] = {}
    for (owner, member), name in sorted(tally.aliases.items()):
        if owner == business:
            found.setdefault(name, []).append(member)
    return found


def _largest(persons: Persons) -> Iterator[Sight]:
    ids = max(persons.values(), key=lambda some: (len(some), some))
    yield Sight(tuple(ids), f"the person with the most ids, {len(ids)} of them")


def _merged(persons: Persons, events: Events) -> Iterator[Sight]:
    into = (e["person"]["id"] for e in events if e["type"] == "merged")
    merges = Counter(name for name in into if name in persons)
    for name, times in merges.most_common(1):
        text = "one merge" if times == 1 else f"{times} merges"
        yield Sight(tuple(persons[name]), f"came of {text}")


def _quarantined(persons: Persons, events: Events) -> Iterator[Sight]:
    parted = {end for e in events for ban in e.get("bans", ()) for end in _ends(ban)}
    proofs = (e["evidence"][0] for e in events if e["type"] == "quarantined")
    ends = (
        end for proof in proofs if not parted & {*_ends(proof)} for end in _ends(proof)
    )
    text = "a shared login contradicts what is known of them, and waits in quarantine"
    yield from _first(persons, ends, text)


def _banned(persons: Persons, events: Events) -> Iterator[Sight]:
    splits = (e for e in events if e["type"] == "split")
    sizes = {member: len(ids) for ids in persons.values() for member in ids}
    ends = (
        end
        for e in splits
        for ban in e.get("bans", ())
        for end in sorted(_ends(ban), key=lambda end: -sizes.get(end, 0))
    )
    text = "was one person with somebody else until a ban: History replays the split"
    yield from _first(persons, ends, text)


def _decided(persons: Persons, events: Events) -> Iterator[Sight]:
    told = [d for e in events if e["type"] == "decided" for d in e["decisions"]]
    for decision in told[:1]:
        text = f"an operator's {decision['verdict']}: Review has author and reason"
        yield from _first(persons, _ends(decision), text)


def _erased(persons: Persons, events: Events) -> Iterator[Sight]:
    erasures = (e for e in events if e["type"] == "erased")
    names = (e["person"]["id"] for e in erasures if e["reason"] == REQUESTED)
    left = (member for name in names for member in persons.get(name, ()))
    text = "one of their ids was erased: Review has the audit, which names no id"
    yield from _first(persons, left, text)


def _ends(pair: Mapping[str, Any]) -> tuple[str, str]:
    return (pair["a"], pair["b"])


def _first(persons: Persons, members: Iterable[str], what: str) -> Iterator[Sight]:
    """Yield the first of *members* who is somebody's, with their person."""
    home = {member: ids for ids in persons.values() for member in ids}
    for member in members:
        if member in home:
            others = (each for each in home[member] if each != member)
            yield Sight((member, *others), what)
            return


def _refused(persons: Persons, events: Events) -> Iterator[Sight]:
    subjects = (e["refusal"]["subject"] for e in events if e["type"] == "refused")
    names = (":".join((s["kind"], s.get("asset") or "", s["value"])) for s in subjects)
    yield from _first(persons, names, "a link of theirs was refused")
