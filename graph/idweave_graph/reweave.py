"""From the sets around some persons to what is written and told of them."""

from dataclasses import replace

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.derive import derive
from idweave_graph.draft import Draft
from idweave_graph.effects import (
    DropMember,
    DropPerson,
    Emit,
    GraphEffect,
    PutMember,
    PutPerson,
    PutWithdrawals,
)
from idweave_graph.events import (
    EventType,
    IdentityEvent,
    person_event_id,
    quarantine_event_id,
)
from idweave_graph.evidence import Evidence, weaving_order
from idweave_graph.ids import BusinessId
from idweave_graph.messages import LogMessage
from idweave_graph.person import Person
from idweave_graph.tangle import ProofKey, Tangle
from idweave_graph.transition import Change, persons_after

SIGHTED = "sighted"
"""The reason of an event that no proof gave rise to."""


def reweave(
    draft: Draft,
    message: LogMessage,
    before: Tangle,
    after: Tangle,
    reason: str = SIGHTED,
    *,
    said: Ban | Decision | None = None,
) -> None:
    """Derive who is who from the sets *after*; want what that changes and tells.

    *reason* is that of events that no new proof gave rise to, *said* what they come of:
    of a decision, it is that of all of them.
    """
    business = message.business
    derivation = derive(
        after.members, after.proofs.values(), after.barred(), after.favoured()
    )
    newest = draft.withdrawals(business).generation
    changes = persons_after(business, after, derivation, newest)
    news = {p for key, p in after.proofs.items() if before.proofs.get(key) != p}
    draft.want(
        *_writes(business, before, after, changes),
        *_tellings(message, changes, news, reason, said),
        *_quarantines(message, before, after, changes, said),
    )
    if not before.members.keys() <= after.members.keys():
        _remember(draft, business, changes)


def _remember(draft: Draft, business: BusinessId, changes: list[Change]) -> None:
    known = draft.withdrawals(business)
    highest = max(change.person.generation for change in changes)
    if highest > known.generation:
        draft.want(PutWithdrawals(business, replace(known, generation=highest)))


def _writes(
    business: BusinessId, before: Tangle, after: Tangle, changes: list[Change]
) -> list[GraphEffect]:
    effects: list[GraphEffect] = []
    living = [change.person for change in changes if change.person.members]
    for person in living:
        old = before.persons.get(person.id)
        if person == old:
            continue
        effects.append(PutPerson(person))
        effects += [
            PutMember(business, member, person.id, person.generation)
            for member in person.members
            if old is None or member not in old.members
        ]
    effects += [
        DropMember(business, who) for who in before.members if who not in after.members
    ]
    names = {person.id for person in living}
    effects += [
        DropPerson(business, name) for name in before.persons if name not in names
    ]
    return effects


def _tellings(
    message: LogMessage,
    changes: list[Change],
    news: set[Evidence],
    reason: str,
    said: Ban | Decision | None,
) -> list[GraphEffect]:
    decisions = (said,) if isinstance(said, Decision) else ()
    is_proved = news and not decisions
    occasion = min(news, key=weaving_order).kind if is_proved else reason
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
            reason=proofs[0].kind if proofs and not decisions else occasion,
            person=person,
            proofs=proofs,
            bans=(said,) if isinstance(said, Ban) else (),
            decisions=decisions,
        )
        effects.append(Emit(event))
    return effects


def _quarantines(
    message: LogMessage,
    before: Tangle,
    after: Tangle,
    changes: list[Change],
    said: Ban | Decision | None,
) -> list[GraphEffect]:
    decided = said if isinstance(said, Decision) else None
    known = {p.key for old in before.persons.values() for p in old.quarantined}
    home = {m: change.person for change in changes for m in change.person.members}
    told: dict[ProofKey, GraphEffect] = {}
    for change in changes:
        for proof in change.person.quarantined:
            if proof.key in known or proof.key in told:
                continue
            one, two = home[proof.a], home[proof.b]
            told[proof.key] = Emit(
                IdentityEvent(
                    id=quarantine_event_id(one, proof, decided),
                    type=EventType.QUARANTINED,
                    business=message.business,
                    at_ms=message.at_ms,
                    cause=message.cause,
                    reason=proof.kind,
                    person=one,
                    proofs=(proof,),
                    other=two.id,
                    bans=_between(one, two, after),
                    decisions=() if decided is None else (decided,),
                )
            )
    return list(told.values())


def _between(one: Person, two: Person, after: Tangle) -> tuple[Ban, ...]:
    """Return the bans that keep these two persons apart."""
    found = (
        ban
        for ban in after.bans
        if ban.stands(after.presence)
        and any(
            a in one.members and b in two.members for a, b in (ban.pair, ban.pair[::-1])
        )
    )
    return tuple(sorted(found, key=lambda ban: str(ban.pair)))
