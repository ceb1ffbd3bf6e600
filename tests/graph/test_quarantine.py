"""Proofs that contradict: told once, kept at both ends, weighed anew."""

from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS

from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.ids import Member, member
from idweave_graph.messages import Proved
from idweave_graph.person import Person

A1, A2, X, Y = (
    member(text) for text in ("app:1:one", "app:1:two", "page:1:x", "page:2:y")
)


def proof(
    one: Member,
    two: Member,
    at_ms: int,
    kind: EvidenceKind = EvidenceKind.IDS_FOR_APPS,
) -> Evidence:
    cause = Cause("t", 0, at_ms)
    return evidence(kind, (one, 1), (two, 1), at_ms=at_ms, cause=cause)


def said(*proofs: Evidence) -> Proved:
    last = max(proof.at_ms for proof in proofs)
    return Proved(BUSINESS, proofs, last, Cause("t", 0, last))


def person_of(graph: DictGraph, who: Member) -> Person:
    return graph.persons[BUSINESS, graph.index[BUSINESS, who]]


def types(events: list[IdentityEvent]) -> list[EventType]:
    return [event.type for event in events]


def test_a_second_id_of_an_asset_is_not_let_in() -> None:
    """It stays its own person; the proof is told once and kept at both ends."""
    graph = DictGraph()
    weave([said(proof(A1, X, 1))], graph)
    late = proof(A2, X, 2)

    events = weave([said(late)], graph)

    one, two = person_of(graph, A2), person_of(graph, X)
    assert types(events) == [EventType.CREATED, EventType.QUARANTINED]
    assert (one.quarantined, two.quarantined) == ((late,), (late,))
    assert events[1].proofs == (late,)
    assert {events[1].other, events[1].key} == {one.id, two.id}
    assert events[1].reason == EvidenceKind.IDS_FOR_APPS


def test_it_is_told_once_however_often_it_comes() -> None:
    """Repeating it, or learning it again later, tells nothing more."""
    graph = DictGraph()
    weave([said(proof(A1, X, 1)), said(proof(A2, X, 2))], graph)

    assert weave([said(proof(A2, X, 2)), said(proof(A2, X, 7))], graph) == []


def test_two_ids_of_one_asset_can_not_be_proved_one() -> None:
    """A proof right between them joins nobody."""
    graph = DictGraph()

    events = weave([said(proof(A1, A2, 1))], graph)

    assert types(events) == [
        EventType.CREATED,
        EventType.CREATED,
        EventType.QUARANTINED,
    ]


def test_older_evidence_that_comes_late_wins() -> None:
    """What the younger proof had joined falls apart, and both parts are told."""
    graph = DictGraph()
    younger = proof(A1, X, 5)
    weave([said(younger), said(proof(A2, Y, 1))], graph)

    events = weave([said(proof(X, Y, 3))], graph)

    assert set(person_of(graph, A2).members) == {A2, X, Y}
    assert set(person_of(graph, A1).members) == {A1}
    assert person_of(graph, A1).quarantined == (younger,)
    assert types(events) == [
        EventType.SPLIT,
        EventType.SPLIT,
        EventType.QUARANTINED,
    ]
    assert {event.reason for event in events} == {EvidenceKind.IDS_FOR_APPS}


def test_quarantine_ends_when_nothing_contradicts_any_more() -> None:
    """A proof waits at its persons until they no longer stand against each other.

    X-A2 waits because of X-A1; when X turns out to be somebody else's, A1 goes, and
    A2 comes in by the proof that had waited.
    """
    graph = DictGraph()
    waiting = proof(A2, X, 6)
    weave([said(proof(A1, X, 5)), said(waiting)], graph)
    assert waiting in person_of(graph, X).quarantined

    older = proof(A2, X, 4, EvidenceKind.MANUAL)
    events = weave([said(older)], graph)

    assert person_of(graph, X).evidence == (older, waiting)
    assert set(person_of(graph, X).members) == {A2, X}
    assert EventType.SPLIT in types(events)
    assert [quarantined_by(e) for e in events if quarantined_by(e)] == [
        (proof(A1, X, 5),)
    ]


def test_a_proof_that_turns_out_to_be_older_is_weighed_anew() -> None:
    """The same proof with an earlier time is news, and is what the events rest on."""
    graph = DictGraph()
    weave([said(proof(A1, X, 5)), said(proof(A2, X, 6))], graph)
    older = proof(A2, X, 4)

    events = weave([said(older)], graph)

    assert set(person_of(graph, X).members) == {A2, X}
    split = [event for event in events if event.type is EventType.SPLIT]
    assert {event.reason for event in split} == {EvidenceKind.IDS_FOR_APPS}
    assert sorted(event.proofs for event in split) == [(), (older,)]


def test_a_waiting_proof_is_let_in_when_the_contradiction_goes() -> None:
    """X and Y were kept apart by A1 and A2; an older proof takes Y from A2 to A1."""
    graph = DictGraph()
    waiting = proof(X, Y, 9)
    weave([said(proof(A1, X, 2)), said(proof(A2, Y, 8)), said(waiting)], graph)
    assert person_of(graph, X).quarantined == (waiting,)

    events = weave([said(proof(Y, A1, 7))], graph)

    together = person_of(graph, A1)
    assert set(together.members) == {A1, X, Y}
    assert waiting in together.evidence
    assert together.quarantined == (proof(A2, Y, 8),)
    assert EventType.SPLIT in types(events)
    assert [quarantined_by(e) for e in events if quarantined_by(e)] == [
        (proof(A2, Y, 8),)
    ]


def test_told_again_it_is_another_fact() -> None:
    """A proof that was let in and put out again is told with another event id."""
    graph = DictGraph()
    contested = proof(A1, X, 5)
    first = weave([said(proof(A2, X, 4)), said(contested)], graph)
    weave([said(proof(A1, X, 3, EvidenceKind.MANUAL))], graph)
    assert contested in person_of(graph, X).evidence

    second = weave([said(proof(A2, X, 2, EvidenceKind.MANUAL))], graph)

    assert contested in person_of(graph, X).quarantined
    ids = [e.id for e in first + second if contested in quarantined_by(e)]
    assert len(set(ids)) == 2


def test_a_contradiction_is_no_refusal() -> None:
    """Quarantine is inside a business: no refusal is told or put on record."""
    graph = DictGraph()

    events = weave([said(proof(A1, A2, 1))], graph)

    assert EventType.REFUSED not in types(events)
    assert graph.refusals == set()


def quarantined_by(event: IdentityEvent) -> tuple[Evidence, ...]:
    return event.proofs if event.type is EventType.QUARANTINED else ()
