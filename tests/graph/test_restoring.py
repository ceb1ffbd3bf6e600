"""What follows from the public form of a person, and what is supposed of a graph."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st
from tests.support.deciding import A, B, joined, proof, said, seen
from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS, deciding_logs, evidence_logs

from idweave_graph.decisions import Verdict
from idweave_graph.documents import person_document
from idweave_graph.messages import LogMessage
from idweave_graph.reading import read_person
from idweave_graph.restoring import lives_of, restored
from idweave_graph.supposing import Supposing


@given(log=evidence_logs())
def test_where_nothing_was_withdrawn_lives_and_names_follow(
    log: list[LogMessage],
) -> None:
    """Every name is that of a member, in the life in which it is, and none is guessed."""
    graph = DictGraph()
    weave(log, graph)

    for person in graph.persons.values():
        found = restored(read_person(person_document(person)), lambda _: 1)

        assert found.strange == frozenset()
        assert found.person.titles == person.titles == ()
        lives = {who: ground.life for who, ground in person.presence.items()}
        assert {w: g.life for w, g in found.person.presence.items()} == lives
        assert found.nameless == person.members.keys() - lives_of(person).keys()


@given(log=deciding_logs())
def test_whoever_is_restored_is_told_as_before(log: list[LogMessage]) -> None:
    """The public form is the same, however much was taken back."""
    graph = DictGraph()
    weave(log, graph)

    for person in graph.persons.values():
        document = person_document(person)

        assert person_document(restored(read_person(document), lambda _: 1).person) == (
            document
        )


@given(log=deciding_logs(), at=st.integers(0, 13))
def test_supposing_changes_nothing_and_tells_what_comes(
    log: list[LogMessage], at: int
) -> None:
    """Message by message, and the persons are those that come of it."""
    graph = DictGraph()
    weave(log[:at], graph)
    before = deepcopy(graph.persons)
    supposing = Supposing(graph, BUSINESS)

    for message in log[at:]:
        supposing.handle(message)

    supposed = supposing.supposed()
    assert graph.persons == before
    events = weave(log[at:], graph)
    assert [event for each in supposed.told for event in each] == events
    for name, person in supposed.after.items():
        assert graph.persons[BUSINESS, name] == person


def test_who_is_asked_about_is_told_of_though_nothing_changes() -> None:
    """A question whose answer is nothing names the persons all the same."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2), joined(proof(A, B, 3))], graph)
    supposing = Supposing(graph, BUSINESS)

    supposing.handle(said(Verdict.REOPEN, A, B), (A, B))

    supposed = supposing.supposed()
    assert supposed.before == supposed.after
    assert list(supposed.before) == [graph.index[BUSINESS, A]]
