"""The persons a message is about, and what is known around them."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from idweave_graph.banlist import bans_about
from idweave_graph.bans import Ban, Pair, barred
from idweave_graph.decisionlist import decisions_about
from idweave_graph.decisions import Decision, MemberPair, favoured
from idweave_graph.evidence import Evidence, firmer
from idweave_graph.ids import BusinessId, Member
from idweave_graph.person import Person, PersonId, Presence
from idweave_graph.ports import GraphState

MAX_TANGLE = 64
"""Persons that are weighed along with those that a message names, because proofs in
quarantine stand between them."""

ProofKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Tangle:
    """The persons a message touches, and the sets that they are derived from."""

    persons: Mapping[PersonId, Person]
    members: Mapping[Member, int]
    """Each with the time (ms) it was first seen."""
    presence: Mapping[Member, Presence]
    proofs: Mapping[ProofKey, Evidence]
    bans: frozenset[Ban] = frozenset()
    """Those that name one of the members, or of those whom a message names."""

    decisions: frozenset[Decision] = frozenset()
    """Those in force that name one of the members, or of those whom a message names."""

    def favoured(self) -> tuple[MemberPair, ...]:
        """Return the pairs of members whose proofs are weighed first, in order."""
        return favoured(self.decisions, self.presence)

    def barred(self) -> frozenset[Pair]:
        """Return the pairs of members that may not be one person."""
        return barred(self.bans, self.presence)

    def with_(
        self, arrivals: Mapping[Member, Presence], proofs: Iterable[Evidence]
    ) -> "Tangle":
        """Add members, each seen itself or the end of a proof, and *proofs*."""
        first_seen, presence = dict(self.members), dict(self.presence)
        for who, arrival in arrivals.items():
            presence[who] = _joined(self.presence.get(who), arrival)
            _lower(first_seen, who, arrival.sighted_ms)
        kept = dict(self.proofs)
        for proof in proofs:
            known = kept.get(proof.key)
            kept[proof.key] = proof if known is None else firmer(known, proof)
            _lower(first_seen, proof.a, proof.at_ms)
            _lower(first_seen, proof.b, proof.at_ms)
        return replace(self, members=first_seen, presence=presence, proofs=kept)

    def without(
        self,
        sightings: Collection[Member],
        proofs: Collection[ProofKey],
        also: Collection[Member] = (),
    ) -> "Tangle":
        """Take back the sightings of these members, and *proofs*.

        A member that nothing speaks for any more goes with them. When those of *also*
        were first seen is found out anew, from what is left.
        """
        presence = {
            who: replace(ground, sighted_ms=None) if who in sightings else ground
            for who, ground in self.presence.items()
        }
        kept = {key: proof for key, proof in self.proofs.items() if key not in proofs}
        first_seen = _first_seen(presence, kept.values())
        touched = {end for key in proofs for end in _ends(self.proofs[key])}
        touched |= {*sightings, *also}
        return replace(
            self,
            members={
                who: first_seen[who] if who in touched else at_ms
                for who, at_ms in self.members.items()
                if who in first_seen
            },
            presence={w: g for w, g in presence.items() if w in first_seen},
            proofs=kept,
        )


def read_tangle(
    state: GraphState,
    business: BusinessId,
    members: Collection[Member],
    also: Iterable[Member] = (),
) -> Tangle:
    """Read the persons of *members*, those that contradict them, and those of *also*."""
    persons: dict[PersonId, Person] = {}
    to_visit = deque(members)
    room = len(to_visit) + MAX_TANGLE
    while to_visit and len(persons) < room:
        person = _read(state, business, to_visit.popleft(), persons)
        if person is not None:
            ends = (end for p in person.quarantined for end in _ends(p))
            to_visit += (end for end in ends if end not in person.members)
    for who in also:
        _read(state, business, who, persons)
    everyone = persons.values()
    named = set(chain(members, *(person.members for person in everyone)))
    return Tangle(
        persons,
        {m: at_ms for person in everyone for m, at_ms in person.members.items()},
        {m: person.presence_of(m) for person in everyone for m in person.members},
        {
            proof.key: proof
            for person in everyone
            for proof in (*person.evidence, *person.quarantined)
        },
        bans_about(state, business, named),
        decisions_about(state, business, named),
    )


def with_ends(
    state: GraphState,
    business: BusinessId,
    named: Collection[Member],
    known: Tangle,
    proofs: Iterable[ProofKey],
) -> Tangle:
    """Read who else keeps one of *proofs*, which go, however many contradict each other."""
    going = [known.proofs[key] for key in proofs]
    ends = {end for proof in going for end in (proof.a, proof.b)}
    far = ends - known.members.keys()
    return read_tangle(state, business, named, far) if far else known


def _read(
    state: GraphState,
    business: BusinessId,
    who: Member,
    persons: dict[PersonId, Person],
) -> Person | None:
    """Add the person of *who* to *persons*, and return them if they are new there."""
    name = state.person_of(business, who)
    if name is None or name in persons:
        return None
    person = state.person(business, name)
    if person is None:
        msg = "an id belongs to a person that the graph lacks; run idweave verify"
        raise LookupError(msg)
    persons[name] = person
    return person


def _joined(known: Presence | None, arrival: Presence) -> Presence:
    if known is None:
        return arrival
    if arrival.sighted_ms is None and arrival.epoch <= known.epoch:
        return known
    times = [t for t in (known.sighted_ms, arrival.sighted_ms) if t is not None]
    epoch = max(known.epoch, arrival.epoch)
    return Presence(epoch, known.life, min(times, default=None))


def _lower(first_seen: dict[Member, int], who: Member, at_ms: int | None) -> None:
    if at_ms is not None:
        first_seen[who] = min(at_ms, first_seen.get(who, at_ms))


def _first_seen(
    presence: Mapping[Member, Presence], proofs: Iterable[Evidence]
) -> dict[Member, int]:
    """Return when each member was first seen, those that nothing speaks for left out."""
    times: dict[Member, int] = {}
    for who, ground in presence.items():
        _lower(times, who, ground.sighted_ms)
    for proof in proofs:
        for end in _ends(proof):
            _lower(times, end, proof.at_ms)
    return {who: at_ms for who, at_ms in times.items() if who in presence}


def _ends(proof: Evidence) -> tuple[Member, Member]:
    return (proof.a, proof.b)
