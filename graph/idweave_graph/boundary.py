"""The first two checks of the boundary, made where the outside is known.

The third, at union, is made by `weave` from what the evidence log itself has told.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from idweave_graph.evidence import Cause, EvidenceKind
from idweave_graph.ids import Asset, BusinessId, BusinessToken, LinkingCode, ScopedId
from idweave_graph.messages import Refusal, RefusalReason, Sighting
from idweave_graph.ownership import OwnedId, OwnershipView, home


@dataclass(frozen=True, slots=True)
class CheckedLinks:
    """What of an answer may be linked, and what may not."""

    links: tuple[OwnedId, ...]
    refusals: tuple[Refusal, ...]


def admit(
    view: OwnershipView,
    scoped: ScopedId,
    *,
    at_ms: int,
    cause: Cause,
    token: BusinessToken | None = None,
    token_proof: EvidenceKind = EvidenceKind.TOKEN_FOR_BUSINESS,
    code: LinkingCode | None = None,
    is_unlinked: bool = False,
) -> Sighting | None:
    """Attribute an observed id to the business that owns its asset now.

    None where the asset is unknown or between two owners: nothing may be guessed.
    """
    scoped, ownership = home(view, scoped)
    if ownership is None or ownership.business is None:
        return None
    return Sighting(
        business=ownership.business,
        seen=OwnedId(scoped, ownership.epoch),
        at_ms=at_ms,
        cause=cause,
        token=token,
        token_proof=token_proof,
        code=code,
        is_unlinked=is_unlinked,
    )


def check_call(
    view: OwnershipView, business: BusinessId, asked: OwnedId, made_by: Asset
) -> RefusalReason | None:
    """Check, before a call, that everyone in it belongs to one business.

    *made_by* is the app whose token is used. A service provider's app that manages
    Pages of several customers belongs to the provider, so it is refused here.
    """
    asked_ownership = view.of(asked.id.asset)
    if asked_ownership is None or asked_ownership.business != business:
        return RefusalReason.STALE_EPOCH
    if asked_ownership.epoch != asked.epoch:
        return RefusalReason.STALE_EPOCH
    maker = view.of(made_by)
    if maker is None or maker.business != business:
        return RefusalReason.FOREIGN_CREDENTIAL
    return None


def check_answer(
    view: OwnershipView,
    business: BusinessId,
    asked: ScopedId,
    links: Iterable[ScopedId],
) -> CheckedLinks:
    """Check each id of an answer: its asset must be the business's, now.

    The asked id itself is part of Meta's answers and is no link.
    """
    kept: dict[OwnedId, None] = {}
    refusals: dict[Refusal, None] = {}
    for link in links:
        scoped, ownership = home(view, link)
        if scoped == asked:
            continue
        if ownership is None:
            reason = RefusalReason.UNKNOWN_ASSET
        elif ownership.business is None:
            reason = RefusalReason.UNOWNED_ASSET
        elif ownership.business != business:
            reason = RefusalReason.FOREIGN_ASSET
        else:
            kept[OwnedId(scoped, ownership.epoch)] = None
            continue
        refusals[Refusal(reason, asked, scoped.asset)] = None
    return CheckedLinks(tuple(kept), tuple(refusals))
