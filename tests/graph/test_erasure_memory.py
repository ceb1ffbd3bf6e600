"""Who was erased comes back only through an event of their own that is later."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS, evidence_logs, full_logs, scoped_ids

from idweave_graph.decisions import Verdict
from idweave_graph.erasures import Erased
from idweave_graph.events import EventType
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, Member, ScopedId, member
from idweave_graph.invariants import Rule, Violation, violations
from idweave_graph.messages import (
    Banned,
    Decided,
    Erase,
    EraseAsset,
    LogMessage,
    Proved,
    Refusal,
    RefusalReason,
    Refused,
    Sighted,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person
from idweave_graph.ports import Withdrawals

CAUSE = Cause("t", 0, 0)
LATER, UNTIL = 100, 200
"""All that logs tell of is before."""
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
    return Erase(BUSINESS, who, whole, at_ms, CAUSE, "R1", UNTIL)


def banned(one: Member, two: Member, at_ms: int) -> Banned:
    assert isinstance(one, ScopedId)
    assert isinstance(two, ScopedId)
    ends = (OwnedId(one, 1), OwnedId(two, 1))
    return Banned(BUSINESS, *ends, False, "ann", "why", at_ms, CAUSE)


def person_of(graph: DictGraph, who: Member) -> Person:
    return graph.persons[BUSINESS, graph.index[BUSINESS, who]]


def shown(graph: DictGraph) -> str:
    """All that a graph holds of members; what it remembers is under a hash."""
    return repr((graph.persons, graph.index, graph.bans, graph.decisions))


@given(log=full_logs(max_size=20), subject=scoped_ids, whole=st.booleans())
def test_the_whole_log_once_more_brings_nobody_back(
    log: list[LogMessage], subject: ScopedId, *, whole: bool
) -> None:
    """Whoever was in the person that was erased: no member, proof, ban or decision."""
    graph = DictGraph()
    weave(log, graph, check=False)
    name = graph.index.get((BUSINESS, subject))
    person = None if name is None else graph.persons[BUSINESS, name]
    weave([erase(subject, whole=whole)], graph)
    gone = {subject}
    if person is not None and whole:
        gone |= {who for who in person.members if isinstance(who, ScopedId)}
    assert not any(repr(who) in shown(graph) for who in gone)

    weave(log, graph)

    assert not any(repr(who) in shown(graph) for who in gone)


@given(log=evidence_logs(max_size=10), random=st.randoms(use_true_random=False))
def test_it_does_not_matter_when_and_how_often_anything_is_read(
    log: list[LogMessage], random: Random
) -> None:
    """The id is gone; there is whoever else was seen, or named by a proof of others."""
    assert isinstance(A, ScopedId)
    mixed = [*log, *log, erase(A), erase(A)]
    random.shuffle(mixed)
    graph = DictGraph()

    weave(mixed, graph)

    assert repr(A) not in shown(graph)
    proofs = [p for each in log if isinstance(each, Proved) for p in each.proofs]
    left = {end for p in proofs if A not in (p.a, p.b) for end in (p.a, p.b)}
    left |= {each.seen.id for each in log if isinstance(each, Sighted)} - {A}
    assert {who for _, who in graph.index} == left


@given(log=evidence_logs(max_size=10), subject=scoped_ids)
def test_an_event_that_is_later_brings_somebody_new(
    log: list[LogMessage], subject: ScopedId
) -> None:
    """With an id that was never given out; old news adds nothing to them."""
    graph = DictGraph()
    events = weave([*log, erase(subject)], graph, check=False)
    ever = {event.person.id for event in events if event.person is not None}

    (event,) = weave([seen(subject, LATER + 1)], graph)
    assert event.type is EventType.CREATED
    assert event.person is not None
    assert event.person.id not in ever

    weave(log, graph)
    assert person_of(graph, subject).members == {subject: LATER + 1}


def test_a_sibling_does_not_bring_an_erased_id_back() -> None:
    """Until the id has been seen itself; then what is learned counts."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 1), joined(A, B, 2), erase(A)], graph)

    assert weave([joined(A, B, LATER + 5)], graph) == []
    assert set(person_of(graph, B).members) == {B}

    weave([seen(A, LATER + 6), joined(A, B, LATER + 7)], graph)
    assert set(person_of(graph, B).members) == {A, B}


def test_of_several_proofs_only_those_of_the_erased_id_are_left_out() -> None:
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 1), erase(A)], graph)
    proofs = (*joined(B, A, LATER + 5).proofs, *joined(B, C, LATER + 5).proofs)

    weave([Proved(BUSINESS, proofs, LATER + 5, CAUSE)], graph)

    assert set(person_of(graph, B).members) == {B, C}


def test_a_proof_of_before_the_return_does_not_come_with_it() -> None:
    """Learned before the erasure it stays forgotten; in between it is lost, and the
    next lookup tells it again."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 1), erase(A), joined(A, B, LATER + 1)], graph)

    weave([seen(A, LATER + 2), joined(A, B, 50)], graph)

    assert set(person_of(graph, A).members) == {A}


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_return_under_an_earlier_owner_is_none(*, by_hand: bool) -> None:
    """Though the sweep has not come to it: what others tell does not count after it."""
    graph = DictGraph()
    weave([seen(B, 1), erase(A), seen(A, LATER + 1)], graph)
    (proof,) = joined(A, B, LATER + 2).proofs
    now = Proved(BUSINESS, (replace(proof, epoch_a=2),), LATER + 2, CAUSE)
    said = Decided(BUSINESS, A, B, 2, 1, Verdict.LINK, "ann", "why", LATER + 2, CAUSE)

    weave([said if by_hand else now], graph)

    assert {who for _, who in graph.index} == {B}


def test_what_is_learned_after_the_memory_is_over_counts() -> None:
    graph = DictGraph()
    weave([seen(B, 1), erase(A)], graph)

    weave([joined(A, B, UNTIL)], graph)
    assert (BUSINESS, A) not in graph.index

    weave([joined(A, B, UNTIL + 1)], graph)
    assert set(person_of(graph, B).members) == {A, B}


def test_a_token_of_an_erased_id_goes_and_does_not_come_back_with_it() -> None:
    """Nor does a linking code; another id that carries it may have it."""
    graph = DictGraph()
    log: list[LogMessage] = [seen(A, 1), joined(A, TOKEN, 1)]
    weave([*log, erase(A), *log], graph)
    assert graph.index == {}

    weave([seen(B, 2), joined(B, TOKEN, 2)], graph)
    assert set(person_of(graph, B).members) == {B, TOKEN}


def test_who_was_seen_again_before_the_request_is_read_loses_only_what_is_old() -> None:
    """They are in the graph as if the request had been read in time."""
    graph = DictGraph()
    later: list[LogMessage] = [seen(A, LATER + 1), joined(A, C, LATER + 2)]
    weave([seen(B, 1), joined(A, B, 2), *later, erase(A)], graph)

    assert person_of(graph, A).members == {A: LATER + 1, C: LATER + 2}
    assert set(person_of(graph, B).members) == {B}


def test_who_is_known_only_by_word_of_others_goes_however_late_that_was() -> None:
    """Whether the request or the proof is read first."""
    graph = DictGraph()
    weave([seen(B, 1), joined(A, B, LATER + 1), erase(A)], graph)

    assert (BUSINESS, A) not in graph.index


@pytest.mark.parametrize("ends", [(A, B), (B, A)])
def test_an_old_ban_that_names_an_erased_id_is_dropped(
    ends: tuple[Member, Member],
) -> None:
    """A later one is about who may come back."""
    graph = DictGraph()
    weave([seen(B, 1), erase(A)], graph)

    weave([banned(*ends, LATER)], graph)
    assert graph.bans == {}

    weave([banned(*ends, LATER + 1)], graph)
    assert graph.bans.keys() == {(BUSINESS, A), (BUSINESS, B)}


def rejected(one: Member, two: Member, at_ms: int) -> Decided:
    verdict = Verdict.REJECT
    return Decided(BUSINESS, one, two, 1, 1, verdict, "ann", "why", at_ms, CAUSE)


@pytest.mark.parametrize("asset", [True, False])
def test_a_rejection_that_goes_does_not_let_its_proofs_in(*, asset: bool) -> None:
    """They tell of somebody who was erased, and are learned before they are back."""
    graph = DictGraph()
    assert isinstance(A, ScopedId)
    weave([seen(B, 1), rejected(A, B, 2), joined(A, B, LATER + 5)], graph)

    of_asset = EraseAsset(BUSINESS, A.asset, LATER, CAUSE, "R1", UNTIL)
    weave([of_asset if asset else erase(A)], graph)

    assert {who for _, who in graph.index} == {B}
    assert graph.decisions == {}


@pytest.mark.parametrize(("at_ms", "is_known"), [(LATER, False), (UNTIL + 1, True)])
def test_nobody_links_who_was_erased_back_in(at_ms: int, *, is_known: bool) -> None:
    """A link is the word of somebody else, too."""
    graph = DictGraph()
    weave([seen(B, 1), erase(A)], graph)

    weave([replace(rejected(A, B, at_ms), verdict=Verdict.LINK)], graph)

    assert ((BUSINESS, A) in graph.index) == is_known


def test_a_refusal_about_an_erased_id_is_not_told() -> None:
    """It would name them to the subscribers."""
    graph = DictGraph()
    weave([erase(A)], graph)
    assert isinstance(A, ScopedId)
    refusal = Refusal(RefusalReason.FOREIGN_ASSET, A, Asset.parse("app:9"))

    assert weave([Refused(BUSINESS, (refusal,), LATER, CAUSE)], graph) == []
    assert graph.refusals == set()


def test_a_lookup_that_was_opened_by_old_news_is_forgotten() -> None:
    """Whoever opened it did not remember; it would keep the id from coming back."""
    graph = DictGraph()
    weave([erase(A)], graph)
    graph.forgotten.clear()

    weave([seen(A, LATER)], graph, check=False)

    assert [(each.id, each.at_ms) for each in graph.forgotten] == [(A, LATER)]


def test_all_who_were_meant_are_remembered_and_nobody_else() -> None:
    """Of a whole person each id; whoever was only learned through one is not meant."""
    whole, single = DictGraph(), DictGraph()
    log: list[LogMessage] = [seen(A, 1), joined(A, B, 2), joined(B, C, 3)]
    weave([*log, erase(A, whole=True)], whole)
    weave([seen(A, 1), joined(A, B, 2), erase(A)], single)

    assert {who for _, who in whole.memory} == {A, B, C}
    assert {who for _, who in single.memory} == {A}
    told = {each.id: each.until_ms for each in single.forgotten}
    assert told == {A: UNTIL}


def test_of_two_erasures_the_later_and_the_longer_count() -> None:
    """In whichever order they are read."""
    one, two = erase(A, 10), replace(erase(A, 20), until_ms=150)
    for order in ([one, two], [two, one]):
        graph = DictGraph()
        weave(order, graph)
        (erased,) = graph.memory.values()
        assert (erased.at_ms, erased.until_ms) == (20, UNTIL)


def test_memories_that_are_over_go_with_the_next_erasure() -> None:
    """So they do not pile up."""
    graph = DictGraph()
    weave([erase(A), replace(erase(B, UNTIL + 1), until_ms=UNTIL + 50)], graph)

    assert {who for _, who in graph.memory} == {B}


def test_who_is_here_though_erased_is_found_to_be_wrong() -> None:
    """By whoever checks a whole graph, such as one that was restored."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 1)], graph)
    assert isinstance(A, ScopedId)
    graph.memory[BUSINESS, A] = Erased(5, 9)
    graph.taken_back[BUSINESS] = Withdrawals(has_erasures=True)

    found = list(violations(graph, graph.persons.values(), ()))

    assert found == [Violation(Rule.FORGOTTEN, BUSINESS, person_of(graph, A).id)]


def test_without_a_memory_old_news_is_news() -> None:
    """As it was asked for: the request says for how long."""
    graph = DictGraph()
    log: list[LogMessage] = [seen(A, 1), seen(B, 1), joined(A, B, 2)]

    weave([*log, replace(erase(A), until_ms=0), *log], graph)

    assert set(person_of(graph, A).members) == {A, B}
    assert graph.memory == {}


@given(log=full_logs(), subject=scoped_ids, whole=st.booleans())
def test_each_erasure_is_told_to_the_audit_once(
    log: list[LogMessage], subject: ScopedId, *, whole: bool
) -> None:
    """With the number of ids that its receipt says."""
    graph = DictGraph()
    weave(log, graph, check=False)
    graph.audit.clear()
    request = replace(erase(subject, whole=whole), receipt="R9")

    weave([request, request], graph)

    (record,) = graph.audit
    assert record.ids == graph.receipts[BUSINESS, "R9"].ids
    assert (record.business, record.at_ms) == (BUSINESS, LATER)
    assert (record.whole_person, record.reason) == (whole, "requested")
    assert str(subject.user) not in record.id
    assert f"user={subject.user!r}" not in repr(record)
