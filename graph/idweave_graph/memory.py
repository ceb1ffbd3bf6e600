"""What counts of those who were erased, as long as that is remembered.

An id that was erased comes back only through an event of its own that is later. What
others tell of it counts again once it has come back, or once the memory is over.
"""

from collections.abc import Iterable
from dataclasses import replace

from idweave_graph.draft import Draft
from idweave_graph.effects import DropErased, PutErased, PutWithdrawals
from idweave_graph.epochs import is_current
from idweave_graph.erasures import Erased
from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.messages import Erase
from idweave_graph.ports import GraphState


def memories(state: GraphState, business: BusinessId, who: Member) -> list[Erased]:
    """Return what is remembered of erasures of *who*, or of all ids of their asset.

    Most businesses have few erasures; where there was none, nothing is read.
    """
    if not isinstance(who, ScopedId):
        return []
    known = state.withdrawals(business)
    of_asset = known.erasing.get(who.asset)
    found = [] if of_asset is None else [of_asset.erased]
    own = state.erased(business, who) if known.has_erasures else None
    return found if own is None else [*found, own]


def hiding(
    state: GraphState, business: BusinessId, who: Member, at_ms: int
) -> Erased | None:
    """Return the erasure by which an event of *who* from that time does not count."""
    found = memories(state, business, who)
    return next((each for each in found if each.hides(at_ms)), None)


def is_word_hidden(
    state: GraphState, business: BusinessId, who: Member, at_ms: int
) -> bool:
    """Say whether what others tell of *who*, learned at *at_ms*, does not count."""
    found = memories(state, business, who)
    if not found or not isinstance(who, ScopedId):
        return False
    sighted_ms = _sighted_ms(state, business, who)
    return any(each.hides_word(at_ms, sighted_ms) for each in found)


def is_hidden(state: GraphState, business: BusinessId, proof: Evidence) -> bool:
    """Say whether *proof* is about somebody who was erased and has not come back."""
    ends = (proof.a, proof.b)
    return any(is_word_hidden(state, business, end, proof.at_ms) for end in ends)


def _sighted_ms(state: GraphState, business: BusinessId, who: ScopedId) -> int | None:
    """Return when *who* was seen, if they are not of an ownership that is swept out."""
    name = state.person_of(business, who)
    person = None if name is None else state.person(business, name)
    if person is None or who not in person.members:
        return None
    ground = person.presence_of(who)
    is_swept = who.asset in state.withdrawals(business).sweeping
    if is_swept and not is_current(state, business, who, ground.epoch):
        return None
    return ground.sighted_ms


def remember(draft: Draft, message: Erase, ids: Iterable[ScopedId]) -> bool:
    """Remember that *ids* were erased, if that is wanted; say whether that is news.

    Each news takes some memories away that are over, so that they do not pile up.
    """
    business = message.business
    if not message.until_ms:
        return False
    puts = []
    for who in ids:
        before = draft.erased(business, who)
        erased = Erased(message.at_ms, message.until_ms).joined(before)
        if erased != before:
            puts.append(PutErased(business, who, erased, before))
    if not puts:
        return False
    known = draft.withdrawals(business)
    if not known.has_erasures:
        draft.want(PutWithdrawals(business, replace(known, has_erasures=True)))
    draft.want(*puts, DropErased(business, message.at_ms))
    return True
