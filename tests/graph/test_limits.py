"""Persons and tangles stay bounded, and nothing breaks where a bound is reached."""

import json

import pytest
from hypothesis import given
from tests.support.graph import DictGraph, step, weave
from tests.support.strategies import BUSINESS, evidence_logs, full_logs

from idweave_graph import invariants, tangle, transition
from idweave_graph.derive import MAX_PROOFS, WAYS
from idweave_graph.documents import event_document
from idweave_graph.events import EventType
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, AssetKind, BusinessToken, Member, ScopedId, member
from idweave_graph.invariants import Rule, violations
from idweave_graph.messages import AssetChanged, Erase, LogMessage, Proved, Sighted
from idweave_graph.ownership import OwnedId
from idweave_graph.tangle import MAX_TANGLE
from idweave_graph.transition import MAX_QUARANTINED
from idweave_graph.weave import handle

TOKEN = BusinessToken("everybody")
APP = Asset(AssetKind.APP, "1")


def proved(at_ms: int, one: Member, *others: Member) -> Proved:
    """One answer: *one* is each of *others*."""
    cause = Cause("answers", 0, at_ms)
    kind = EvidenceKind.IDS_FOR_PAGES
    proofs = tuple(
        evidence(kind, (one, 1), (other, 1), at_ms=at_ms, cause=cause)
        for other in others
    )
    return Proved(BUSINESS, proofs, at_ms, cause)


def on_page(number: int) -> ScopedId:
    return ScopedId(Asset(AssetKind.PAGE, str(1_000 + number)), "x")


def crowd(size: int) -> list[LogMessage]:
    """*size* people of one app who all carry the same token, which is wrong."""
    return [proved(n, ScopedId(APP, str(n)), TOKEN) for n in range(1, size + 1)]


@pytest.fixture(scope="module")
def crowded() -> DictGraph:
    graph = DictGraph()
    weave(crowd(2 * MAX_TANGLE), graph, check=False)
    return graph


def test_one_person_of_a_crowd_has_the_token(crowded: DictGraph) -> None:
    """The first; all others stay themselves, and some keep their proof in quarantine."""
    crowded.assert_sound()

    lengths = sorted(len(person.members) for person in crowded.persons.values())
    assert lengths == [1] * (2 * MAX_TANGLE - 1) + [2]
    alone = [p for p in crowded.persons.values() if len(p.members) == 1]
    assert sum(len(person.quarantined) for person in alone) == MAX_QUARANTINED
    (holder,) = (p for p in crowded.persons.values() if len(p.members) == 2)
    assert len(holder.quarantined) == MAX_QUARANTINED


def test_a_crowd_is_told_one_by_one() -> None:
    """Each contradiction that is kept is told once, and no more of them are."""
    events = weave(crowd(2 * MAX_TANGLE), DictGraph(), check=False)

    told = [e.proofs[0].a for e in events if e.type is EventType.QUARANTINED]
    assert len(told) == len(set(told)) == MAX_QUARANTINED


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("who", [1, 2, 3 * MAX_TANGLE - 1])
def test_who_is_forgotten_is_forgotten_by_a_whole_crowd(
    who: int, *, whole: bool
) -> None:
    """However many people of one app are said to be one and the same on a Page."""
    everybody = on_page(1)
    people = [ScopedId(APP, str(n)) for n in range(1, 3 * MAX_TANGLE)]
    graph = DictGraph()
    weave(
        [proved(n, one, everybody) for n, one in enumerate(people, start=1)],
        graph,
        check=False,
    )

    cause = Cause("commands", 0, 1)
    for subject in (people[who - 1], everybody):
        weave([Erase(BUSINESS, subject, whole, 999, cause, "")], graph, check=False)
        assert repr(subject) not in repr((graph.persons, graph.index))
        graph.assert_sound()


def test_all_persons_of_a_message_are_seen_whatever_is_around(
    crowded: DictGraph,
) -> None:
    """Whoever a message names is found, even next to a crowd that is not."""
    graph = DictGraph(dict(crowded.persons), dict(crowded.index))
    second = [
        proved(400 + n, ScopedId(APP, str(n)), BusinessToken("many"))
        for n in range(MAX_TANGLE, 2 * MAX_TANGLE)
    ]
    pages = [on_page(number) for number in range(3)]
    weave([*second, proved(500, pages[0], *pages[1:])], graph, check=False)

    weave([proved(501, pages[2], TOKEN)], graph)

    holder = graph.persons[BUSINESS, graph.index[BUSINESS, TOKEN]]
    assert set(holder.members) == {ScopedId(APP, "1"), TOKEN, *pages}


def test_a_crowd_is_not_read_whole(crowded: DictGraph) -> None:
    """However many stand around a person, a message looks at some of them."""
    graph = DictGraph(dict(crowded.persons), dict(crowded.index))

    handle(graph, proved(500, ScopedId(APP, "new"), TOKEN))

    persons_and_their_proofs = 2 * (MAX_TANGLE + MAX_QUARANTINED + 2)
    assert graph.reads <= persons_and_their_proofs


@pytest.fixture(scope="module")
def large() -> DictGraph:
    """Two hundred ids that all name each other."""
    ids = [on_page(number) for number in range(200)]
    graph = DictGraph()
    everyone = [proved(n, one, *ids[:n], *ids[n + 1 :]) for n, one in enumerate(ids)]
    weave(everyone, graph, check=False)
    return graph


def test_a_large_person_is_as_large_as_their_members(large: DictGraph) -> None:
    """Of some 20,000 proofs those are kept that hold the person together."""
    large.assert_sound()

    (person,) = large.persons.values()
    assert len(person.members) == 200
    assert MAX_PROOFS < len(person.evidence) <= WAYS * 200
    assert large.reads < 200 * 4 * 200  # per id: two assets, whose it is, and room


def test_what_is_told_of_a_large_person_fits_into_a_record(large: DictGraph) -> None:
    """A person of 200 members stays far below Kafka's usual 1 MiB."""
    graph = DictGraph(dict(large.persons), dict(large.index))

    (event,) = weave([proved(999, on_page(0), TOKEN)], graph)

    assert event.type is EventType.LINKED
    assert len(json.dumps(event_document(event))) < 256 * 1024


@given(log=evidence_logs(max_size=20))
def test_reached_bounds_break_nothing(log: list[LogMessage]) -> None:
    """With room for hardly any tangle, all rules hold but that for what is left out."""
    graph = DictGraph()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tangle, "MAX_TANGLE", 1)
        patch.setattr(transition, "MAX_QUARANTINED", 1)
        patch.setattr(invariants, "MAX_QUARANTINED", 1)
        for message in log:
            graph.apply(handle(graph, message))
            index = ((b, who, name) for (b, who), name in graph.index.items())
            broken = violations(graph, graph.persons.values(), index)
            assert {each.rule for each in broken} <= {Rule.QUARANTINED}


def test_a_lost_id_is_known_to_nobody_beyond_the_tangle() -> None:
    """A message that comes before the sweep takes it out, of all who have proofs of it."""
    lost, other, near, mine, far, his = map(
        member, ("app:1:s", "app:2:f", "app:3:n", "app:2:g", "page:1:z", "app:2:h")
    )
    pairs = [(lost, other), (near, mine), (far, his), (near, other), (lost, far)]
    cause = Cause("assets", 0, 1)
    graph = DictGraph()
    weave([proved(at_ms, *pair) for at_ms, pair in enumerate(pairs, 1)], graph)
    assert repr(lost) in repr(graph.persons[BUSINESS, graph.index[BUSINESS, far]])
    assert isinstance(near, ScopedId)
    step(AssetChanged(BUSINESS, APP, 1, False, 9, cause), graph)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tangle, "MAX_TANGLE", 1)
        step(Sighted(BUSINESS, OwnedId(near, 1), 10, cause), graph)

    assert repr(lost) not in repr((graph.persons, graph.index))


@given(log=full_logs(max_size=20))
def test_what_goes_is_known_to_nobody_however_small_the_tangle(
    log: list[LogMessage],
) -> None:
    """A proof in quarantine is between two who are there, and known to both."""
    graph = DictGraph()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tangle, "MAX_TANGLE", 0)
        for message in log:
            weave([message], graph, check=False)
            for person in graph.persons.values():
                for proof in person.quarantined:
                    ends = (graph.index[BUSINESS, end] for end in (proof.a, proof.b))
                    assert all(
                        proof in graph.persons[BUSINESS, name].quarantined
                        for name in ends
                    )
