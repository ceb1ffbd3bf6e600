"""The graph as a fold over the evidence log: one message in, effects out.

Nothing is ever united by itself. A message adds to the sets of members and proofs
around the persons it touches, or takes from them; who is who is derived from these
sets anew, and the difference to what was is what gets written and told. So the order
of messages and their repetition do not matter.
"""

from collections.abc import Iterable, Mapping
from functools import singledispatch

from idweave_graph.banning import ban_or_lift
from idweave_graph.deciding import decide
from idweave_graph.decisionlist import put_aside
from idweave_graph.decisions import Verdict
from idweave_graph.draft import Draft
from idweave_graph.effects import Emit, Forget, GraphEffect, PutRefusal
from idweave_graph.epochs import change_owner, is_current, learn
from idweave_graph.erasing import erase, erase_asset, erase_members
from idweave_graph.events import EventType, IdentityEvent, refusal_event_id
from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.memory import hiding, is_hidden, is_word_hidden
from idweave_graph.messages import (
    AssetChanged,
    Banned,
    Decided,
    Erase,
    EraseAsset,
    EraseMembers,
    Forgotten,
    LogMessage,
    Proved,
    Refusal,
    RefusalReason,
    Refused,
    Sighted,
    Sweep,
    Unlinked,
)
from idweave_graph.person import Presence
from idweave_graph.ports import GraphState
from idweave_graph.reweave import reweave
from idweave_graph.tangle import read_tangle
from idweave_graph.withdraw import settle, sweep, unlink


def handle(state: GraphState, message: LogMessage) -> list[GraphEffect]:
    """Return what *message* changes in the graph of its business, in order.

    A message that is handled again changes nothing.
    """
    draft = Draft(state)
    _handle(message, draft)
    return draft.effects


@singledispatch
def _handle(message: LogMessage, draft: Draft) -> None:
    msg = f"the evidence log holds a message of a kind unknown here: {type(message)}"
    raise TypeError(msg)


@_handle.register
def _(message: Sighted, draft: Draft) -> None:
    seen = message.seen
    learn(draft, message, [(seen.id, seen.epoch)])
    if erased := hiding(draft, message.business, seen.id, message.at_ms):
        # Whoever looks it up did not know that, so they would wait for nothing.
        at_ms, cause = erased.at_ms, message.cause
        draft.want(Forget(Forgotten(message.business, seen.id, at_ms, cause)))
        return
    if not is_current(draft, message.business, seen.id, seen.epoch):
        _refuse(draft, message, (_stale(seen.id, seen.id),))
        return
    life = draft.withdrawals(message.business).count
    _add(draft, message, {seen.id: Presence(seen.epoch, life, message.at_ms)}, ())


@_handle.register
def _(message: Proved, draft: Draft) -> None:
    learn(draft, message, (end for proof in message.proofs for end in _owned(proof)))
    proofs: list[Evidence] = []
    refusals: list[Refusal] = []
    for proof in message.proofs:
        if is_hidden(draft, message.business, proof):
            continue
        stale = _stale_end(draft, message.business, proof)
        if stale is None:
            proofs.append(proof)
        else:
            refusals.append(_stale(proof.other(stale), stale))
    _refuse(draft, message, refusals)
    proofs = put_aside(draft, message.business, proofs)
    life = draft.withdrawals(message.business).count
    ends = {end: proof.epoch_of(end) for proof in proofs for end in (proof.a, proof.b)}
    arrivals = {end: Presence(epoch, life, None) for end, epoch in ends.items()}
    _add(draft, message, arrivals, proofs)


@_handle.register
def _(message: Refused, draft: Draft) -> None:
    _refuse(draft, message, message.refusals)


@_handle.register
def _(message: AssetChanged, draft: Draft) -> None:
    change_owner(draft, message)


@_handle.register
def _(message: Sweep, draft: Draft) -> None:
    sweep(draft, message)


@_handle.register
def _(message: Erase, draft: Draft) -> None:
    erase(draft, message)


@_handle.register
def _(message: EraseAsset, draft: Draft) -> None:
    erase_asset(draft, message)


@_handle.register
def _(message: EraseMembers, draft: Draft) -> None:
    erase_members(draft, message)


@_handle.register
def _(message: Unlinked, draft: Draft) -> None:
    unlink(draft, message)


@_handle.register
def _(message: Banned, draft: Draft) -> None:
    ends = (message.one, message.two)
    learn(draft, message, [(end.id, end.epoch) for end in ends])
    if any(hiding(draft, message.business, end.id, message.at_ms) for end in ends):
        return
    for end, other in (ends, ends[::-1]):
        if not is_current(draft, message.business, end.id, end.epoch):
            _refuse(draft, message, (_stale(other.id, end.id),))
            return
    settle(draft, message, [end.id for end in ends])
    ban_or_lift(draft, message)


@_handle.register
def _(message: Decided, draft: Draft) -> None:
    ends = ((message.a, message.epoch_a), (message.b, message.epoch_b))
    learn(draft, message, [(e, at) for e, at in ends if isinstance(e, ScopedId)])
    if any(_is_forgotten(draft, message, end) for end, _ in ends):
        return
    for (end, epoch), (other, _) in (ends, ends[::-1]):
        if isinstance(end, ScopedId) and not is_current(
            draft, message.business, end, epoch
        ):
            _refuse(draft, message, (_stale(other, end),))
            return
    settle(draft, message, [message.a, message.b])
    decide(draft, message)


def _is_forgotten(state: GraphState, message: Decided, end: Member) -> bool:
    """Say whether *end* was erased since; nobody is brought back by a link either."""
    business, at_ms = message.business, message.at_ms
    if message.verdict is Verdict.LINK:
        return is_word_hidden(state, business, end, at_ms)
    return hiding(state, business, end, at_ms) is not None


def _add(
    draft: Draft,
    message: LogMessage,
    arrivals: Mapping[Member, Presence],
    proofs: Iterable[Evidence],
) -> None:
    settle(draft, message, arrivals.keys())
    before = read_tangle(draft, message.business, arrivals)
    after = before.with_(arrivals, proofs)
    if after != before:
        reweave(draft, message, before, after)


# The third check of the boundary: both ends, epochs included.


def _owned(proof: Evidence) -> Iterable[tuple[ScopedId, int]]:
    for end, epoch in ((proof.a, proof.epoch_a), (proof.b, proof.epoch_b)):
        if isinstance(end, ScopedId):
            yield end, epoch


def _stale_end(
    state: GraphState, business: BusinessId, proof: Evidence
) -> ScopedId | None:
    for end, epoch in _owned(proof):
        if not is_current(state, business, end, epoch):
            return end
    return None


def _stale(subject: Member, stale: ScopedId) -> Refusal:
    asked = subject if isinstance(subject, ScopedId) else stale
    return Refusal(RefusalReason.STALE_EPOCH, asked, stale.asset)


def _refuse(draft: Draft, message: LogMessage, refusals: Iterable[Refusal]) -> None:
    for refusal in dict.fromkeys(refusals):
        if is_word_hidden(draft, message.business, refusal.subject, message.at_ms):
            continue
        name = refusal_event_id(message.business, refusal)
        if draft.is_refusal_known(message.business, name):
            continue
        event = IdentityEvent(
            id=name,
            type=EventType.REFUSED,
            business=message.business,
            at_ms=message.at_ms,
            cause=message.cause,
            reason=refusal.reason,
            about=draft.person_of(message.business, refusal.subject),
            refusal=refusal,
        )
        draft.want(PutRefusal(message.business, name), Emit(event))
