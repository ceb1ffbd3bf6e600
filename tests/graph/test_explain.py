"""Why two are one person: a shortest chain of accepted evidence, or what is known instead."""

from dataclasses import replace
from itertools import permutations
from random import Random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import (
    APPS,
    BUSINESS,
    PAGES,
    banning_logs,
    evidence_logs,
    members,
    owner_logs,
    proofs,
)

from idweave_graph.events import IdentityEvent
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.explain import (
    WORDS,
    Apart,
    BrokenPersonError,
    Joined,
    Step,
    chain_between,
    why,
)
from idweave_graph.ids import BusinessToken, LinkingCode, Member, ScopedId
from idweave_graph.messages import LogMessage, Proved
from idweave_graph.person import Person, PersonId

one_of_a_key = st.lists(proofs(), max_size=14, unique_by=lambda proof: proof.key)

ASID, OTHER_ASID = ScopedId(APPS[0], "x"), ScopedId(APPS[1], "x")
PSID, OTHER_PSID = ScopedId(PAGES[0], "x"), ScopedId(PAGES[0], "y")


def proof(
    kind: EvidenceKind, one: Member, two: Member, at_ms: int = 1, offset: int = 0
) -> Evidence:
    cause = Cause("answers", 0, offset)
    ends = [(end, int(isinstance(end, ScopedId))) for end in (one, two)]
    return evidence(kind, *ends, at_ms=at_ms, cause=cause)


def hops(told: list[Evidence], start: Member, end: Member) -> int | None:
    """How far apart two members are, by somebody else's algorithm."""
    graph: nx.Graph[Member] = nx.Graph()
    graph.add_nodes_from((start, end))
    graph.add_edges_from((p.a, p.b) for p in told)
    if not nx.has_path(graph, start, end):
        return None
    return int(nx.shortest_path_length(graph, start, end))


@given(told=one_of_a_key, start=members, end=members)
def test_a_chain_is_a_shortest_path_of_the_evidence(
    told: list[Evidence], start: Member, end: Member
) -> None:
    """From the first to the second, each step a proof of its two ends; none iff there is none."""
    chain = chain_between(told, start, end)

    if chain is None:
        assert hops(told, start, end) is None
        return
    assert len(chain) == hops(told, start, end)
    stops = [start, *(step.end for step in chain)]
    assert stops[-1] == end
    assert [step.start for step in chain] == stops[:-1]
    assert all(step.proof in told for step in chain)
    assert all({s.start, s.end} == {s.proof.a, s.proof.b} for s in chain)


@given(told=one_of_a_key, start=members, end=members, random=st.randoms())
def test_a_chain_does_not_depend_on_the_order_of_the_evidence(
    told: list[Evidence], start: Member, end: Member, random: Random
) -> None:
    """And the way back is the same way."""
    chain = chain_between(told, start, end)
    shuffled = chain_between(random.sample(told, len(told)), start, end)
    back = chain_between(told, end, start)

    assert shuffled == chain
    if chain is not None:
        turned = tuple(Step(s.end, s.start, s.proof) for s in reversed(chain))
        assert back == turned


def weakness(each: Evidence) -> tuple[bool, int]:
    return (
        each.kind in (EvidenceKind.ACCOUNT_LINKING, EvidenceKind.MANUAL),
        each.at_ms,
    )


@given(told=one_of_a_key)
def test_no_chain_of_the_same_length_is_firmer(told: list[Evidence]) -> None:
    """Without its weakest proof and all that are as weak, nothing as short is left."""
    ends = {end for each in told for end in (each.a, each.b)}

    for start, end in permutations(ends, 2):
        chain = chain_between(told, start, end)
        if chain is not None:
            worst = max(weakness(step.proof) for step in chain)
            firmer = [each for each in told if weakness(each) < worst]
            assert hops(firmer, start, end) not in range(len(chain) + 1)


@given(log=evidence_logs())
def test_members_have_a_chain_iff_they_are_one_person(log: list[LogMessage]) -> None:
    """Of every person, between any two of them; of two persons never."""
    graph = DictGraph()
    weave(log, graph, check=False)
    homes = [(m, person) for person in graph.persons.values() for m in person.members]

    for one in homes:
        for two in homes:
            verdict = why(one, two)
            if one[1].id == two[1].id:
                assert isinstance(verdict, Joined)
                assert {s.proof for s in verdict.chain} <= set(one[1].evidence)
            else:
                assert isinstance(verdict, Apart)
                assert (verdict.one, verdict.two) == (one[1], two[1])


@given(log=st.one_of(owner_logs(), banning_logs()))
def test_each_proof_in_quarantine_says_which_ids_would_meet(
    log: list[LogMessage],
) -> None:
    """Two ids of one app or Page, or two tokens, one of each person; or who banned it."""
    graph = DictGraph()
    events = weave(log, graph, check=False)
    home = {m: person for person in graph.persons.values() for m in person.members}
    told = {p for person in home.values() for p in person.quarantined}

    for each in told:
        if each.a in home and each.b in home:
            one, two = home[each.a], home[each.b]
            verdict = why((each.a, one), (each.b, two), events)
            assert isinstance(verdict, Apart)
            (clash,) = (c for c in verdict.clashes if c.proof == each)
            assert clash.rivals or verdict.bans
            for mine, yours in clash.rivals:
                assert mine.scope == yours.scope
                assert (mine in one.members, yours in two.members) == (True, True)


def test_what_meta_said_comes_before_what_the_business_said() -> None:
    """Also where the business said it earlier."""
    told = [
        proof(EvidenceKind.MANUAL, ASID, PSID, at_ms=1),
        proof(EvidenceKind.IDS_FOR_PAGES, ASID, PSID, at_ms=2),
        proof(EvidenceKind.IDS_FOR_APPS, ASID, PSID, at_ms=3),
    ]

    chain = chain_between(told, ASID, PSID)

    assert chain == (Step(ASID, PSID, told[1]),)


@pytest.mark.parametrize("between", [BusinessToken("t"), LinkingCode.of("c")])
def test_a_chain_goes_through_what_two_ids_have_in_common(between: Member) -> None:
    """A business token or a linking code is a stop on the way."""
    kind = EvidenceKind.TOKEN_FOR_BUSINESS
    told = [proof(kind, ASID, between), proof(kind, OTHER_ASID, between, offset=1)]

    chain = chain_between(told, ASID, OTHER_ASID)

    assert chain is not None
    assert [step.end for step in chain] == [between, OTHER_ASID]


def test_a_refused_link_between_them_is_told() -> None:
    """A proof of an ownership that was over: one id, and the other's app or Page."""
    stale = proof(EvidenceKind.IDS_FOR_PAGES, ASID, PSID)
    newer = replace(stale, a=OTHER_ASID, b=PSID, epoch_a=1, epoch_b=2)
    log = [
        Proved(BUSINESS, (each,), each.at_ms, Cause("sightings", 0, number))
        for number, each in enumerate(
            (newer, proof(EvidenceKind.TOKEN_FOR_BUSINESS, ASID, BusinessToken("t")))
        )
    ]
    graph = DictGraph()
    told = weave(log, graph)
    told += weave([Proved(BUSINESS, (stale,), 9, Cause("sightings", 0, 9))], graph)
    home = {m: person for person in graph.persons.values() for m in person.members}

    verdict = why((ASID, home[ASID]), (PSID, home[PSID]), told)
    reverse = why((PSID, home[PSID]), (ASID, home[ASID]), told)
    others = why((OTHER_ASID, home[OTHER_ASID]), (ASID, home[ASID]), told)

    assert isinstance(verdict, Apart)
    assert isinstance(reverse, Apart)
    assert isinstance(others, Apart)
    assert [refusal_of(e) for e in verdict.refused] == ["stale-epoch"]
    assert (reverse.refused, others.refused) == (verdict.refused, ())


def refusal_of(event: IdentityEvent) -> str | None:
    return None if event.refusal is None else event.refusal.reason


def test_a_person_whose_evidence_has_a_gap_is_told() -> None:
    """A damaged record is no answer."""
    person = Person(BUSINESS, PersonId("p_1"), 1, {ASID: 1, PSID: 1})

    with pytest.raises(BrokenPersonError):
        why((ASID, person), (PSID, person))


def test_every_kind_of_evidence_has_words() -> None:
    """So that no chain falls back to a code."""
    assert WORDS.keys() == set(EvidenceKind)


@given(told=one_of_a_key)
def test_an_id_is_itself(told: list[Evidence]) -> None:
    """The chain to itself has no steps."""
    assert chain_between(told, PSID, PSID) == ()
    assert OTHER_PSID != PSID
