"""From the persons before to the persons after: what changed, and what to tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from idweave_graph.derive import Derivation, enough
from idweave_graph.events import EventType
from idweave_graph.evidence import Evidence, weaving_order
from idweave_graph.ids import BusinessId, Member
from idweave_graph.naming import OwnTitles, handed_on, naming
from idweave_graph.person import Person, PersonId, Presence, Title
from idweave_graph.tangle import Tangle

MAX_QUARANTINED = 64
"""Proofs in quarantine that one person keeps, the oldest first.

One that not both of its persons have room for is not kept and not told of. Kept by one
alone, it would still name the other one after they were forgotten.
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
    aside = _aside(part_of, derivation.quarantined)
    own = OwnTitles(business, after.members, lambda who: after.presence[who].life)
    carried = _carried(before, after)
    favoured = after.favoured()
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
            evidence=enough(held.get(part, []), favoured),
            quarantined=tuple(aside.get(part, ())),
            absorbed=called.absorbed,
            presence=_presence(part, after, is_alone=part not in aside),
            titles=called.titles,
        )
        changes.append(Change(person, kind))
    return changes + [_gone(person) for person in before if _is_gone(person, after)]


def _presence(
    part: frozenset[Member], after: Tangle, *, is_alone: bool
) -> dict[Member, Presence]:
    """Return on what ground the members of *part* are here.

    Whose only proof was not kept counts as seen when it told of them, or nothing would
    speak for them.
    """
    grounds = {who: after.presence[who] for who in sorted(part, key=str)}
    if len(part) == 1 and is_alone:
        (who,) = part
        seen_ms = grounds[who].sighted_ms
        at_ms = after.members[who] if seen_ms is None else seen_ms
        grounds[who] = replace(grounds[who], sighted_ms=at_ms)
    return grounds


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


_Parts = Mapping[Member, frozenset[Member]]
_Proofs = dict[frozenset[Member], list[Evidence]]


def _by_part(part_of: _Parts, proofs: Iterable[Evidence]) -> _Proofs:
    sorted_in: _Proofs = {}
    for proof in proofs:
        for part in _parts_at(part_of, proof):
            sorted_in.setdefault(part, []).append(proof)
    return sorted_in


def _parts_at(part_of: _Parts, proof: Evidence) -> set[frozenset[Member]]:
    return {part_of[end] for end in (proof.a, proof.b) if end in part_of}


def _aside(part_of: _Parts, proofs: Iterable[Evidence]) -> _Proofs:
    """Choose which of *proofs* stay in quarantine, for both of their persons alike.

    Whose other person was not read comes first: that one keeps it.
    """
    kept: _Proofs = {}
    in_turn = sorted(proofs, key=lambda p: p.a in part_of and p.b in part_of)
    for proof in in_turn:
        parts = _parts_at(part_of, proof)
        if all(len(kept.get(part, ())) < MAX_QUARANTINED for part in parts):
            for part in parts:
                kept.setdefault(part, []).append(proof)
    return {part: sorted(found, key=weaving_order) for part, found in kept.items()}


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
