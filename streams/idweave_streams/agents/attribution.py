"""Commands in the name of whoever owns their ids now."""

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import Requested
from idweave_adapters.decision_commands import RequestedDecision
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_adapters.errors import UnreadableError
from idweave_adapters.observations import DeadLetterCode
from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId, ScopedId
from idweave_graph.messages import (
    BanCommand,
    Command,
    CommandKind,
    DecisionCommand,
    EraseAsset,
)
from idweave_graph.ownership import OwnedId, OwnershipView, home


def attributed(
    view: OwnershipView, requested: Requested, cause: Cause, until_ms: int = 0
) -> Command:
    """Return the command for the business that owns its id.

    Args:
        view: who owns what.
        requested: what is to be done.
        cause: the record that it came in.
        until_ms: until when an erasure is remembered; 0: not at all.

    Raises:
        UnreadableError: nobody does.
    """
    business, seen = _owned(view, requested.scoped)
    return Command(
        business=business,
        seen=seen,
        kind=requested.kind,
        at_ms=requested.at_ms,
        cause=cause,
        receipt=requested.receipt,
        until_ms=0 if requested.kind is CommandKind.DEAUTHORIZE else until_ms,
    )


def attributed_asset(
    view: OwnershipView, requested: RequestedAssetErasure, cause: Cause, until_ms: int
) -> EraseAsset:
    """Return the erasure for the business that owns the asset.

    Raises:
        UnreadableError: nobody does, or it is a test app: its ids are those of its
            parent app, so most of them are not its people's.
    """
    ownership = view.of(requested.asset)
    if ownership is None or ownership.business is None:
        raise UnreadableError(DeadLetterCode.UNKNOWN_ASSET)
    if ownership.parent is not None:
        detail = "A test app has the ids of its parent app: name that, or single ids"
        raise UnreadableError(DeadLetterCode.COMMAND_FIELD_INVALID, detail)
    return EraseAsset(
        business=ownership.business,
        asset=requested.asset,
        at_ms=requested.at_ms,
        cause=cause,
        receipt=requested.receipt,
        until_ms=until_ms,
    )


def attributed_ban(
    view: OwnershipView, requested: RequestedBan, cause: Cause
) -> BanCommand:
    """Return the command for the business that owns both ids.

    Raises:
        UnreadableError: no business owns both, or they are one id, as those of an app
            and its test app may be.
    """
    business, seen = _owned(view, requested.scoped)
    other_business, other = _owned(view, requested.other)
    if business != other_business:
        raise UnreadableError(DeadLetterCode.COMMAND_ACROSS_BUSINESSES)
    if seen == other:
        detail = "The two ids of a ban must differ"
        raise UnreadableError(DeadLetterCode.COMMAND_FIELD_INVALID, detail)
    return BanCommand(
        business=business,
        seen=seen,
        other=other,
        is_lifted=requested.kind is BanKind.LIFT_BAN,
        author=requested.author,
        reason=requested.reason,
        at_ms=requested.at_ms,
        cause=cause,
    )


def attributed_decision(
    view: OwnershipView, requested: RequestedDecision, cause: Cause
) -> DecisionCommand:
    """Return the command for the business that owns both ends.

    A token or a linking code is of the business of the id that it is named with.

    Raises:
        UnreadableError: no business owns both, or they are one id.
    """
    business, seen = _owned(view, requested.scoped)
    other, epoch = requested.other, 0
    if isinstance(other, ScopedId):
        other_business, owned = _owned(view, other)
        if business != other_business:
            raise UnreadableError(DeadLetterCode.COMMAND_ACROSS_BUSINESSES)
        other, epoch = owned.id, owned.epoch
    if seen.id == other:
        detail = "The two ids of a decision must differ"
        raise UnreadableError(DeadLetterCode.COMMAND_FIELD_INVALID, detail)
    return DecisionCommand(
        business=business,
        seen=seen,
        other=other,
        other_epoch=epoch,
        verdict=requested.verdict,
        author=requested.author,
        reason=requested.reason,
        at_ms=requested.at_ms,
        cause=cause,
    )


def _owned(view: OwnershipView, scoped: ScopedId) -> tuple[BusinessId, OwnedId]:
    scoped, ownership = home(view, scoped)
    if ownership is None or ownership.business is None:
        raise UnreadableError(DeadLetterCode.UNKNOWN_ASSET)
    return ownership.business, OwnedId(scoped, ownership.epoch)
