"""From the persons before to the persons after: what changed, and what to tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from idweave_graph.derive import Derivation, enough
from idweave_graph.events import EventType
from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member
from idweave_graph.person import Person, PersonId, founder, person_id

MAX_QUARANTINED = 64
"""Proofs in quarantine that one person keeps, the oldest first.

One that neither of its two persons has room for is not kept and not told of.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One person after a message, and how they came to be."""

    person: Person
    type: EventType | None
    """None: the members are as before, only the evidence for them has grown."""


def persons_after(
    business: BusinessId,
    before: Sequence[Person],
    members: Mapping[Member, int],
    derivation: Derivation,
) -> list[Change]:
    """Name the parts of *derivation* and compare them with the persons *before*.

    A part is named after its founder. Its generation is above that of everyone it
    took a member from, so a consumer that orders by it never goes back.
    """
    old_person_of = {m: person for person in before for m in person.members}
    part_of = {m: part for part in derivation.parts for m in part}
    held = _by_part(part_of, derivation.accepted)
    aside = _by_part(part_of, derivation.quarantined)
    changes = []
    for part in derivation.parts:
        seen = {m: members[m] for m in sorted(part, key=str)}
        name = person_id(business, founder(seen))
        old = (old_person_of[m] for m in part if m in old_person_of)
        took_from = {person.id: person for person in old}
        kind = _kind(name, part, took_from)
        person = Person(
            business=business,
            id=name,
            generation=_generation(took_from, kind),
            members=seen,
            evidence=enough(held.get(part, [])),
            quarantined=tuple(aside.get(part, ()))[:MAX_QUARANTINED],
            absorbed=_absorbed(business, name, part, took_from.values()),
        )
        changes.append(Change(person, kind))
    return changes


def _absorbed(
    business: BusinessId,
    name: PersonId,
    part: frozenset[Member],
    took_from: Iterable[Person],
) -> tuple[PersonId, ...]:
    """An id that has ended goes with the member that it was made from."""
    ended = {name for old in took_from for name in (*old.absorbed, old.id)}
    return tuple(sorted(ended & {person_id(business, m) for m in part} - {name}))


def _by_part(
    part_of: Mapping[Member, frozenset[Member]], proofs: Iterable[Evidence]
) -> dict[frozenset[Member], list[Evidence]]:
    sorted_in: dict[frozenset[Member], list[Evidence]] = {}
    for proof in proofs:
        for part in {part_of[end] for end in (proof.a, proof.b) if end in part_of}:
            sorted_in.setdefault(part, []).append(proof)
    return sorted_in


def _kind(
    name: PersonId, part: frozenset[Member], took_from: Mapping[PersonId, Person]
) -> EventType | None:
    if not took_from:
        return EventType.CREATED
    if any(not part >= old.members.keys() for old in took_from.values()):
        return EventType.SPLIT
    if took_from.keys() != {name}:
        return EventType.MERGED
    if part != took_from[name].members.keys():
        return EventType.LINKED
    return None


def _generation(took_from: Mapping[PersonId, Person], kind: EventType | None) -> int:
    newest = max((old.generation for old in took_from.values()), default=0)
    return newest if kind is None else newest + 1
