"""What an erasure or a deauthorization changes about lookups."""

from dataclasses import replace

from idweave_graph.effects import (
    DropErased,
    DropLookup,
    LookupEffect,
    PutErased,
    PutErasedAsset,
    PutLookup,
    Tell,
    TellReceipt,
)
from idweave_graph.erasures import Erased
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.messages import (
    AssetForgotten,
    Command,
    CommandKind,
    Erase,
    Forgotten,
    Receipt,
    Sighting,
)
from idweave_graph.ports import LookupState

DEAUTHORIZED = "deauthorized"
"""Why a lookup is closed: the person took the app away."""


def commanded(state: LookupState, command: Command) -> list[LookupEffect]:
    """Return what *command* changes about the lookup of its id."""
    before = state.lookup(command.seen.id)
    if command.kind is CommandKind.DEAUTHORIZE:
        return _deauthorized(before, command)
    erase = Erase(
        business=command.business,
        subject=command.seen.id,
        whole_person=command.kind is CommandKind.ERASE_PERSON,
        at_ms=command.at_ms,
        cause=command.cause,
        receipt=command.receipt,
        until_ms=command.until_ms,
    )
    effects: list[LookupEffect] = [Tell(erase)]
    if before is not None and (
        _is_meant(before, command) or _is_left_over(before, command)
    ):
        effects.append(DropLookup(before))
    return [*effects, *_remember(state, erase)]


def forgotten(
    state: LookupState, message: Forgotten | AssetForgotten
) -> list[LookupEffect]:
    """Return what the graph's forgetting of ids changes about their lookups."""
    if isinstance(message, AssetForgotten):
        return _asset_forgotten(state, message)
    return _id_forgotten(state, message)


def _id_forgotten(state: LookupState, message: Forgotten) -> list[LookupEffect]:
    """Drop the lookup of an id that the graph has forgotten.

    An event or an answer that came between the erasure and this may have brought back
    some of what was erased, so that goes as well. Where the erasure is remembered no
    answer could, and nothing later than the request is meant.
    """
    before = state.lookup(message.id)
    is_meant = before is not None and _is_meant(before, message)
    answered_ms = before.answered_ms if before is not None and is_meant else 0
    again = Erase(
        business=message.business,
        subject=message.id,
        whole_person=False,
        at_ms=message.at_ms if message.until_ms else max(message.at_ms, answered_ms),
        cause=message.cause,
        receipt="",
        until_ms=message.until_ms,
    )
    effects = _remember(state, again)
    if before is None or not is_meant:
        return effects
    return [DropLookup(before), Tell(again), *effects]


def _asset_forgotten(state: LookupState, message: AssetForgotten) -> list[LookupEffect]:
    """Remember that all ids of an asset are forgotten.

    Each lookup goes when the graph has come to its id.
    """
    before = state.erased_asset(message.asset)
    erased = Erased(message.at_ms, message.until_ms).joined(before)
    return [] if erased == before else [PutErasedAsset(message.asset, erased)]


def _remember(state: LookupState, erase: Erase) -> list[LookupEffect]:
    """Remember the erasure as the graph does, if that is wanted."""
    before = state.erased(erase.subject)
    erased = Erased(erase.at_ms, erase.until_ms).joined(before)
    if not erase.until_ms or erased == before:
        return []
    put = PutErased(erase.business, erase.subject, erased, before)
    return [put, DropErased(erase.business, erase.at_ms)]


def is_old_news(state: LookupState, lookup: Lookup | None, sighting: Sighting) -> bool:
    """Say whether *sighting* is of before an erasure that is remembered.

    Where the id is looked up and was seen before, no erasure has come in between.
    """
    of_asset = state.erased_asset(sighting.seen.id.asset)
    if of_asset is not None and of_asset.hides(sighting.at_ms):
        return True
    if (
        lookup is not None
        and lookup.seen == sighting.seen
        and lookup.first_seen_ms <= sighting.at_ms
    ):
        return False
    erased = state.erased(sighting.seen.id)
    return erased is not None and erased.hides(sighting.at_ms)


def is_outlived(state: LookupState, lookup: Lookup | None, sighting: Sighting) -> bool:
    """Say whether *lookup* is left over from before all ids of its asset were erased.

    The graph has not come to it yet; who is seen meanwhile is somebody new.
    """
    if lookup is None or lookup.seen != sighting.seen:
        return False
    of_asset = state.erased_asset(sighting.seen.id.asset)
    return of_asset is not None and of_asset.hides(lookup.first_seen_ms)


def _is_meant(lookup: Lookup, message: Command | Forgotten) -> bool:
    """Say whether the id was known by then; one that has come back since is new."""
    same = lookup.business == message.business
    return same and lookup.first_seen_ms <= message.at_ms


def _is_left_over(lookup: Lookup, command: Command) -> bool:
    """Say whether it is an earlier owner's: that graph has let go of the id already."""
    return lookup.seen.epoch < command.seen.epoch and (
        lookup.first_seen_ms <= command.at_ms
    )


def _deauthorized(before: Lookup | None, command: Command) -> list[LookupEffect]:
    effects: list[LookupEffect] = []
    if (
        before is not None
        and _is_meant(before, command)
        and before.answered_ms < command.at_ms
    ):
        closed = replace(
            before,
            phase=LookupPhase.FAILED,
            attempts=0,
            due_ms=0,
            answered_ms=command.at_ms,
            is_final=False,
            detail=DEAUTHORIZED,
        )
        effects.append(PutLookup(closed, before))
    if command.receipt:
        effects.append(TellReceipt(Receipt(command.receipt, command.at_ms, 0)))
    return effects


def is_authorized_again(lookup: Lookup, now_ms: int) -> bool:
    """Say whether whoever took the app away has been seen since."""
    return lookup.detail == DEAUTHORIZED and now_ms > lookup.answered_ms
