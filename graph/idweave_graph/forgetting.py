"""How those who are to be forgotten leave the graph, with what was learned of them."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from idweave_graph.banlist import drop_bans
from idweave_graph.banning import forget_old_bans
from idweave_graph.deciding import forget_old_decisions
from idweave_graph.decisionlist import drop_decisions, drop_kept
from idweave_graph.decisions import Verdict
from idweave_graph.draft import Draft
from idweave_graph.effects import Forget, PutWithdrawals
from idweave_graph.erasures import AssetErasure
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.messages import Forgotten, LogMessage
from idweave_graph.person import Presence
from idweave_graph.reweave import reweave
from idweave_graph.tangle import Tangle, read_tangle, with_ends

REQUESTED = "requested"
"""The reason of an event that comes of an erasure."""


def forget(
    draft: Draft, message: LogMessage, due: Collection[Member], at_ms: int
) -> list[ScopedId]:
    """Forget *due* as they were at *at_ms*; return the ids that are nobody's now.

    All that was learned about them goes, whenever that was, and so does whoever was
    learned only through one of them. Who was seen again since stays, and loses only
    what was learned by then. Of all *due* the bans and decisions of then go; whoever
    goes along keeps theirs, as if they had been said afterwards.
    """
    business = message.business
    before = read_tangle(draft, business, due)
    leaving = {
        who
        for who in due
        if who in before.presence and not _is_back(before.presence[who], at_ms)
    }
    staying = {who for who in due if who in before.presence} - leaving
    proofs = [
        key
        for key, proof in before.proofs.items()
        if {proof.a, proof.b} & leaving
        or ({proof.a, proof.b} & staying and proof.at_ms <= at_ms)
    ]
    before = with_ends(draft, business, due, before, proofs)
    after = before.without(leaving, proofs, also=staying)
    if after != before:
        reweave(draft, message, before, after, REQUESTED)
    gone = [who for who in before.members if who not in after.members]
    _drop_words(draft, business, leaving, at_ms)
    for who in sorted(staying, key=str):
        forget_old_words(draft, message, who, at_ms)
    return [who for who in gone if isinstance(who, ScopedId)]


def _drop_words(
    draft: Draft, business: BusinessId, leaving: Collection[Member], at_ms: int
) -> None:
    """Forget what was said of those who left by then, and every proof kept of them.

    A link is a proof as well, so that goes whenever it was said.
    """
    in_turn = sorted(leaving, key=str)
    ids = [who for who in in_turn if isinstance(who, ScopedId)]
    drop_bans(draft, business, ids, lambda ban: ban.at_ms <= at_ms)
    drop_decisions(
        draft,
        business,
        in_turn,
        lambda told: told.at_ms <= at_ms or told.verdict is Verdict.LINK,
    )
    for who in in_turn:
        drop_kept(draft, business, who, lambda _: True)


def _is_back(ground: Presence, at_ms: int) -> bool:
    return ground.sighted_ms is not None and ground.sighted_ms > at_ms


def forget_old_words(
    draft: Draft, message: LogMessage, who: Member, at_ms: int
) -> None:
    """Forget what was said by then about *who*, who is nobody or has come back."""
    if isinstance(who, ScopedId):
        forget_old_bans(draft, message, who, at_ms, REQUESTED)
    forget_old_decisions(draft, message, who, at_ms, REQUESTED)


def forget_due(draft: Draft, message: LogMessage, named: Collection[Member]) -> None:
    """Take out of the persons of *named* whoever the erasure of an asset has not come to.

    So whatever a message does happens after that erasure, however far it is.
    """
    business = message.business
    erasing = draft.withdrawals(business).erasing
    running = {asset: each for asset, each in erasing.items() if each.is_running}
    if not running:
        return
    before = read_tangle(draft, business, named)
    for asset, erasure in running.items():
        due = _due(before, asset, erasure)
        if due:
            at_ms = erasure.erased.at_ms
            count(draft, message, asset, forget(draft, message, due, at_ms))


def _due(before: Tangle, asset: Asset, erasure: AssetErasure) -> set[Member]:
    return {
        who
        for who, first_ms in before.members.items()
        if isinstance(who, ScopedId)
        and who.asset == asset
        and erasure.erased.concerns(first_ms, before.presence[who].sighted_ms)
    }


def count(
    draft: Draft, message: LogMessage, asset: Asset, ids: Collection[ScopedId]
) -> None:
    """Let the lookups of the asset's *ids* be forgotten, and count all of them."""
    business = message.business
    if not ids:
        return
    known = draft.withdrawals(business)
    erasure = known.erasing[asset]
    counted = replace(erasure, ids=erasure.ids + len(ids))
    erasing = {**known.erasing, asset: counted}
    draft.want(PutWithdrawals(business, replace(known, erasing=erasing)))
    meant = (who for who in ids if who.asset == asset)
    tell_lookups(draft, message, meant, erasure.erased.at_ms)


def tell_lookups(
    draft: Draft,
    message: LogMessage,
    ids: Iterable[ScopedId],
    at_ms: int,
    until_ms: int = 0,
) -> None:
    """Let the lookups of *ids* be forgotten, and that be remembered.

    They are those who were meant. Who goes along was never seen, or a sighting is on
    its way behind the erasure: then the lookup is of somebody who stays.
    """
    cause = message.cause
    forgotten = (Forgotten(message.business, w, at_ms, cause, until_ms) for w in ids)
    draft.want(*map(Forget, forgotten))
