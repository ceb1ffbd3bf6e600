"""Taking back what was learned: of epochs that are over, and on demand."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial

from idweave_graph.banlist import drop_bans
from idweave_graph.bans import Ban
from idweave_graph.decisionlist import drop_decisions, drop_kept
from idweave_graph.decisions import Decision
from idweave_graph.draft import Draft
from idweave_graph.effects import PutWithdrawals, Tell
from idweave_graph.epochs import is_current
from idweave_graph.evidence import Evidence, EvidenceKind
from idweave_graph.forgetting import forget_due
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.messages import LogMessage, Sweep, Unlinked
from idweave_graph.reweave import reweave
from idweave_graph.tangle import read_tangle, with_ends

SWEEP_STEP = 50
"""Members that one message takes out at most.

Whoever else is in the partition waits for one step: with 200 a login waited three times
as long, and the sweep took two thirds of the time (`benchmarks/sweep.py`). The log holds
each step's continuation, so a log that was written with one step is replayed with it.
"""

LOST = "lost"
"""The reason of an event that comes of an ownership that is over."""


def settle(draft: Draft, message: LogMessage, named: Collection[Member]) -> None:
    """Take out of the persons of *named* whoever a sweep has not come to yet.

    So whatever a message does happens after the sweep, however far that is. The same
    for the erasure of an asset.
    """
    _settle_lost(draft, message, named)
    forget_due(draft, message, named)


def _settle_lost(draft: Draft, message: LogMessage, named: Collection[Member]) -> None:
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
        before = with_ends(draft, business, named, before, proofs)
        reweave(draft, message, before, before.without(stale, proofs), LOST)


def sweep(draft: Draft, message: Sweep) -> None:
    """Take the next members of the asset out, and go on later if there are more."""
    business, asset = message.business, message.asset
    if draft.withdrawals(business).sweeping.get(asset) != message.after:
        return  # done already, or begun anew
    some, is_last = next_members(draft, business, asset, message.after)
    for who in some:
        if _is_stale(draft, business, who):
            settle(draft, message, [who])
    drop_bans(draft, business, some, lambda ban: _is_over(draft, business, ban))
    is_past = partial(_is_past, draft, business)
    drop_decisions(draft, business, some, is_past)
    known = draft.withdrawals(business)
    sweeping = {each: at for each, at in known.sweeping.items() if each != asset}
    if not is_last:
        sweeping[asset] = some[-1].user
        draft.want(Tell(replace(message, after=some[-1].user)))
    draft.want(PutWithdrawals(business, replace(known, sweeping=sweeping)))


def next_members(
    draft: Draft, business: BusinessId, asset: Asset, after: str
) -> tuple[list[ScopedId], bool]:
    """List the next ids of the asset, members or not; say whether they are the last."""
    place = (business, asset, after, SWEEP_STEP)
    found = {*draft.members_of(*place), *draft.banned_of(*place)}
    found |= {*draft.decided_of(*place)}
    some = sorted(found, key=lambda who: who.user)[:SWEEP_STEP]
    return some, len(some) < SWEEP_STEP


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


def unlink(draft: Draft, message: Unlinked) -> None:
    """Take the subject's account linkings up to then out of the graph."""
    settle(draft, message, [message.subject])
    before = read_tangle(draft, message.business, [message.subject])
    is_over = partial(_is_unlinked, message)
    drop_kept(draft, message.business, message.subject, is_over)
    over = [key for key, proof in before.proofs.items() if is_over(proof)]
    if over:
        before = with_ends(draft, message.business, [message.subject], before, over)
        after = before.without((), over)
        begin_anew(draft, message.business)
        reweave(draft, message, before, after, EvidenceKind.ACCOUNT_LINKING)


def _is_unlinked(message: Unlinked, proof: Evidence) -> bool:
    return (
        proof.kind is EvidenceKind.ACCOUNT_LINKING
        and message.subject in (proof.a, proof.b)
        and proof.at_ms <= message.at_ms
    )


def begin_anew(draft: Draft, business: BusinessId) -> None:
    """Let whoever comes from now on have another name than who may be leaving."""
    known = draft.withdrawals(business)
    draft.want(PutWithdrawals(business, replace(known, count=known.count + 1)))
