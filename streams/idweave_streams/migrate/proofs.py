"""From mapped pairs to messages of the evidence log, through the boundary."""

from collections.abc import Iterator
from dataclasses import dataclass

from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_graph.messages import (
    LogMessage,
    Proved,
    Refusal,
    RefusalReason,
    Refused,
)
from idweave_graph.ownership import OwnershipView, home
from idweave_streams.migrate.journal import Batch, Pair


@dataclass(frozen=True, slots=True)
class Route:
    """From which app to which Page, and whose both must be."""

    business: BusinessId
    app: Asset
    page: Asset

    def epochs(self, view: OwnershipView) -> tuple[int, int] | None:
        """The epochs of app and Page, None unless the business owns both now."""
        (_, app), (_, page) = (
            home(view, ScopedId(each, "0")) for each in (self.app, self.page)
        )
        if app is None or page is None:
            return None
        if {app.business, page.business} != {self.business}:
            return None
        return app.epoch, page.epoch


def messages(view: OwnershipView, route: Route, batch: Batch) -> Iterator[LogMessage]:
    """Say of each pair of *batch* that it is one person, or why it is refused.

    Each pair is a message of its own: those of a call are different people.
    """
    for pair in batch.pairs:
        yield _message(view, route, batch, pair)


def _message(view: OwnershipView, route: Route, batch: Batch, pair: Pair) -> LogMessage:
    cause = Cause(pair.topic, pair.partition, pair.offset)
    app_epoch, page_epoch = batch.epochs
    asid, app_fault = _end(view, route, ScopedId(route.app, pair.asid), app_epoch)
    psid, page_fault = _end(view, route, ScopedId(route.page, pair.psid), page_epoch)
    refusal = None
    if page_fault is not None:
        refusal = Refusal(page_fault, asid, psid.asset)
    elif app_fault is not None:
        refusal = Refusal(app_fault, psid, asid.asset)
    if refusal is not None:
        return Refused(route.business, (refusal,), batch.at_ms, cause)
    proof = evidence(
        EvidenceKind.PAGES_ID_MAPPING,
        (asid, app_epoch),
        (psid, page_epoch),
        at_ms=batch.at_ms,
        cause=cause,
    )
    return Proved(route.business, (proof,), batch.at_ms, cause)


def _end(
    view: OwnershipView, route: Route, scoped: ScopedId, epoch: int
) -> tuple[ScopedId, RefusalReason | None]:
    """Name one end by the asset that scopes it, and say what is wrong with it."""
    scoped, ownership = home(view, scoped)
    if ownership is None:
        return scoped, RefusalReason.UNKNOWN_ASSET
    if ownership.business is None:
        return scoped, RefusalReason.UNOWNED_ASSET
    if ownership.business != route.business:
        return scoped, RefusalReason.FOREIGN_ASSET
    return scoped, None if ownership.epoch == epoch else RefusalReason.STALE_EPOCH
