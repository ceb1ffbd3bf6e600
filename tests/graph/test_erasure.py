"""Forgetting is complete, happens once, and leaves who comes back alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import (
    BUSINESS,
    OTHER_BUSINESS,
    evidence_logs,
    full_logs,
    scoped_ids,
)

from idweave_graph.documents import person_document
from idweave_graph.events import EventType
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Member, ScopedId, member
from idweave_graph.messages import (
    Erase,
    Forgotten,
    LogMessage,
    Proved,
    Receipt,
    Sighted,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, person_id

CAUSE = Cause("t", 0, 0)
LATER = 1_000
A, B, C, TOKEN = (
    member(text) for text in ("app:1:x", "app:2:x", "page:1:x", "token:t")
)


def seen(who: Member, at_ms: int) -> Sighted:
    assert isinstance(who, ScopedId)
    return Sighted(BUSINESS, OwnedId(who, 1), at_ms, CAUSE)


def joined(one: Member, two: Member, at_ms: int) -> Proved:
    kind = EvidenceKind.IDS_FOR_APPS
    ends = [(end, 1 if isinstance(end, ScopedId) else 0) for end in (one, two)]
    proof = evidence(kind, ends[0], ends[1], at_ms=at_ms, cause=CAUSE)
    return Proved(BUSINESS, (proof,), at_ms, CAUSE)


def erase(who: Member, at_ms: int = LATER, *, whole: bool = False) -> Erase:
    assert isinstance(who, ScopedId)
    return Erase(BUSINESS, who, whole, at_ms, CAUSE, "R1")


def person_of(graph: DictGraph, who: Member) -> Person:
    return graph.persons[BUSINESS, graph.index[BUSINESS, who]]


def all_text(graph: DictGraph) -> str:
    """Everything that a graph holds or shows of persons."""
    shown = [person_document(person) for person in graph.persons.values()]
    return repr((graph.persons, graph.index, shown))


@given(log=full_logs(), subject=scoped_ids, whole=st.booleans())
def test_nothing_names_who_was_forgotten(
    log: list[LogMessage], subject: ScopedId, *, whole: bool
) -> None:
    """No member, proof, quarantine, alias or inherited title; each id is told of."""
    graph = DictGraph()
    weave(log, graph, check=False)
    name = graph.index.get((BUSINESS, subject))
    person = None if name is None else graph.persons[BUSINESS, name]
    members: set[Member] = set(person.members) if person and whole else {subject}
    graph.forgotten.clear()

    weave([erase(subject, whole=whole)], graph)

    text = all_text(graph)
    for who in members:
        parts = (who.asset, who.user) if isinstance(who, ScopedId) else (who,)
        assert str(who) not in text
        assert f"asset={parts[0]!r}, user={parts[-1]!r}" not in text
        assert repr(who) not in text
    if person is not None:
        told = {message.id for message in graph.forgotten}
        assert told >= {who for who in members if isinstance(who, ScopedId)}
    if person is not None and whole:
        assert not any(old in text for old in (person.id, *person.absorbed))


@given(log=evidence_logs(), subject=scoped_ids)
def test_who_comes_back_is_somebody_new(
    log: list[LogMessage], subject: ScopedId
) -> None:
    """With another person id than any that was ever given out."""
    graph = DictGraph()
    events = weave(log, graph, check=False)
    events += weave([erase(subject, whole=True)], graph)
    ever = {event.person.id for event in events if event.person is not None}

    (event,) = weave([seen(subject, LATER + 1)], graph)

    assert event.type is EventType.CREATED
    assert event.person is not None
    assert event.person.id not in ever


@given(log=evidence_logs(), subject=scoped_ids, whole=st.booleans())
def test_an_erasure_that_comes_again_leaves_the_new_life_alone(
    log: list[LogMessage], subject: ScopedId, *, whole: bool
) -> None:
    """It is about what was known up to its time."""
    graph = DictGraph()
    again = erase(subject, whole=whole)
    weave([*log, again], graph, check=False)
    weave([seen(subject, LATER + 1), joined(subject, TOKEN, LATER + 2)], graph)
    before = dict(graph.persons)

    assert weave([again], graph) == []
    assert graph.persons == before


def test_what_was_learned_through_an_id_goes_with_it() -> None:
    """Its token and the ids that only its lookup named; whoever was seen stays."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2), joined(A, TOKEN, 3), joined(A, B, 4)], graph)
    weave([joined(A, C, 4)], graph)
    name = person_of(graph, A).id

    (event,) = weave([erase(A)], graph)

    assert event.person is not None
    assert (event.type, event.reason) == (EventType.ERASED, "requested")
    assert event.person.members == {B: 2}
    assert event.person.id == name
    assert {message.id for message in graph.forgotten} == {A}
    assert isinstance(A, ScopedId)
    assert Forgotten(BUSINESS, A, LATER, CAUSE) in graph.forgotten


@pytest.mark.parametrize("whole", [True, False])
def test_what_was_learned_while_the_request_was_on_its_way_goes(*, whole: bool) -> None:
    """Who was known by then is meant, and an answer must not keep them here.

    Of a whole person those stay who were seen later: they have come back.
    """
    graph = DictGraph()
    weave([seen(A, 1), joined(A, B, LATER + 5), joined(B, C, LATER + 6)], graph)

    weave([erase(A, whole=whole)], graph)

    left = {who for _, who in graph.index}
    assert left == (set() if whole else {B, C})


def test_who_was_seen_while_the_request_was_on_its_way_stays() -> None:
    """They have come back, with the name of the person, whose oldest id they are."""
    graph = DictGraph()
    weave([seen(A, 1), joined(A, B, LATER + 5), seen(B, LATER + 6)], graph)

    weave([erase(A, whole=True)], graph)

    assert person_of(graph, B).members == {B: LATER + 6}


def test_the_heir_of_a_name_is_the_oldest_id_that_is_left() -> None:
    """Even where the founder's going takes the person apart, and in a merge later."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 6), seen(C, 5), joined(A, B, 9)], graph)
    weave([joined(A, C, 9)], graph)

    events = weave([erase(A)], graph)

    assert {e.type for e in events} == {EventType.SPLIT}
    assert person_of(graph, C).id == person_id(BUSINESS, A)
    assert person_of(graph, B).id == person_id(BUSINESS, B)
    weave([joined(B, C, LATER), seen(B, 2)], graph)
    assert person_of(graph, B).id == person_id(BUSINESS, A)
    ended = sorted(person_id(BUSINESS, who) for who in (B, C))
    assert list(person_of(graph, B).absorbed) == ended


def test_an_absorbed_name_outlives_the_id_it_was_made_from() -> None:
    """Whom it stands for is still known, also after the next split."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2), seen(C, 3), joined(A, B, 8), joined(B, C, 9)], graph)
    assert person_id(BUSINESS, B) in person_of(graph, A).absorbed

    weave([erase(B)], graph)

    carried = (*person_of(graph, A).absorbed, *person_of(graph, C).absorbed)
    assert carried == (person_id(BUSINESS, B),)


def test_a_founder_that_stays_keeps_the_name() -> None:
    """Even if it is now younger than others, because an older proof of it has gone."""
    graph = DictGraph()
    weave([joined(A, B, 1), seen(A, 5), seen(B, 8), seen(C, 6), joined(B, C, 9)], graph)
    name = person_of(graph, B).id
    founder, other = (A, B) if name == person_id(BUSINESS, A) else (B, A)

    weave([erase(other, at_ms=7)], graph)

    assert person_of(graph, founder).id == name


def test_a_person_of_another_business_is_not_touched() -> None:
    """The same id there is somebody else's business."""
    graph = DictGraph()
    there = replace(seen(A, 1), business=OTHER_BUSINESS)
    weave([seen(A, 1), there], graph)

    weave([erase(A, whole=True)], graph)

    assert graph.index.keys() == {(OTHER_BUSINESS, A)}


def test_a_receipt_says_how_many_ids_were_forgotten_once() -> None:
    """Also where nothing was known; a later request under the code tells again."""
    graph = DictGraph()
    weave([seen(A, 1), joined(A, B, 2), joined(A, TOKEN, 3)], graph)

    weave([erase(A, whole=True), erase(A, whole=True)], graph)
    assert graph.receipts == {(BUSINESS, "R1"): Receipt("R1", LATER, 2)}

    weave([erase(A, LATER + 9)], graph)
    assert graph.receipts == {(BUSINESS, "R1"): Receipt("R1", LATER + 9, 0)}


def test_who_waits_for_no_receipt_gets_none() -> None:
    graph = DictGraph()

    weave([replace(erase(A), receipt="")], graph)

    assert graph.receipts == {}
