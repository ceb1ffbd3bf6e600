"""The graph is a fold whose result knows nothing of order and repetition."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, sets_of, weave, who_is_who
from tests.support.strategies import EPOCHS, evidence_logs, full_logs, owner_logs

from idweave_graph.events import EventType
from idweave_graph.messages import LogMessage


@given(log=evidence_logs(), random=st.randoms())
def test_order_and_repetition_do_not_matter(
    log: list[LogMessage], random: Random
) -> None:
    """The same sightings and proofs give the same persons, whatever contradicts."""
    straight, shuffled = DictGraph(), DictGraph()

    weave(log, straight)
    weave(repeated(log, random), shuffled)

    assert who_is_who(shuffled) == who_is_who(straight)
    assert shuffled.index == straight.index


@given(log=evidence_logs(EPOCHS), random=st.randoms())
def test_only_the_last_epoch_of_an_asset_counts_in_any_order(
    log: list[LogMessage], random: Random
) -> None:
    """Evidence of an epoch before goes, or does not come in; names may differ."""
    straight, shuffled = DictGraph(), DictGraph()

    weave(log, straight)
    weave(repeated(log, random), shuffled)

    assert sets_of(shuffled) == sets_of(straight)


def repeated(log: list[LogMessage], random: Random) -> list[LogMessage]:
    several = log + random.choices(log, k=len(log)) if log else []
    random.shuffle(several)
    return several


@given(log=evidence_logs())
def test_all_messages_again_change_nothing(log: list[LogMessage]) -> None:
    """A log that is read once more from its start has no effect and tells nothing."""
    graph = DictGraph()
    weave(log, graph, check=False)
    before = DictGraph(dict(graph.persons), dict(graph.index))

    events = weave(log, graph, check=False)

    assert events == []
    assert (graph.persons, graph.index) == (before.persons, before.index)


@given(log=full_logs())
def test_whatever_the_log_holds_the_graph_is_sound(log: list[LogMessage]) -> None:
    """After each message all invariants hold, and handling it again does nothing."""
    weave(log, DictGraph())


@given(log=owner_logs())
def test_old_messages_after_a_change_of_owner_are_refused_once(
    log: list[LogMessage],
) -> None:
    """Read again, a log may at most be refused as stale; a third time it is silent."""
    graph = DictGraph()
    weave(log, graph, check=False)
    persons = dict(graph.persons)

    second = weave(log, graph, check=False)
    third = weave(log, graph, check=False)

    assert {event.type for event in second} <= {EventType.REFUSED}
    assert third == []
    assert graph.persons == persons
