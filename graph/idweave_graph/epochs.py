"""Which ownership epoch counts: what the log tells, and what evidence is ahead of."""

from collections.abc import Iterable
from dataclasses import replace

from idweave_graph.draft import Draft
from idweave_graph.effects import Emit, PutAsset, PutWithdrawals, Tell
from idweave_graph.events import (
    EventType,
    IdentityEvent,
    OwnershipChange,
    ownership_event_id,
)
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.messages import AssetChanged, LogMessage, Sweep
from idweave_graph.ports import AssetEpoch, GraphState


def is_current(
    state: GraphState, business: BusinessId, member: Member, epoch: int
) -> bool:
    """Say whether *member* counts, as it was seen under *epoch*; a token always does."""
    if not isinstance(member, ScopedId):
        return True
    known = state.asset(business, member.asset)
    return known is None or (known.owned and epoch == known.epoch)


def learn(
    draft: Draft, message: LogMessage, seen: Iterable[tuple[ScopedId, int]]
) -> None:
    """Let evidence that is ahead of the log begin an epoch.

    Whoever admitted it knew of the new owner already, and what the epochs before have
    left must go, whichever of the two comes first.
    """
    business = message.business
    for asset, epoch in dict.fromkeys((who.asset, epoch) for who, epoch in seen):
        known = draft.asset(business, asset)
        if known is not None and epoch <= known.epoch:
            continue
        draft.want(PutAsset(business, asset, AssetEpoch(epoch, True, False)))
        if known is not None:
            _begin_sweep(draft, message, asset, epoch)


def change_owner(draft: Draft, message: AssetChanged) -> None:
    """Take in that an epoch has begun or ended, unless a later one has already."""
    known = draft.asset(message.business, message.asset)
    if known is not None:
        one, two = (known.epoch, not known.owned), (message.epoch, not message.owned)
        if one > two or (one == two and known.is_told):
            return
        if one < two:
            _begin_sweep(draft, message, message.asset, message.epoch)
    epoch = AssetEpoch(message.epoch, message.owned)
    draft.want(PutAsset(message.business, message.asset, epoch), _told(message))


def _told(message: AssetChanged) -> Emit:
    change = OwnershipChange(message.asset, message.epoch, message.owned)
    return Emit(
        IdentityEvent(
            id=ownership_event_id(message.business, change),
            type=EventType.EPOCH_CHANGED,
            business=message.business,
            at_ms=message.at_ms,
            cause=message.cause,
            reason="gained" if message.owned else "lost",
            ownership=change,
        )
    )


def _begin_sweep(draft: Draft, message: LogMessage, asset: Asset, epoch: int) -> None:
    business = message.business
    known = draft.withdrawals(business)
    begun = {**known.sweeping, asset: ""}
    withdrawals = replace(known, count=known.count + 1, sweeping=begun)
    sweep = Sweep(business, asset, epoch, "", message.at_ms, message.cause)
    draft.want(PutWithdrawals(business, withdrawals), Tell(sweep))
