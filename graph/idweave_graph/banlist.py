"""The bans of a business: found by either of their two ids, written to both."""

from collections.abc import Callable, Iterable

from idweave_graph.bans import Ban, with_ban
from idweave_graph.draft import Draft
from idweave_graph.effects import PutBans, PutWithdrawals
from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.ports import GraphState


def bans_about(
    state: GraphState, business: BusinessId, members: Iterable[Member]
) -> frozenset[Ban]:
    """Return the bans that name one of *members*, those that are lifted left out.

    Most businesses never ban anybody, and then nothing is read.
    """
    if not state.withdrawals(business).has_bans:
        return frozenset()
    return frozenset(
        ban
        for who in members
        if isinstance(who, ScopedId)
        for ban in state.bans_of(business, who)
        if not ban.is_lifted
    )


def put_ban(draft: Draft, business: BusinessId, told: Ban) -> bool:
    """Keep *told* at both of its ids; say whether that changed anything."""
    known = draft.bans_of(business, told.a.id)
    if with_ban(known, told) == known:
        return False
    withdrawals = draft.withdrawals(business)
    if not withdrawals.has_bans:
        draft.want(PutWithdrawals(business, withdrawals.with_bans()))
    for end in told.pair:
        kept = with_ban(draft.bans_of(business, end), told)
        draft.want(PutBans(business, end, kept))
    return True


def drop_bans(
    draft: Draft,
    business: BusinessId,
    ids: Iterable[ScopedId],
    is_over: Callable[[Ban], bool],
) -> None:
    """Forget the bans that name one of *ids* and are over, lifted ones as well."""
    if not draft.withdrawals(business).has_bans:
        return
    for who in ids:
        for ban in filter(is_over, draft.bans_of(business, who)):
            for end in ban.pair:
                known = draft.bans_of(business, end)
                kept = tuple(each for each in known if each.pair != ban.pair)
                draft.want(PutBans(business, end, kept))
