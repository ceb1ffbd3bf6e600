"""What ends a decision, and what takes it or its proofs away."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.deciding import (
    A2,
    CAUSE,
    CODE,
    LATER,
    LINKING,
    A,
    B,
    C,
    contradicted,
    joined,
    person_of,
    proof,
    said,
    seen,
    together,
    told,
)
from tests.support.graph import DictGraph, step, weave
from tests.support.strategies import (
    APPS,
    BUSINESS,
    EPOCHS,
    OTHER_BUSINESS,
    decided,
)

from idweave_graph import withdraw
from idweave_graph.decisions import Decision, Verdict, decision, with_decision
from idweave_graph.events import EventType
from idweave_graph.evidence import (
    EvidenceKind,
)
from idweave_graph.ids import ScopedId
from idweave_graph.messages import (
    AssetChanged,
    Decided,
    Erase,
    LogMessage,
    RefusalReason,
    Unlinked,
)

# The end of a decision, and links.


def test_reopened_it_waits_again_and_that_is_told_anew() -> None:
    """The second quarantine is another fact than the first."""
    graph = DictGraph()
    rivals = (joined(proof(A, B, 3)), joined(proof(A2, B, 4)))
    before = weave([seen(A, 1), seen(A2, 2), *rivals], graph)
    weave([said(Verdict.REJECT, A2, B)], graph)

    events = weave([said(Verdict.REOPEN, A2, B, LATER + 1)], graph)

    assert told(events) == [
        (EventType.QUARANTINED, "ids_for_apps"),
        (EventType.DECIDED, "reopen"),
    ]
    assert EventType.QUARANTINED in {event.type for event in before}
    assert events[0].id not in {event.id for event in before}


def test_a_link_joins_by_hand_and_is_told_with_who_said_so() -> None:
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2)], graph)

    events = weave([said(Verdict.LINK, A, B)], graph)

    assert told(events) == [(EventType.MERGED, "link"), (EventType.DECIDED, "link")]
    [manual] = person_of(graph, A).evidence
    assert (manual.kind, manual.at_ms) == (EvidenceKind.MANUAL, LATER)
    assert events[0].proofs == events[1].proofs == (manual,)
    assert [each.author for each in events[0].decisions] == ["ann"]


def test_a_link_that_contradicts_waits_as_any_other_proof() -> None:
    graph = contradicted()

    links = [said(Verdict.LINK, A2, C), said(Verdict.LINK, C, B, LATER + 1)]
    events = weave(links, graph)

    assert together(graph, C) == {A2, C}
    assert EventType.QUARANTINED in {event.type for event in events}


def test_a_link_ends_a_rejection_and_brings_back_what_it_kept() -> None:
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2), joined(proof(A, B, 3))], graph)
    weave([said(Verdict.REJECT, A, B)], graph)

    weave([said(Verdict.LINK, A, B, LATER + 1)], graph)

    kinds = {each.kind for each in person_of(graph, A).evidence}
    assert kinds == {EvidenceKind.IDS_FOR_APPS, EvidenceKind.MANUAL}
    assert all(each.kept == () for each in graph.decisions[BUSINESS, A])


def test_a_link_that_is_older_than_the_rejection_ends_nothing() -> None:
    """Said at once, the rejection counts."""
    for at_ms in (LATER - 1, LATER):
        graph = DictGraph()
        weave([seen(A, 1), seen(B, 2), said(Verdict.REJECT, A, B)], graph)

        weave([said(Verdict.LINK, A, B, at_ms)], graph)

        assert person_of(graph, A) != person_of(graph, B)


def test_of_two_links_the_older_is_the_proof_in_any_order() -> None:
    """As of all proofs with one key; the older is not told of as a decision."""
    graphs = []
    for times in ((50, 60), (60, 50)):
        graph = DictGraph()
        weave([seen(A, 1), seen(B, 2)], graph)
        events = weave([said(Verdict.LINK, A, B, at_ms) for at_ms in times], graph)
        [manual] = person_of(graph, A).evidence
        assert manual.at_ms == 50
        types = {event.type for event in events}
        assert types == {EventType.MERGED, EventType.DECIDED}
        graphs.append(graph)

    assert graphs[0].decisions == graphs[1].decisions


def test_a_link_leaves_an_acceptance_in_force() -> None:
    """It says that the two are one person, not that this is less certain."""
    graph = contradicted()

    weave([said(Verdict.ACCEPT, A2, B), said(Verdict.LINK, A2, B, LATER + 1)], graph)

    assert together(graph, B) == {A2, B}


def test_an_older_word_does_not_count() -> None:
    """What was said last about two members stays, and the older one is not told of."""
    graph = contradicted()
    weave([said(Verdict.REOPEN, A2, B, 60)], graph)

    assert weave([said(Verdict.ACCEPT, A2, B, 50)], graph) == []
    assert together(graph, B) == {A, B}


# What takes a decision away, or its proofs.


def test_an_account_linking_that_is_over_is_not_kept() -> None:
    """A later link by hand brings back only what is still so."""
    graph = DictGraph()
    over = proof(A, CODE, 3, LINKING)
    weave([seen(A, 1), joined(over), said(Verdict.REJECT, A, CODE)], graph)

    weave([Unlinked(BUSINESS, A, 5, CAUSE)], graph)
    weave([said(Verdict.REOPEN, A, CODE, LATER + 1)], graph)

    assert together(graph, A) == {A}


def test_an_erasure_that_comes_again_leaves_later_proofs_and_words_alone() -> None:
    """What was decided by its time is over, and what was proved since counts."""
    graph = DictGraph()
    erase = Erase(BUSINESS, A, False, 100, CAUSE, "")
    weave([erase, seen(A, 150), seen(B, 1), said(Verdict.REJECT, A, B, 90)], graph)
    weave([joined(proof(A, B, 151))], graph)
    assert person_of(graph, A) != person_of(graph, B)

    weave([erase], graph)
    assert person_of(graph, A) == person_of(graph, B)
    assert graph.decisions == {}

    weave([said(Verdict.REJECT, A, B, 160), erase], graph)
    assert person_of(graph, A) != person_of(graph, B)


def owner(epoch: int, *, owned: bool) -> AssetChanged:
    return AssetChanged(BUSINESS, A.asset, epoch, owned, epoch, CAUSE)


def test_a_decision_under_an_ownership_that_is_over_is_refused() -> None:
    """A link over the end of an ownership crosses the boundary as any other does."""
    for verdict in Verdict:
        graph = DictGraph()

        events = weave([owner(2, owned=True), said(verdict, A, B)], graph)

        assert told(events) == [
            (EventType.EPOCH_CHANGED, "gained"),
            (EventType.REFUSED, RefusalReason.STALE_EPOCH),
        ]
        assert graph.decisions == {}
        assert graph.index == {}


def test_the_decisions_of_an_asset_go_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of ids that were never seen, with all that they kept."""
    monkeypatch.setattr(withdraw, "SWEEP_STEP", 2)
    graph = DictGraph()
    strangers = [ScopedId(APPS[0], f"s{n}") for n in range(5)]
    verdict = Verdict.REJECT
    weave([seen(A, 1), seen(B, 1), joined(proof(A, B, 2))], graph)
    weave([said(verdict, A, B), *(said(verdict, who, B) for who in strangers)], graph)

    weave([owner(1, owned=False)], graph)
    assert graph.decisions == {}

    weave([owner(2, owned=True), seen(A, 9, 2)], graph)
    weave([joined(proof(A, B, 9, epoch=2))], graph)
    assert person_of(graph, A) == person_of(graph, B)


def test_a_rejection_says_nothing_of_a_later_ownership() -> None:
    """Not even while the sweep is on its way; what it kept does not come back."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 1), joined(proof(A, B, 2))], graph)
    weave([said(Verdict.REJECT, A, B)], graph)
    step(owner(2, owned=True), graph)

    step(seen(A, 9, 2), graph)
    step(joined(proof(A, B, 9, epoch=2)), graph)
    assert person_of(graph, A).evidence == (proof(A, B, 9, epoch=2),)

    step(said(Verdict.REOPEN, A, B, LATER + 1, epoch=2), graph)
    assert person_of(graph, A).evidence == (proof(A, B, 9, epoch=2),)


def test_another_business_does_not_hear_of_it() -> None:
    """Nor is anything read there in search of decisions."""
    graph = DictGraph()
    there: LogMessage = replace(joined(proof(A, B, 2)), business=OTHER_BUSINESS)

    weave([said(Verdict.REJECT, A, B), there], graph)

    assert graph.index[OTHER_BUSINESS, A] == graph.index[OTHER_BUSINESS, B]
    assert not graph.withdrawals(OTHER_BUSINESS).has_decisions


# The value.


@given(told=st.lists(decided(EPOCHS), max_size=8), random=st.randoms())
def test_of_two_decisions_with_one_key_one_is_kept(
    told: list[Decided], random: Random
) -> None:
    """The same one in any order: of the later epochs, then what was said last."""
    values = [as_decision(each) for each in told]
    shuffled = random.sample(values, k=len(values)) + values[:1]
    one: tuple[Decision, ...] = ()
    two: tuple[Decision, ...] = ()

    for each in values:
        one = with_decision(one, each)
    for each in shuffled:
        two = with_decision(two, each)

    assert one == two
    assert len(one) == len({each.key for each in values})


def as_decision(message: Decided) -> Decision:
    return decision(
        (message.b, message.epoch_b),
        (message.a, message.epoch_a),
        message.verdict,
        at_ms=message.at_ms,
        author=message.author,
        reason=message.reason,
        cause=message.cause,
    )


def test_a_decision_is_about_two() -> None:
    with pytest.raises(ValueError, match="must differ"):
        as_decision(replace(said(Verdict.LINK, A, B), b=A))
