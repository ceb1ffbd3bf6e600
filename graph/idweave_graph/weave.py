"""The graph as a fold over the evidence log: one message in, effects out.

Nothing is ever united by itself. A message adds to the sets of members and proofs
around the persons it touches; who is who is derived from these sets anew, and the
difference to what was is what gets written and told. So the order of messages and
their repetition do not matter, and taking evidence away is no special case.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import singledispatch

from idweave_graph.derive import derive
from idweave_graph.effects import (
    DropPerson,
    Emit,
    GraphEffect,
    PutAsset,
    PutMember,
    PutPerson,
    PutRefusal,
)
from idweave_graph.events import (
    EventType,
    IdentityEvent,
    OwnershipChange,
    ownership_event_id,
    person_event_id,
    quarantine_event_id,
    refusal_event_id,
)
from idweave_graph.evidence import Evidence, firmer, weaving_order
from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.messages import (
    AssetChanged,
    LogMessage,
    Proved,
    Refusal,
    RefusalReason,
    Refused,
    Sighted,
)
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch, GraphState
from idweave_graph.transition import Change, persons_after

MAX_TANGLE = 64
"""Persons that are weighed along with those that a message names, because proofs in
quarantine stand between them."""

SIGHTED = "sighted"
"""The reason of an event that no proof gave rise to."""


def handle(state: GraphState, message: LogMessage) -> list[GraphEffect]:
    """Return what *message* changes in the graph of its business, in order.

    A message that is handled again changes nothing.
    """
    return _handle(message, state)


@singledispatch
def _handle(message: LogMessage, state: GraphState) -> list[GraphEffect]:
    msg = f"the evidence log holds a message of a kind unknown here: {type(message)}"
    raise TypeError(msg)


@_handle.register
def _(message: Sighted, state: GraphState) -> list[GraphEffect]:
    seen = message.seen
    if not _is_current(state, message.business, seen.id, seen.epoch):
        return _refuse(state, message, (_stale(seen.id, seen.id),))
    return _weave(state, message, {seen.id: message.at_ms}, ())


@_handle.register
def _(message: Proved, state: GraphState) -> list[GraphEffect]:
    proofs: list[Evidence] = []
    refusals: list[Refusal] = []
    for proof in message.proofs:
        stale = _stale_end(state, message.business, proof)
        if stale is None:
            proofs.append(proof)
        else:
            refusals.append(_stale(proof.other(stale), stale))
    members: dict[Member, int] = {}
    for proof in proofs:
        for end in (proof.a, proof.b):
            members[end] = min(proof.at_ms, members.get(end, proof.at_ms))
    return [
        *_refuse(state, message, refusals),
        *_weave(state, message, members, proofs),
    ]


@_handle.register
def _(message: Refused, state: GraphState) -> list[GraphEffect]:
    return _refuse(state, message, message.refusals)


@_handle.register
def _(message: AssetChanged, state: GraphState) -> list[GraphEffect]:
    known = state.asset(message.business, message.asset)
    now = AssetEpoch(message.epoch, message.owned)
    if known is not None and (known.epoch, not known.owned) >= (
        now.epoch,
        not now.owned,
    ):
        return []
    change = OwnershipChange(message.asset, message.epoch, message.owned)
    return [
        PutAsset(message.business, message.asset, now),
        Emit(
            IdentityEvent(
                id=ownership_event_id(message.business, change),
                type=EventType.EPOCH_CHANGED,
                business=message.business,
                at_ms=message.at_ms,
                cause=message.cause,
                reason="gained" if message.owned else "lost",
                ownership=change,
            )
        ),
    ]


# The third check of the boundary: both ends, epochs included.


def _is_current(
    state: GraphState, business: BusinessId, member: Member, epoch: int
) -> bool:
    if not isinstance(member, ScopedId):
        return True
    known = state.asset(business, member.asset)
    if known is None or epoch > known.epoch:
        return True
    return known.owned and epoch == known.epoch


def _stale_end(
    state: GraphState, business: BusinessId, proof: Evidence
) -> ScopedId | None:
    for end, epoch in ((proof.a, proof.epoch_a), (proof.b, proof.epoch_b)):
        if isinstance(end, ScopedId) and not _is_current(state, business, end, epoch):
            return end
    return None


def _stale(subject: Member, stale: ScopedId) -> Refusal:
    asked = subject if isinstance(subject, ScopedId) else stale
    return Refusal(RefusalReason.STALE_EPOCH, asked, stale.asset)


def _refuse(
    state: GraphState, message: LogMessage, refusals: Iterable[Refusal]
) -> list[GraphEffect]:
    effects: list[GraphEffect] = []
    for refusal in dict.fromkeys(refusals):
        name = refusal_event_id(message.business, refusal)
        if state.is_refusal_known(message.business, name):
            continue
        event = IdentityEvent(
            id=name,
            type=EventType.REFUSED,
            business=message.business,
            at_ms=message.at_ms,
            cause=message.cause,
            reason=refusal.reason,
            about=state.person_of(message.business, refusal.subject),
            refusal=refusal,
        )
        effects += [PutRefusal(message.business, name), Emit(event)]
    return effects


# Weaving.


@dataclass(frozen=True, slots=True)
class _Tangle:
    """The persons a message touches, and what is known around them."""

    persons: Mapping[PersonId, Person]
    members: Mapping[Member, int]
    proofs: Mapping[tuple[object, ...], Evidence]

    def with_(
        self, members: Mapping[Member, int], proofs: Iterable[Evidence]
    ) -> "_Tangle":
        first_seen = dict(self.members)
        for member, at_ms in members.items():
            first_seen[member] = min(at_ms, first_seen.get(member, at_ms))
        kept = dict(self.proofs)
        for proof in proofs:
            known = kept.get(proof.key)
            kept[proof.key] = proof if known is None else firmer(known, proof)
        return replace(self, members=first_seen, proofs=kept)


def _tangle(
    state: GraphState, business: BusinessId, members: Iterable[Member]
) -> _Tangle:
    persons: dict[PersonId, Person] = {}
    to_visit = deque(members)
    room = len(to_visit) + MAX_TANGLE
    while to_visit and len(persons) < room:
        name = state.person_of(business, to_visit.popleft())
        if name is None or name in persons:
            continue
        person = state.person(business, name)
        if person is None:
            msg = "an id belongs to a person that the graph lacks; run idweave verify"
            raise LookupError(msg)
        persons[name] = person
        ends = (end for p in person.quarantined for end in (p.a, p.b))
        to_visit += (end for end in ends if end not in person.members)
    first_seen = {m: at for p in persons.values() for m, at in p.members.items()}
    return _Tangle(
        persons,
        first_seen,
        {
            proof.key: proof
            for person in persons.values()
            for proof in (*person.evidence, *person.quarantined)
        },
    )


def _weave(
    state: GraphState,
    message: LogMessage,
    members: Mapping[Member, int],
    proofs: Iterable[Evidence],
) -> list[GraphEffect]:
    before = _tangle(state, message.business, members)
    after = before.with_(members, proofs)
    if after == before:
        return []
    derivation = derive(after.members, after.proofs.values())
    changes = persons_after(
        message.business, list(before.persons.values()), after.members, derivation
    )
    news = {p for key, p in after.proofs.items() if before.proofs.get(key) != p}
    return [
        *_writes(before, changes),
        *_tellings(message, changes, news),
        *_quarantines(message, before, changes),
    ]


def _writes(before: _Tangle, changes: list[Change]) -> list[GraphEffect]:
    effects: list[GraphEffect] = []
    for change in changes:
        person = change.person
        old = before.persons.get(person.id)
        if person == old:
            continue
        effects.append(PutPerson(person))
        effects += [
            PutMember(person.business, member, person.id, person.generation)
            for member in person.members
            if old is None or member not in old.members
        ]
    remaining = {change.person.id for change in changes}
    effects += [
        DropPerson(old.business, name)
        for name, old in before.persons.items()
        if name not in remaining
    ]
    return effects


def _tellings(
    message: LogMessage, changes: list[Change], news: set[Evidence]
) -> list[GraphEffect]:
    occasion = min(news, key=weaving_order).kind if news else SIGHTED
    effects: list[GraphEffect] = []
    for change in changes:
        if change.type is None:
            continue
        person = change.person
        proofs = tuple(p for p in person.evidence if p in news)
        event = IdentityEvent(
            id=person_event_id(person, change.type),
            type=change.type,
            business=person.business,
            at_ms=message.at_ms,
            cause=message.cause,
            reason=proofs[0].kind if proofs else occasion,
            person=person,
            proofs=proofs,
        )
        effects.append(Emit(event))
    return effects


def _quarantines(
    message: LogMessage, before: _Tangle, changes: list[Change]
) -> list[GraphEffect]:
    known = {p.key for old in before.persons.values() for p in old.quarantined}
    home = {m: change.person for change in changes for m in change.person.members}
    told: dict[tuple[object, ...], GraphEffect] = {}
    for change in changes:
        for proof in change.person.quarantined:
            if proof.key in known or proof.key in told:
                continue
            one, two = home[proof.a], home[proof.b]
            told[proof.key] = Emit(
                IdentityEvent(
                    id=quarantine_event_id(one, proof),
                    type=EventType.QUARANTINED,
                    business=message.business,
                    at_ms=message.at_ms,
                    cause=message.cause,
                    reason=proof.kind,
                    person=one,
                    proofs=(proof,),
                    other=two.id,
                )
            )
    return list(told.values())
