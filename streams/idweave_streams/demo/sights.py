"""Ids of the demo that are worth searching for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idweave_streams.tally import Tally

Persons = Mapping[str, Sequence[str]]
"""The ids of each person."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Somebody to look at. All people of the demo are made up."""

    members: tuple[str, ...]
    """The first is the one to search for."""
    what: str
    """What is to be seen, in words."""


@dataclass(frozen=True, slots=True)
class Sights:
    """What is to be seen in one business, the one with the most ids."""

    business: str
    seen: tuple[Sight, ...]

    @property
    def pair(self) -> tuple[str, ...]:
        """Two ids to ask about: why are they one person? None where there are none."""
        several = (s.members for s in self.seen if len(s.members) > 1)
        return next(((ids[0], ids[-1]) for ids in several), ())


def sights(tally: Tally) -> Sights | None:
    """Choose a large person, one of several merges, and one with a refused link."""
    sizes = Counter(business for business, _ in tally.aliases)
    if not sizes:
        return None
    business = max(sizes, key=lambda name: (sizes[name], name))
    events = [e for e in tally.events.values() if e["business"] == business]
    persons = _persons(tally, business)
    found = (_largest(persons), _merged(persons, events), _refused(persons, events))
    return Sights(business, tuple(sight for some in found for sight in some))


def _persons(tally: Tally, business: str) -> Persons:
    found: dict[str, list[str]] = {}
    for (owner, member), name in sorted(tally.aliases.items()):
        if owner == business:
            found.setdefault(name, []).append(member)
    return found


def _largest(persons: Persons) -> Iterator[Sight]:
    ids = max(persons.values(), key=lambda some: (len(some), some))
    yield Sight(tuple(ids), f"the person with the most ids, {len(ids)} of them")


def _merged(persons: Persons, events: Sequence[Mapping[str, Any]]) -> Iterator[Sight]:
    into = (e["person"]["id"] for e in events if e["type"] == "merged")
    merges = Counter(name for name in into if name in persons)
    for name, times in merges.most_common(1):
        text = "one merge" if times == 1 else f"{times} merges"
        yield Sight(tuple(persons[name]), f"came of {text}")


def _refused(persons: Persons, events: Sequence[Mapping[str, Any]]) -> Iterator[Sight]:
    known = {member for ids in persons.values() for member in ids}
    subjects = (e["refusal"]["subject"] for e in events if e["type"] == "refused")
    for found in subjects:
        member = ":".join((found["kind"], found.get("asset") or "", found["value"]))
        if member in known:
            yield Sight((member,), "a link of theirs was refused")
            return
