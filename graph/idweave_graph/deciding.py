"""What a decision changes: proofs come first, stay out, or count by their age again."""

from collections.abc import Iterable
from dataclasses import replace

from idweave_graph.decisionlist import (
    decisions_about,
    drop_decisions,
    drop_kept,
    put_decision,
)
from idweave_graph.decisions import (
    Decision,
    MemberPair,
    Verdict,
    decision,
    keeping,
    rejection_of,
    with_decision,
)
from idweave_graph.draft import Draft
from idweave_graph.effects import Emit, PutWithdrawals
from idweave_graph.epochs import is_current
from idweave_graph.events import EventType, IdentityEvent, decision_event_id
from idweave_graph.evidence import Evidence, EvidenceKind, weaving_order
from idweave_graph.ids import BusinessId, Member
from idweave_graph.memory import is_word_hidden
from idweave_graph.messages import Decided, LogMessage
from idweave_graph.person import Presence
from idweave_graph.reweave import reweave
from idweave_graph.tangle import Tangle, read_tangle


def decide(draft: Draft, message: Decided) -> None:
    """Let what was said last about the two members count, whether known or not."""
    business = message.business
    told = _told(message)
    known = draft.decisions_of(business, told.a)
    listed = with_decision(known, told)
    is_news = listed != known
    if not is_news and told.verdict is not Verdict.LINK:
        return  # an older link brings an older proof, so that counts all the same
    before = read_tangle(draft, business, told.pair)
    was, now = rejection_of(known, told.pair), rejection_of(listed, told.pair)
    came = [] if was is None else [proof for proof in was.kept if told.covers(proof)]
    if told.verdict is Verdict.LINK:
        came.append(_manual(told))
    grown = before.with_(_arrivals(draft, business, came), came)
    between = sorted(filter(told.covers, grown.proofs.values()), key=weaving_order)
    _put(draft, business, listed, told.pair, now and keeping(now, between))
    after = grown if now is None else grown.without((), [p.key for p in between])
    _weigh_again(draft, message, (before, after), told.verdict, said=told)
    if is_news:
        draft.want(Emit(_event(draft, message, told, between)))


def _told(message: Decided) -> Decision:
    return decision(
        (message.a, message.epoch_a),
        (message.b, message.epoch_b),
        message.verdict,
        at_ms=message.at_ms,
        author=message.author,
        reason=message.reason,
        cause=message.cause,
    )


def _manual(told: Decision) -> Evidence:
    return Evidence(
        EvidenceKind.MANUAL,
        *told.pair,
        at_ms=told.at_ms,
        epoch_a=told.epoch_a,
        epoch_b=told.epoch_b,
        cause=told.cause,
    )


def _put(
    draft: Draft,
    business: BusinessId,
    listed: Iterable[Decision],
    pair: MemberPair,
    rejection: Decision | None,
) -> None:
    """Write what stands of *pair*; only a *rejection* in force keeps proofs."""
    for each in listed:
        if each.pair == pair:
            is_rejection = rejection is not None and each.key == rejection.key
            put_decision(
                draft,
                business,
                rejection if rejection and is_rejection else replace(each, kept=()),
            )


def forget_old_decisions(
    draft: Draft, message: LogMessage, who: Member, then_ms: int, reason: str
) -> None:
    """Forget what was decided about *who* by then, and the proofs kept of then.

    What was proved since and stood under such a rejection counts from now on.
    """
    business = message.business
    before = read_tangle(draft, business, (who,))
    drop_kept(draft, business, who, lambda proof: proof.at_ms <= then_ms)

    def is_over(told: Decision) -> bool:
        # A link is a proof as well, so it goes as long as no word about them counts.
        is_hidden_link = told.verdict is Verdict.LINK and is_word_hidden(
            draft, business, who, told.at_ms
        )
        return told.at_ms <= then_ms or is_hidden_link

    over = list(filter(is_over, draft.decisions_of(business, who)))
    back = [p for each in over for p in each.kept if _counts(draft, business, p)]
    drop_decisions(draft, business, (who,), is_over)
    if back:
        ends = {end for proof in back for end in (proof.a, proof.b)}
        before = read_tangle(draft, business, ends)
    after = before.with_(_arrivals(draft, business, back), back)
    _weigh_again(draft, message, (before, after), reason)


def _counts(draft: Draft, business: BusinessId, proof: Evidence) -> bool:
    ends = (proof.a, proof.b)
    return all(is_current(draft, business, end, proof.epoch_of(end)) for end in ends)


def _arrivals(
    draft: Draft, business: BusinessId, proofs: Iterable[Evidence]
) -> dict[Member, Presence]:
    life = draft.withdrawals(business).count
    return {
        end: Presence(proof.epoch_of(end), life, None)
        for proof in proofs
        for end in (proof.a, proof.b)
    }


def _weigh_again(
    draft: Draft,
    message: LogMessage,
    sets: tuple[Tangle, Tangle],
    reason: str,
    *,
    said: Decision | None = None,
) -> None:
    before, after = sets
    business = message.business
    after = replace(after, decisions=decisions_about(draft, business, after.members))
    if after == before:
        return
    if not before.members.keys() <= after.members.keys():
        # Whoever comes from now on has another name than who is leaving.
        known = draft.withdrawals(business)
        draft.want(PutWithdrawals(business, replace(known, count=known.count + 1)))
    reweave(draft, message, before, after, reason, said=said)


def _event(
    draft: Draft, message: Decided, told: Decision, between: Iterable[Evidence]
) -> IdentityEvent:
    business = message.business
    one, two = (draft.person_of(business, end) for end in told.pair)
    return IdentityEvent(
        id=decision_event_id(business, told, (one, two)),
        type=EventType.DECIDED,
        business=business,
        at_ms=message.at_ms,
        cause=message.cause,
        reason=told.verdict,
        proofs=tuple(between),
        about=one,
        other=two,
        decisions=(told,),
    )
