"""The decisions of a business: found by either of their members, written to both."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from idweave_graph.decisions import Decision, in_force, keeping, rejection_of
from idweave_graph.draft import Draft
from idweave_graph.effects import PutDecisions, PutWithdrawals
from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member
from idweave_graph.ports import GraphState


def decisions_about(
    state: GraphState, business: BusinessId, members: Iterable[Member]
) -> frozenset[Decision]:
    """Return the decisions in force that name one of *members*.

    In most businesses nobody ever decides anything, and then nothing is read.
    """
    if not state.withdrawals(business).has_decisions:
        return frozenset()
    return frozenset(
        each for who in members for each in in_force(state.decisions_of(business, who))
    )


def put_decision(draft: Draft, business: BusinessId, told: Decision) -> None:
    """Keep *told* at both of its members, in the place of what has its key."""
    withdrawals = draft.withdrawals(business)
    if not withdrawals.has_decisions:
        draft.want(PutWithdrawals(business, replace(withdrawals, has_decisions=True)))
    for end in told.pair:
        known = draft.decisions_of(business, end)
        by_key = {each.key: each for each in known} | {told.key: told}
        listed = tuple(by_key[key] for key in sorted(by_key, key=str))
        if listed != known:
            draft.want(PutDecisions(business, end, listed))


def drop_decisions(
    draft: Draft,
    business: BusinessId,
    members: Iterable[Member],
    is_over: Callable[[Decision], bool],
) -> None:
    """Forget the decisions that name one of *members* and are over, with what they keep."""
    if not draft.withdrawals(business).has_decisions:
        return
    for who in members:
        for told in filter(is_over, draft.decisions_of(business, who)):
            for end in told.pair:
                known = draft.decisions_of(business, end)
                left = tuple(each for each in known if each.key != told.key)
                draft.want(PutDecisions(business, end, left))


def put_aside(
    draft: Draft, business: BusinessId, proofs: Iterable[Evidence]
) -> list[Evidence]:
    """Keep those of *proofs* that are rejected out of the graph; return the others."""
    counting = list(proofs)
    if not draft.withdrawals(business).has_decisions:
        return counting
    return [proof for proof in counting if not _is_put_aside(draft, business, proof)]


def _is_put_aside(draft: Draft, business: BusinessId, proof: Evidence) -> bool:
    known = draft.decisions_of(business, proof.a)
    rejection = rejection_of(known, (proof.a, proof.b))
    if rejection is None or not rejection.covers(proof):
        return False
    put_decision(draft, business, keeping(rejection, [proof]))
    return True


def drop_kept(
    draft: Draft, business: BusinessId, who: Member, is_over: Callable[[Evidence], bool]
) -> None:
    """Forget the proofs about *who* that rejections keep and that are over."""
    if not draft.withdrawals(business).has_decisions:
        return
    for told in draft.decisions_of(business, who):
        left = tuple(proof for proof in told.kept if not is_over(proof))
        put_decision(draft, business, replace(told, kept=left))
