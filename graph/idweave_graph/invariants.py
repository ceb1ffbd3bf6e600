"""What must hold of a whole graph, checked from outside.

`weave` keeps these rules by the way it works; nothing here relies on that, so a
damaged or wrongly restored graph is found as well. A finding names the person, never
their ids.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from idweave_graph.banlist import bans_about
from idweave_graph.bans import barred
from idweave_graph.decision_rules import (
    is_accepted_first,
    is_decided,
    is_free_of_rejected,
    owner_of,
)
from idweave_graph.derive import MAX_PROOFS, WAYS, derive
from idweave_graph.epochs import is_current
from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.memory import memories
from idweave_graph.naming import titles_of
from idweave_graph.person import Person, PersonId, is_coherent
from idweave_graph.ports import GraphState
from idweave_graph.transition import MAX_QUARANTINED


class Rule(StrEnum):
    """What can be broken."""

    INDEXED = "indexed"
    """The index names, for each member of a person, that person, and nothing else."""
    NAMED = "named"
    """A person goes by the oldest title of their members."""
    COHERENT = "coherent"
    """No two members are ids of one asset."""
    BANNED = "banned"
    """No two members are banned from being one person."""
    REJECTED = "rejected"
    """No proof between two members that an operator has rejected counts or waits."""
    ACCEPTED = "accepted"
    """A proof that an operator has accepted waits only for others that are accepted,
    for a ban, or because its ends are ids of one asset."""
    DECIDED = "decided"
    """A decision about a member is known to both ends, and keeps only proofs that a
    rejection in force keeps out."""
    CONNECTED = "connected"
    """The evidence holds all members together, stands in order and is no more."""
    COUNTED = "counted"
    """The generation is 1 or more."""
    ABSORBED = "absorbed"
    """No absorbed id is a person's, each is a member's title, and they are sorted."""
    FIRST_SEEN = "first-seen"
    """No proof about a member is older than the member."""
    SPOKEN_FOR = "spoken-for"
    """Each member was seen, or a proof names them, under the epoch they are here."""
    CURRENT = "current"
    """No member is of an epoch that is over, unless its asset is being swept.

    Of some that an older release wrote the epoch is not known.
    """
    FORGOTTEN = "forgotten"
    """Nobody is here who was erased, as far as that is remembered, and was not seen
    since, unless all ids of their asset are being erased."""
    QUARANTINED = "quarantined"
    """What is in quarantine would join two ids of one asset, or two that are banned,
    and both ends know it.

    Where more than `tangle.MAX_TANGLE` persons contradict each other, a proof may be
    left in quarantine that could be released; the next message about it does so.
    """


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that is broken by one person, or by an index entry that names them."""

    rule: Rule
    business: BusinessId
    person: PersonId


def violations(
    state: GraphState,
    persons: Iterable[Person],
    index: Iterable[tuple[BusinessId, Member, PersonId]],
) -> Iterator[Violation]:
    """Yield what is wrong in a graph, given all of its *persons* and its *index*.

    Both are read once, so they may be scans of a table of any size.
    """
    for person in persons:
        for rule, holds in _RULES.items():
            if not holds(state, person):
                yield Violation(rule, person.business, person.id)
    for business, member, name in index:
        known = state.person(business, name)
        if known is None or member not in known.members:
            yield Violation(Rule.INDEXED, business, name)


def _is_indexed(state: GraphState, person: Person) -> bool:
    names = {state.person_of(person.business, member) for member in person.members}
    return names == {person.id} and state.person(person.business, person.id) == person


def _is_named(_: GraphState, person: Person) -> bool:
    titles = titles_of(person)
    if not titles or any(t.bearer not in person.members for t in titles):
        return False
    return person.id == min(titles, key=lambda title: title.seniority).name


def _is_coherent(_: GraphState, person: Person) -> bool:
    return is_coherent(person.members)


def _is_unbanned(state: GraphState, person: Person) -> bool:
    return not _barred(state, [person])


def _barred(state: GraphState, persons: Collection[Person]) -> bool:
    """Say whether a ban stands between two members of *persons*."""
    grounds = {m: p.presence_of(m) for p in persons for m in p.members}
    business = next(iter(persons)).business
    return bool(barred(bans_about(state, business, grounds), grounds))


def _is_connected(_: GraphState, person: Person) -> bool:
    derivation = derive(person.members, person.evidence)
    keys = {proof.key for proof in (*person.evidence, *person.quarantined)}
    return (
        len(derivation.parts) == 1
        and derivation.accepted == person.evidence
        and len(keys) == len(person.evidence) + len(person.quarantined)
        and len(person.evidence) <= max(MAX_PROOFS, WAYS * len(person.members))
    )


def _is_counted(_: GraphState, person: Person) -> bool:
    return person.generation >= 1


def _is_absorbed_gone(state: GraphState, person: Person) -> bool:
    is_sorted = list(person.absorbed) == sorted(set(person.absorbed))
    titles = {title.name for title in titles_of(person)}
    return (
        is_sorted
        and titles.issuperset(person.absorbed)
        and not any(state.person(person.business, name) for name in person.absorbed)
    )


def _is_seen_first(_: GraphState, person: Person) -> bool:
    return all(
        person.members.get(end, proof.at_ms) <= proof.at_ms
        for proof in (*person.evidence, *person.quarantined)
        for end in (proof.a, proof.b)
    )


def _is_spoken_for(_: GraphState, person: Person) -> bool:
    proofs = (*person.evidence, *person.quarantined)
    ends = {(end, p.epoch_of(end)) for p in proofs for end in (p.a, p.b)}
    named = {end for end, _ in ends}
    grounds = person.presence
    return (
        grounds.keys() <= person.members.keys()
        and all(g.sighted_ms is not None or w in named for w, g in grounds.items())
        and all(w not in grounds or grounds[w].epoch == epoch for w, epoch in ends)
    )


def _is_current(state: GraphState, person: Person) -> bool:
    sweeping = state.withdrawals(person.business).sweeping
    return all(
        ground.epoch == 0
        or is_current(state, person.business, who, ground.epoch)
        or (isinstance(who, ScopedId) and who.asset in sweeping)
        for who, ground in person.presence.items()
    )


def _is_forgotten(state: GraphState, person: Person) -> bool:
    business = person.business
    known = state.withdrawals(business)
    erasing = known.erasing
    if not erasing and not known.has_erasures:
        return True
    return not any(
        erased.concerns(first_ms, person.presence_of(who).sighted_ms)
        for who, first_ms in person.members.items()
        for erased in memories(state, business, who)
        if not (
            isinstance(who, ScopedId)
            and who.asset in erasing
            and erasing[who.asset].is_running
        )
    )


def _is_quarantine_due(state: GraphState, person: Person) -> bool:
    return len(person.quarantined) <= MAX_QUARANTINED and all(
        _contradicts(state, person, proof) for proof in person.quarantined
    )


def _contradicts(state: GraphState, person: Person, proof: Evidence) -> bool:
    owners = [owner_of(state, person.business, end) for end in (proof.a, proof.b)]
    sides = {owner.id: owner for owner in owners if owner is not None}
    return (
        len(sides) == len(owners)
        and person.id in sides
        and _must_not_join(state, sides.values())
        and all(proof in side.quarantined for side in sides.values())
    )


def _must_not_join(state: GraphState, sides: Collection[Person]) -> bool:
    together = [member for side in sides for member in side.members]
    return not is_coherent(together) or _barred(state, sides)


_RULES: Mapping[Rule, Callable[[GraphState, Person], bool]] = {
    Rule.INDEXED: _is_indexed,
    Rule.NAMED: _is_named,
    Rule.COHERENT: _is_coherent,
    Rule.BANNED: _is_unbanned,
    Rule.REJECTED: is_free_of_rejected,
    Rule.ACCEPTED: is_accepted_first,
    Rule.DECIDED: is_decided,
    Rule.CONNECTED: _is_connected,
    Rule.COUNTED: _is_counted,
    Rule.ABSORBED: _is_absorbed_gone,
    Rule.FIRST_SEEN: _is_seen_first,
    Rule.SPOKEN_FOR: _is_spoken_for,
    Rule.CURRENT: _is_current,
    Rule.FORGOTTEN: _is_forgotten,
    Rule.QUARANTINED: _is_quarantine_due,
}
