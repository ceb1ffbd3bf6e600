"""What an erasure or a deauthorization changes about lookups."""

from dataclasses import replace

from idweave_graph.effects import DropLookup, LookupEffect, PutLookup, Tell, TellReceipt
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.messages import Command, CommandKind, Erase, Forgotten, Receipt

DEAUTHORIZED = "deauthorized"
"""Why a lookup is closed: the person took the app away."""


def commanded(before: Lookup | None, command: Command) -> list[LookupEffect]:
    """Return what *command* changes about the lookup of its id."""
    if command.kind is CommandKind.DEAUTHORIZE:
        return _deauthorized(before, command)
    erase = Erase(
        business=command.business,
        subject=command.seen.id,
        whole_person=command.kind is CommandKind.ERASE_PERSON,
        at_ms=command.at_ms,
        cause=command.cause,
        receipt=command.receipt,
    )
    effects: list[LookupEffect] = [Tell(erase)]
    if before is not None and (
        _is_meant(before, command) or _is_left_over(before, command)
    ):
        effects.append(DropLookup(before))
    return effects


def forgotten(before: Lookup | None, message: Forgotten) -> list[LookupEffect]:
    """Return what the graph's forgetting of an id changes about its lookup.

    An event or an answer that came between the erasure and this may have brought back
    some of what was erased, so that goes as well.
    """
    if before is None or not _is_meant(before, message):
        return []
    again = Erase(
        business=message.business,
        subject=message.id,
        whole_person=False,
        at_ms=max(message.at_ms, before.answered_ms),
        cause=message.cause,
        receipt="",
    )
    return [DropLookup(before), Tell(again)]


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
