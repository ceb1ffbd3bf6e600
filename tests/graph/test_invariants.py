"""A damaged graph is found out."""

from dataclasses import replace
from typing import Any

import pytest
from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS

from idweave_graph.bans import ban
from idweave_graph.decisions import Decision, Verdict, decision, keeping
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.ids import Member, ScopedId, member
from idweave_graph.invariants import Rule, Violation, violations
from idweave_graph.messages import Proved, Sighted
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, PersonId, Presence, Title, person_id
from idweave_graph.ports import Withdrawals

A1, A2, X, Y, Z = (
    member(text)
    for text in ("app:1:one", "app:1:two", "page:1:x", "page:2:y", "page:3:z")
)
CAUSE = Cause("t", 0, 0)


def proof(one: Member, two: Member, at_ms: int) -> Evidence:
    kind = EvidenceKind.MANUAL
    return evidence(kind, (one, 1), (two, 1), at_ms=at_ms, cause=CAUSE)


def seen(who: Member, at_ms: int) -> Sighted:
    assert isinstance(who, ScopedId)
    return Sighted(BUSINESS, OwnedId(who, 1), at_ms, CAUSE)


LONE, HELD, WAITING = proof(A2, Y, 4), proof(A1, X, 4), proof(A2, X, 5)
ONE, TWO = person_id(BUSINESS, A1), person_id(BUSINESS, A2)
THREE = person_id(BUSINESS, Z)


@pytest.fixture
def graph() -> DictGraph:
    """A1 and X are one person, A2 and Y another, and A2 would be X as well."""
    graph = DictGraph()
    proved = Proved(BUSINESS, (LONE, HELD, WAITING), 5, CAUSE)
    weave([seen(A1, 1), seen(A2, 1), proved], graph)
    return graph


def found(graph: DictGraph) -> set[Violation]:
    index = ((b, who, name) for (b, who), name in graph.index.items())
    return set(violations(graph, graph.persons.values(), index))


def decide(graph: DictGraph, verdict: Verdict, about: Evidence) -> Decision:
    """Write a decision behind the graph's back."""
    told = decision(
        (about.a, 1),
        (about.b, 1),
        verdict,
        at_ms=9,
        author="ann",
        reason="asked them",
        cause=CAUSE,
    )
    graph.taken_back[BUSINESS] = Withdrawals(has_decisions=True)
    for end in told.pair:
        graph.decisions[BUSINESS, end] = (told,)
    return told


def test_a_rejected_proof_that_counts_or_waits_is_found(graph: DictGraph) -> None:
    """At whichever of its persons holds it."""
    decide(graph, Verdict.REJECT, HELD)
    assert Violation(Rule.REJECTED, BUSINESS, ONE) in found(graph)

    graph.decisions.clear()
    decide(graph, Verdict.REJECT, WAITING)
    assert Violation(Rule.REJECTED, BUSINESS, ONE) in found(graph)
    assert Violation(Rule.REJECTED, BUSINESS, TWO) in found(graph)


def test_an_accepted_proof_that_still_waits_is_found(graph: DictGraph) -> None:
    """Unless what it waits for was accepted as well."""
    decide(graph, Verdict.ACCEPT, WAITING)
    accepted = {Violation(Rule.ACCEPTED, BUSINESS, name) for name in (ONE, TWO)}
    assert found(graph) == accepted

    rival = decide(graph, Verdict.ACCEPT, HELD)
    waiting = graph.decisions[BUSINESS, A2][0]
    graph.decisions[BUSINESS, X] = (rival, waiting)
    graph.decisions[BUSINESS, A2] = (waiting,)
    later = replace(rival, at_ms=10)
    for end in rival.pair:
        known = graph.decisions[BUSINESS, end]
        graph.decisions[BUSINESS, end] = tuple(
            later if each == rival else each for each in known
        )
    assert found(graph) == set()


def test_a_decision_that_one_end_lacks_or_keeps_wrongly_is_found(
    graph: DictGraph,
) -> None:
    """Nobody would find it from there; what is kept must be what is rejected."""
    told = decide(graph, Verdict.REOPEN, HELD)
    assert found(graph) == set()

    for end in told.pair:
        graph.decisions[BUSINESS, end] = (keeping(told, [HELD]),)
    assert found(graph) == {Violation(Rule.DECIDED, BUSINESS, ONE)}

    graph.decisions[BUSINESS, told.a] = (told,)
    graph.decisions[BUSINESS, told.b] = ()
    assert found(graph) == {Violation(Rule.DECIDED, BUSINESS, ONE)}


def test_a_sound_graph_has_nothing_to_tell(graph: DictGraph) -> None:
    """The graph that is damaged below, before that."""
    assert graph.persons.keys() == {(BUSINESS, ONE), (BUSINESS, TWO)}
    assert found(graph) == set()


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"generation": 0}, {Rule.COUNTED}),
        (
            {"members": {}},
            {
                Rule.NAMED,
                Rule.CONNECTED,
                Rule.INDEXED,
                Rule.QUARANTINED,
                Rule.SPOKEN_FOR,
            },
        ),
        ({"members": {A1: 1}}, {Rule.CONNECTED, Rule.INDEXED, Rule.SPOKEN_FOR}),
        ({"presence": {A1: Presence(2, 0, 1)}}, {Rule.SPOKEN_FOR, Rule.CURRENT}),
        (
            {"presence": {A1: Presence(1, 0, 1), Z: Presence(1, 0, 1)}},
            {Rule.SPOKEN_FOR},
        ),
        ({"presence": {A1: Presence(1, 7, 1)}}, {Rule.NAMED}),
        ({"titles": (Title(ONE, Z, True, 1),)}, {Rule.NAMED}),
        ({"titles": (Title(THREE, X, True, 0),)}, {Rule.NAMED}),
        ({"absorbed": (THREE,)}, {Rule.ABSORBED}),
        ({"members": {A1: 9, X: 2}}, {Rule.NAMED, Rule.FIRST_SEEN}),
        ({"members": {A1: 1, X: 9}}, {Rule.FIRST_SEEN}),
        ({"evidence": ()}, {Rule.CONNECTED}),
        ({"evidence": (LONE,)}, {Rule.CONNECTED}),
        ({"evidence": (HELD, HELD)}, {Rule.CONNECTED}),
        ({"evidence": (HELD, WAITING)}, {Rule.CONNECTED}),
        ({"quarantined": (HELD, WAITING)}, {Rule.CONNECTED, Rule.QUARANTINED}),
        ({"quarantined": (LONE, WAITING)}, {Rule.QUARANTINED}),
        ({"quarantined": (proof(A1, Z, 5), WAITING)}, {Rule.QUARANTINED}),
        ({"absorbed": (TWO,)}, {Rule.ABSORBED}),
        ({"absorbed": ("p_2", "p_1")}, {Rule.ABSORBED}),
    ],
)
def test_a_damaged_person_is_named(
    graph: DictGraph, change: dict[str, Any], rules: set[Rule]
) -> None:
    """Each rule that no longer holds is told, with the person and without ids."""
    graph.persons[BUSINESS, ONE] = replace(graph.persons[BUSINESS, ONE], **change)

    mine = {each for each in found(graph) if each.person == ONE}

    assert mine == {Violation(rule, BUSINESS, ONE) for rule in rules}


def test_two_ids_of_an_asset_in_one_person(graph: DictGraph) -> None:
    """Not even with evidence for it."""
    graph.persons = {
        (BUSINESS, ONE): replace(
            graph.persons[BUSINESS, ONE],
            members={A1: 1, A2: 1, X: 4, Y: 4},
            evidence=(HELD, LONE, WAITING),
            quarantined=(),
        )
    }
    graph.index = dict.fromkeys(graph.index, ONE)

    assert Rule.COHERENT in {each.rule for each in found(graph)}


def test_two_banned_ids_in_one_person(graph: DictGraph) -> None:
    """Only as long as the ban stands."""
    assert isinstance(A1, ScopedId)
    assert isinstance(X, ScopedId)
    ends = OwnedId(A1, 1), OwnedId(X, 1)
    banned = ban(*ends, at_ms=9, author="ann", reason="two people", cause=CAUSE)
    graph.taken_back[BUSINESS] = Withdrawals(has_bans=True)

    graph.bans = {(BUSINESS, A1): (banned,), (BUSINESS, X): (banned,)}
    assert Violation(Rule.BANNED, BUSINESS, ONE) in found(graph)

    lifted = replace(banned, is_lifted=True)
    graph.bans = {(BUSINESS, A1): (lifted,), (BUSINESS, X): (lifted,)}
    assert found(graph) == set()


def test_a_quarantine_that_one_side_forgot(graph: DictGraph) -> None:
    """A proof in quarantine is kept by both of the persons at its ends."""
    graph.persons[BUSINESS, TWO] = replace(graph.persons[BUSINESS, TWO], quarantined=())

    assert found(graph) == {Violation(Rule.QUARANTINED, BUSINESS, ONE)}


def test_a_quarantine_without_contradiction(graph: DictGraph) -> None:
    """Where nothing stands against a proof, it should have joined its persons."""
    alone, other = person_id(BUSINESS, X), person_id(BUSINESS, Z)
    waiting = proof(X, Z, 9)
    graph.persons = {
        (BUSINESS, name): Person(BUSINESS, name, 1, {who: 1}, (), (waiting,))
        for name, who in ((alone, X), (other, Z))
    }
    graph.index = {(BUSINESS, X): alone, (BUSINESS, Z): other}

    assert {each.rule for each in found(graph)} == {Rule.QUARANTINED}


@pytest.mark.parametrize("name", [TWO, PersonId("p_0")])
def test_an_index_that_leads_astray(graph: DictGraph, name: PersonId) -> None:
    """To somebody else, or to nobody: both the person and the entry are told."""
    graph.index[BUSINESS, X] = name

    indexed = {each for each in found(graph) if each.rule is Rule.INDEXED}

    assert indexed == {Violation(Rule.INDEXED, BUSINESS, each) for each in (ONE, name)}


def test_an_index_entry_that_is_left_over(graph: DictGraph) -> None:
    """An id that no person has should not be in the index."""
    graph.index[BUSINESS, Z] = ONE

    assert found(graph) == {Violation(Rule.INDEXED, BUSINESS, ONE)}


def test_a_person_that_the_index_names_is_missed_at_once(graph: DictGraph) -> None:
    """Weaving on over a hole would hide it: it stops, and says what to run."""
    del graph.persons[BUSINESS, ONE]

    with pytest.raises(LookupError, match="idweave verify") as caught:
        weave([seen(X, 1)], graph, check=False)

    assert ONE not in str(caught.value)
