"""What an operator's decision changes, and what is told of it."""

from tests.support.deciding import (
    A2,
    CAUSE,
    TOKEN,
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
from tests.support.graph import DictGraph, weave
from tests.support.strategies import (
    BUSINESS,
)

from idweave_graph.decisions import Verdict
from idweave_graph.derive import MAX_PROOFS, derive, enough
from idweave_graph.events import EventType
from idweave_graph.evidence import (
    EvidenceKind,
    weaving_order,
)
from idweave_graph.ids import Asset, AssetKind, ScopedId
from idweave_graph.messages import (
    Banned,
)
from idweave_graph.ownership import OwnedId

# Acceptance.


def test_what_is_accepted_comes_before_what_is_older() -> None:
    """Who moves is told with the verdict as reason, and so is the rival that waits."""
    graph = contradicted()

    events = weave([said(Verdict.ACCEPT, A2, B)], graph)

    assert together(graph, B) == {A2, B}
    assert told(events) == [
        (EventType.SPLIT, "accept"),
        (EventType.SPLIT, "accept"),
        (EventType.QUARANTINED, "ids_for_apps"),
        (EventType.DECIDED, "accept"),
    ]
    assert {each.author for event in events for each in event.decisions} == {"ann"}
    assert events[2].proofs == (proof(A, B, 3),)
    assert events[3].proofs == (proof(A2, B, 4),)
    assert events[3].about == events[3].other == person_of(graph, B).id


def test_an_acceptance_waits_for_proofs_that_nobody_knows_yet() -> None:
    """It is about the two, whatever is learned of them, and then comes first at once."""
    graph = DictGraph()
    weave([said(Verdict.ACCEPT, A2, B), joined(proof(A, B, 3))], graph)

    weave([joined(proof(A2, B, 4))], graph)

    assert together(graph, B) == {A2, B}


def test_of_two_acceptances_the_later_comes_first() -> None:
    """Whichever proof is older, and in whichever order they are read."""
    first, second = said(Verdict.ACCEPT, A, B, 50), said(Verdict.ACCEPT, A2, B, 60)
    for log in ([first, second], [second, first]):
        graph = contradicted()
        weave(log, graph)
        assert together(graph, B) == {A2, B}


def test_a_ban_is_above_an_acceptance() -> None:
    graph = DictGraph()
    ban = Banned(BUSINESS, OwnedId(A, 1), OwnedId(B, 1), False, "bob", "two", 5, CAUSE)

    weave([joined(proof(A, B, 3)), ban, said(Verdict.ACCEPT, A, B)], graph)

    assert person_of(graph, A) != person_of(graph, B)
    assert person_of(graph, A).quarantined == (proof(A, B, 3),)


def test_two_ids_of_one_app_stay_apart_whatever_is_accepted() -> None:
    graph = DictGraph()

    weave([joined(proof(A, A2, 3)), said(Verdict.ACCEPT, A, A2)], graph)

    assert person_of(graph, A) != person_of(graph, A2)


def test_a_large_person_keeps_an_accepted_proof() -> None:
    """However young it is: others are left out before it."""
    assets = [Asset(AssetKind.PAGE, str(n)) for n in range(40)]
    ids = [ScopedId(asset, "x") for asset in assets]
    old = [proof(x, y, 3) for n, x in enumerate(ids) for y in ids[:n]]
    young = proof(ids[20], ids[21], 9, EvidenceKind.MANUAL)
    proofs = sorted([*old, young], key=weaving_order)

    kept = enough(proofs, [(young.a, young.b)])

    assert young not in enough(proofs)
    assert young in kept
    assert len(kept) == MAX_PROOFS
    assert list(kept) == sorted(kept, key=proofs.index)


def test_derivation_weighs_favoured_pairs_in_their_order() -> None:
    """Then all others by age; a component without contradiction is one anyway."""
    members = [A, A2, B, C]
    proofs = [proof(A, B, 1), proof(A2, B, 2), proof(B, C, 3)]

    parts = [
        derive(members, proofs, (), pairs).parts
        for pairs in ((), ((A2, B),), ((A, B), (A2, B)))
    ]

    mine, theirs = {frozenset({A, B, C}), frozenset({A2})}, {A2, B, C}
    assert set(parts[0]) == set(parts[2]) == mine
    assert set(parts[1]) == {frozenset({A}), frozenset(theirs)}


# Rejection.


def test_a_person_falls_apart_where_the_rejected_proof_held_it() -> None:
    """Each part is told; the proof is in no quarantine, and no part lost it unseen."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2), joined(proof(A, B, 3))], graph)

    events = weave([said(Verdict.REJECT, A, B)], graph)

    assert told(events) == [
        (EventType.SPLIT, "reject"),
        (EventType.SPLIT, "reject"),
        (EventType.DECIDED, "reject"),
    ]
    assert events[-1].proofs == (proof(A, B, 3),)
    for who in (A, B):
        assert person_of(graph, who).evidence == person_of(graph, who).quarantined == ()


def test_a_person_stays_whole_where_other_proofs_hold_it() -> None:
    """Then nothing but the decision is told."""
    graph = DictGraph()
    others = joined(proof(A, TOKEN, 3), proof(B, TOKEN, 3))
    weave([joined(proof(A, B, 3)), others], graph)

    assert told(weave([said(Verdict.REJECT, A, B)], graph)) == [
        (EventType.DECIDED, "reject")
    ]
    assert together(graph, A) == {A, B, TOKEN}


def test_whom_only_the_rejected_proof_spoke_for_leaves() -> None:
    """It is told as an erasure of that member alone; a return gives another name."""
    graph = DictGraph()
    weave([seen(A, 1), joined(proof(A, TOKEN, 2)), joined(proof(A, B, 3))], graph)

    events = weave([said(Verdict.REJECT, A, B)], graph)

    assert told(events) == [
        (EventType.ERASED, "reject"),
        (EventType.DECIDED, "reject"),
    ]
    assert (BUSINESS, B) not in graph.index
    assert graph.forgotten == []


def test_all_kinds_between_the_two_are_rejected_and_no_others() -> None:
    graph = DictGraph()
    manual = proof(A, B, 5, EvidenceKind.MANUAL)
    weave([seen(A, 1), seen(B, 1), seen(C, 1)], graph)
    weave([joined(proof(A, B, 3), manual, proof(A, C, 4))], graph)

    weave([said(Verdict.REJECT, B, A)], graph)

    assert together(graph, A) == {A, C}
    [kept] = graph.decisions[BUSINESS, A]
    assert set(kept.kept) == {proof(A, B, 3), manual}


def test_what_is_learned_later_does_not_count_and_brings_nobody() -> None:
    """It is kept, the firmer of two with one key, and nothing is told."""
    graph = DictGraph()
    weave([seen(A, 1), said(Verdict.REJECT, A, B)], graph)

    assert weave([joined(proof(A, B, 9)), joined(proof(A, B, 8))], graph) == []

    assert (BUSINESS, B) not in graph.index
    assert [each.kept for each in graph.decisions[BUSINESS, B]] == [(proof(A, B, 8),)]


def test_what_was_in_quarantine_is_rejected_too() -> None:
    graph = contradicted()

    events = weave([said(Verdict.REJECT, A2, B)], graph)

    assert told(events) == [(EventType.DECIDED, "reject")]
    assert not any(person.quarantined for person in graph.persons.values())


def test_the_rival_of_what_is_rejected_is_let_in() -> None:
    """As after any withdrawal, with the verdict as reason."""
    graph = contradicted()

    events = weave([said(Verdict.REJECT, A, B)], graph)

    assert together(graph, B) == {A2, B}
    assert {event.reason for event in events} == {"reject"}
