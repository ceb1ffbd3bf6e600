"""Taking back what was learned: of epochs that are over, and on demand."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial

from idweave_graph.banlist import drop_bans
from idweave_graph.banning import forget_old_bans
from idweave_graph.bans import Ban
from idweave_graph.deciding import forget_old_decisions
from idweave_graph.decisionlist import drop_decisions, drop_kept
from idweave_graph.decisions import Decision
from idweave_graph.draft import Draft
from idweave_graph.effects import Forget, PutReceipt, PutWithdrawals, Tell
from idweave_graph.epochs import is_current
from idweave_graph.evidence import Evidence, EvidenceKind
from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.messages import (
    Erase,
    Forgotten,
    LogMessage,
    Receipt,
    Sweep,
    Unlinked,
)
from idweave_graph.reweave import reweave
from idweave_graph.tangle import ProofKey, Tangle, read_tangle

SWEEP_STEP = 200
"""Members that one message takes out at most."""

LOST = "lost"
"""The reason of an event that comes of an ownership that is over."""
REQUESTED = "requested"
"""The reason of an event that comes of an erasure."""


def settle(draft: Draft, message: LogMessage, named: Collection[Member]) -> None:
    """Take out of the persons of *named* whoever a sweep has not come to yet.

    So whatever a message does happens after the sweep, however far that is.
    """
    business = message.business
    sweeping = draft.withdrawals(business).sweeping
    if not sweeping:
        return
    before = read_tangle(draft, business, named)
    stale = {
        who
        for who, ground in before.presence.items()
        if isinstance(who, ScopedId)
        and who.asset in sweeping
        and not is_current(draft, business, who, ground.epoch)
    }
    proofs = [key for key, p in before.proofs.items() if p.a in stale or p.b in stale]
    if stale:
        before = _with_ends(draft, business, named, before, proofs)
        reweave(draft, message, before, before.without(stale, proofs), LOST)


def _with_ends(
    draft: Draft,
    business: BusinessId,
    named: Collection[Member],
    known: Tangle,
    proofs: Iterable[ProofKey],
) -> Tangle:
    """Read who else keeps one of *proofs*, which go, however many contradict each other."""
    going = [known.proofs[key] for key in proofs]
    ends = {end for proof in going for end in (proof.a, proof.b)}
    far = ends - known.members.keys()
    return read_tangle(draft, business, named, far) if far else known


def sweep(draft: Draft, message: Sweep) -> None:
    """Take the next members of the asset out, and go on later if there are more."""
    business, asset = message.business, message.asset
    if draft.withdrawals(business).sweeping.get(asset) != message.after:
        return  # done already, or begun anew
    some = _next(draft, message)
    for who in some:
        if _is_stale(draft, business, who):
            settle(draft, message, [who])
    drop_bans(draft, business, some, lambda ban: _is_over(draft, business, ban))
    is_past = partial(_is_past, draft, business)
    drop_decisions(draft, business, some, is_past)
    known = draft.withdrawals(business)
    sweeping = {each: at for each, at in known.sweeping.items() if each != asset}
    if len(some) == SWEEP_STEP:
        sweeping[asset] = some[-1].user
        draft.want(Tell(replace(message, after=some[-1].user)))
    draft.want(PutWithdrawals(business, replace(known, sweeping=sweeping)))


def _next(draft: Draft, message: Sweep) -> list[ScopedId]:
    """List the next ids of the asset, members or not, by user id."""
    place = (message.business, message.asset, message.after, SWEEP_STEP)
    found = {*draft.members_of(*place), *draft.banned_of(*place)}
    found |= {*draft.decided_of(*place)}
    return sorted(found, key=lambda who: who.user)[:SWEEP_STEP]


def _is_over(draft: Draft, business: BusinessId, ban: Ban) -> bool:
    ends = (ban.a, ban.b)
    return not all(is_current(draft, business, end.id, end.epoch) for end in ends)


def _is_past(draft: Draft, business: BusinessId, told: Decision) -> bool:
    ends = zip(told.pair, told.epochs, strict=True)
    return not all(is_current(draft, business, end, epoch) for end, epoch in ends)


def _is_stale(draft: Draft, business: BusinessId, who: ScopedId) -> bool:
    name = draft.person_of(business, who)
    person = None if name is None else draft.person(business, name)
    if person is None or who not in person.members:
        return False
    return not is_current(draft, business, who, person.presence_of(who).epoch)


def erase(draft: Draft, message: Erase) -> None:
    """Forget the subject, or their whole person, if they were known by then.

    All that was learned about them goes, also while the message was on its way, and
    so does whoever was learned only through one of them. So do the bans that name them.
    """
    business = message.business
    settle(draft, message, [message.subject])
    subjects = _subjects(draft, message)
    before = read_tangle(draft, business, subjects)
    proofs = [k for k, p in before.proofs.items() if subjects & {p.a, p.b}]
    before = _with_ends(draft, business, subjects, before, proofs)
    after = before.without(subjects, proofs)
    if subjects:
        _count(draft, business)
        reweave(draft, message, before, after, REQUESTED)
    else:
        forget_old_bans(draft, message, REQUESTED)
        forget_old_decisions(draft, message, REQUESTED)
    gone = [who for who in before.members if who not in after.members]
    ids = [who for who in gone if isinstance(who, ScopedId)]
    drop_bans(draft, business, ids, lambda _: True)
    drop_decisions(draft, business, gone, lambda _: True)
    _tell(draft, message, ids)


def _subjects(draft: Draft, message: Erase) -> set[Member]:
    """Return who is meant: one who was seen only later has come back since."""
    name = draft.person_of(message.business, message.subject)
    person = None if name is None else draft.person(message.business, name)
    if person is None or person.members[message.subject] > message.at_ms:
        return set()
    if not message.whole_person:
        return {message.subject}
    return {
        who
        for who, at_ms in person.members.items()
        if at_ms <= message.at_ms or person.presence_of(who).sighted_ms is None
    }


def unlink(draft: Draft, message: Unlinked) -> None:
    """Take the subject's account linkings up to then out of the graph."""
    settle(draft, message, [message.subject])
    before = read_tangle(draft, message.business, [message.subject])
    is_over = partial(_is_unlinked, message)
    drop_kept(draft, message.business, message.subject, is_over)
    over = [key for key, proof in before.proofs.items() if is_over(proof)]
    if over:
        before = _with_ends(draft, message.business, [message.subject], before, over)
        after = before.without((), over)
        _count(draft, message.business)
        reweave(draft, message, before, after, EvidenceKind.ACCOUNT_LINKING)


def _is_unlinked(message: Unlinked, proof: Evidence) -> bool:
    return (
        proof.kind is EvidenceKind.ACCOUNT_LINKING
        and message.subject in (proof.a, proof.b)
        and proof.at_ms <= message.at_ms
    )


def _count(draft: Draft, business: BusinessId) -> None:
    """Let whoever comes from now on have another name than who may be leaving."""
    known = draft.withdrawals(business)
    draft.want(PutWithdrawals(business, replace(known, count=known.count + 1)))


def _tell(draft: Draft, message: Erase, gone: Iterable[ScopedId]) -> None:
    business, at_ms = message.business, message.at_ms
    forgotten = [Forgotten(business, who, at_ms, message.cause) for who in gone]
    draft.want(*(Forget(each) for each in forgotten))
    if not message.receipt:
        return
    done_ms = draft.receipt_ms(business, message.receipt)
    if done_ms is None or done_ms < at_ms:
        receipt = Receipt(message.receipt, at_ms, len(forgotten))
        draft.want(PutReceipt(business, receipt))
