"""Erasures: of an id, of a whole person, and of all ids of an asset."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from idweave_graph.decisionlist import drop_kept
from idweave_graph.draft import Draft
from idweave_graph.effects import (
    ForgetAsset,
    PutReceipt,
    PutWithdrawals,
    Tell,
    TellErasure,
)
from idweave_graph.erasures import AssetErasure, Erased, ErasureRecord, lasting
from idweave_graph.events import event_id
from idweave_graph.forgetting import (
    REQUESTED,
    forget,
    forget_old_words,
    tell_lookups,
)
from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.memory import is_hidden, remember
from idweave_graph.messages import (
    AssetForgotten,
    Erase,
    EraseAsset,
    EraseMembers,
    Receipt,
)
from idweave_graph.withdraw import begin_anew, next_members, settle


def erase(draft: Draft, message: Erase) -> None:
    """Forget the subject, or their whole person, if they were known by then.

    All that was learned about them goes, also while the message was on its way, and
    so does whoever was learned only through one of them. So do the bans of then that
    name them.
    Those who were meant are remembered, so that old news does not bring them back.
    """
    business = message.business
    settle(draft, message, [message.subject])
    subjects = _subjects(draft, message)
    if subjects:
        begin_anew(draft, business)
    ids = forget(draft, message, subjects, message.at_ms)
    scoped = sorted(who for who in subjects if isinstance(who, ScopedId))
    meant = dict.fromkeys([message.subject, *scoped])
    is_news = remember(draft, message, meant)
    for who in meant:
        drop_kept(draft, business, who, partial(is_hidden, draft, business))
    if message.subject not in ids:
        forget_old_words(draft, message, message.subject, message.at_ms)
    at_ms, until_ms = message.at_ms, message.until_ms
    tell_lookups(draft, message, (w for w in ids if w in meant), at_ms, until_ms)
    receipt = Receipt(message.receipt, at_ms, len(ids))
    if _tell_receipts(draft, business, [receipt]) or is_news or ids:
        draft.want(TellErasure(_record(draft, message, len(ids))))


def _subjects(draft: Draft, message: Erase) -> set[Member]:
    """Return who is meant: one who was seen only later has come back since."""
    name = draft.person_of(message.business, message.subject)
    person = None if name is None else draft.person(message.business, name)
    if person is None:
        return set()
    first_ms = person.members[message.subject]
    sighted_ms = person.presence_of(message.subject).sighted_ms
    erased = Erased(message.at_ms, message.until_ms)
    if not erased.concerns(first_ms, sighted_ms):
        return set()
    if not message.whole_person:
        return {message.subject}
    return {
        who
        for who, at_ms in person.members.items()
        if at_ms <= message.at_ms or person.presence_of(who).sighted_ms is None
    }


def _tell_receipts(
    draft: Draft, business: BusinessId, receipts: Iterable[Receipt]
) -> bool:
    """Tell whoever waits that it is done, once; say whether anybody was told."""
    is_told = False
    for receipt in receipts:
        done_ms = draft.receipt_ms(business, receipt.code) if receipt.code else 0
        if receipt.code and (done_ms is None or done_ms < receipt.at_ms):
            draft.want(PutReceipt(business, receipt))
            is_told = True
    return is_told


def _record(draft: Draft, message: Erase, ids: int) -> ErasureRecord:
    business = message.business
    life = draft.withdrawals(business).count
    return ErasureRecord(
        id=event_id(business, "erasure", message.cause, message.at_ms, life),
        business=business,
        subject=message.subject,
        whole_person=message.whole_person,
        at_ms=message.at_ms,
        ids=ids,
        reason=REQUESTED,
        cause=message.cause,
        receipt=message.receipt,
    )


def erase_asset(draft: Draft, message: EraseAsset) -> None:
    """Begin to forget all ids of the asset, those that are seen later left out.

    They may be millions, so that goes on message by message, and whoever a message is
    about goes before it is handled. What is remembered holds from now on.
    """
    business, asset = message.business, message.asset
    known = draft.withdrawals(business)
    before = known.erasing.get(asset)
    receipt = Receipt(message.receipt, message.at_ms, 0)
    if before is not None and message.at_ms <= before.erased.at_ms:
        _wait_too(draft, message, before, receipt)
        return
    erased = Erased(message.at_ms, message.until_ms)
    begun = AssetErasure(erased, "", 0, (receipt,) if receipt.code else ())
    if before is not None and before.is_running:
        waiting = (*before.waiting, *begun.waiting)
        begun = replace(begun, ids=before.ids, waiting=waiting)
    erasing = {**lasting(known.erasing, message.at_ms), asset: begun}
    after = replace(known, count=known.count + 1, erasing=erasing)
    at_ms, cause, until_ms = message.at_ms, message.cause, message.until_ms
    draft.want(
        PutWithdrawals(business, after),
        ForgetAsset(AssetForgotten(business, asset, at_ms, cause, until_ms)),
        Tell(EraseMembers(business, asset, "", at_ms, cause)),
    )


def _wait_too(
    draft: Draft, message: EraseAsset, erasure: AssetErasure, receipt: Receipt
) -> None:
    """Tell of an earlier or repeated request when the one that covers it is done."""
    business = message.business
    if not erasure.is_running:
        _tell_receipts(draft, business, [receipt])
    elif receipt.code and receipt not in erasure.waiting:
        known = draft.withdrawals(business)
        longer = replace(erasure, waiting=(*erasure.waiting, receipt))
        erasing = {**known.erasing, message.asset: longer}
        draft.want(PutWithdrawals(business, replace(known, erasing=erasing)))


def erase_members(draft: Draft, message: EraseMembers) -> None:
    """Forget the next ids of the asset, and go on later if there are more."""
    business, asset = message.business, message.asset
    erasure = draft.withdrawals(business).erasing.get(asset)
    if erasure is None or (erasure.after, erasure.erased.at_ms) != (
        message.after,
        message.at_ms,
    ):
        return  # done already, or begun anew
    some, is_last = next_members(draft, business, asset, message.after)
    for who in some:
        _erase_member(draft, message, who)
    known = draft.withdrawals(business)
    erasure = known.erasing[asset]
    if is_last:
        after = replace(erasure, after=None, waiting=())
    else:
        after = replace(erasure, after=some[-1].user)
        draft.want(Tell(replace(message, after=some[-1].user)))
    erasing = {**known.erasing, asset: after}
    draft.want(PutWithdrawals(business, replace(known, erasing=erasing)))
    if is_last:
        _finish(draft, message, erasure)


def _erase_member(draft: Draft, message: EraseMembers, who: ScopedId) -> None:
    """Forget one id, unless that is done; of who has come back, what was said before."""
    settle(draft, message, [who])
    drop_kept(draft, message.business, who, partial(is_hidden, draft, message.business))
    forget_old_words(draft, message, who, message.at_ms)


def _finish(draft: Draft, message: EraseMembers, erasure: AssetErasure) -> None:
    business, ids = message.business, erasure.ids
    waiting = sorted(erasure.waiting, key=lambda receipt: receipt.at_ms)
    done = [replace(receipt, ids=ids) for receipt in waiting]
    _tell_receipts(draft, business, done)
    record = ErasureRecord(
        id=event_id(business, "erasure", message.cause, message.at_ms, message.asset),
        business=business,
        subject=message.asset,
        whole_person=False,
        at_ms=message.at_ms,
        ids=ids,
        reason=REQUESTED,
        cause=message.cause,
        receipt=done[-1].code if done else "",
    )
    draft.want(TellErasure(record))
