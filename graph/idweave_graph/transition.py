"""From the persons before to the persons after: what changed, and what to tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from idweave_graph.derive import Derivation, enough
from idweave_graph.events import EventType
from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member
from idweave_graph.naming import OwnTitles, handed_on, naming
from idweave_graph.person import Person, PersonId, Title
from idweave_graph.tangle import Tangle

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
    business: BusinessId, after: Tangle, derivation: Derivation, newest: int
) -> list[Change]:
    """Name the parts of *derivation* and compare them with the persons before.

    A part's generation is above that of everyone it took a member from, and where
    somebody has come, above *newest*, at which anybody ever left: so a member that
    moves always moves upwards, and a consumer that orders by it never goes back.
    """
    before = list(after.persons.values())
    old_person_of = {m: person for person in before for m in person.members}
    part_of = {m: part for part in derivation.parts for m in part}
    held = _by_part(part_of, derivation.accepted)
    aside = _by_part(part_of, derivation.quarantined)
    own = OwnTitles(business, after.members, lambda who: after.presence[who].life)
    carried = _carried(before, after)
    changes = []
    for part in derivation.parts:
        called = naming(part, own, (t for t in carried if t.bearer in part))
        old = (old_person_of[m] for m in part if m in old_person_of)
        took_from = {person.id: person for person in old}
        kind = _kind(called.id, part, took_from, after)
        is_joined = any(m not in old_person_of for m in part)
        person = Person(
            business=business,
            id=called.id,
            generation=_generation(took_from, kind, newest if is_joined else 0),
            members={m: after.members[m] for m in sorted(part, key=str)},
            evidence=enough(held.get(part, [])),
            quarantined=tuple(aside.get(part, ()))[:MAX_QUARANTINED],
            absorbed=called.absorbed,
            presence={m: after.presence[m] for m in sorted(part, key=str)},
            titles=called.titles,
        )
        changes.append(Change(person, kind))
    return changes + [_gone(person) for person in before if _is_gone(person, after)]


def _gone(person: Person) -> Change:
    """Tell of a person of whom nothing is left; all their names end with them."""
    generation = person.generation + 1
    empty = Person(person.business, person.id, generation, {}, absorbed=person.absorbed)
    return Change(empty, EventType.ERASED)


def _is_gone(person: Person, after: Tangle) -> bool:
    return person.members.keys().isdisjoint(after.members)


def _carried(before: Iterable[Person], after: Tangle) -> list[Title]:
    return [
        title
        for person in before
        if not _is_gone(person, after)
        for title in handed_on(person, person.members.keys() & after.members.keys())
    ]


def _by_part(
    part_of: Mapping[Member, frozenset[Member]], proofs: Iterable[Evidence]
) -> dict[frozenset[Member], list[Evidence]]:
    sorted_in: dict[frozenset[Member], list[Evidence]] = {}
    for proof in proofs:
        for part in {part_of[end] for end in (proof.a, proof.b) if end in part_of}:
            sorted_in.setdefault(part, []).append(proof)
    return sorted_in


def _kind(
    name: PersonId,
    part: frozenset[Member],
    took_from: Mapping[PersonId, Person],
    after: Tangle,
) -> EventType | None:
    if not took_from:
        return EventType.CREATED
    remaining = (p.members.keys() & after.members.keys() for p in took_from.values())
    if any(not part >= members for members in remaining):
        return EventType.SPLIT
    if took_from.keys() != {name}:
        return EventType.MERGED
    known = took_from[name].members.keys()
    if not part <= known:
        return EventType.LINKED
    return None if part == known else EventType.ERASED


def _generation(
    took_from: Mapping[PersonId, Person], kind: EventType | None, newest: int
) -> int:
    highest = max((old.generation for old in took_from.values()), default=0)
    return highest if kind is None else max(highest, newest) + 1
