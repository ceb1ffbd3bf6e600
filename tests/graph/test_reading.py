"""What is told can be read back."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import full_logs

from idweave_graph.documents import event_document, person_document
from idweave_graph.messages import LogMessage
from idweave_graph.reading import UnreadableDocumentError, read_event, read_person


@given(log=full_logs())
def test_reading_undoes_writing(log: list[LogMessage]) -> None:
    """Each event and person, written again, is what was read."""
    graph = DictGraph()
    for event in weave(log, graph, check=False):
        document = event_document(event)
        read = read_event(document)
        assert read is not None
        assert event_document(read) == document
    for person in graph.persons.values():
        document = person_document(person)
        assert person_document(read_person(document)) == document


def test_an_event_of_a_type_that_is_not_known_is_passed_over() -> None:
    """A newer idweave may tell of more."""
    assert read_event({"type": "crowned", "crown": 1}) is None


@given(log=full_logs(), data=st.data())
def test_fields_that_are_not_known_are_passed_over(
    log: list[LogMessage], data: st.DataObject
) -> None:
    """Fields may be added at any time."""
    for event in weave(log, DictGraph(), check=False):
        document = event_document(event)
        assert read_event({**document, "mood": 1}) == read_event(document)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "members", "a"]), inner)
    ),
    max_leaves=8,
)


@given(log=full_logs(), data=st.data())
def test_garbage_is_read_or_told_in_one_way(
    log: list[LogMessage], data: st.DataObject
) -> None:
    """Whatever stands where, without its content."""
    for event in weave(log, DictGraph(), check=False):
        document: dict[str, Any] = event_document(event)
        document[data.draw(st.sampled_from(list(document)))] = data.draw(json)
        with suppress(UnreadableDocumentError):
            read_event(document)


def test_what_can_t_be_read_is_not_repeated() -> None:
    """It holds people's ids."""
    with pytest.raises(UnreadableDocumentError) as told:
        read_person({"id": "p_1", "members": "12345"})

    assert str(told.value) == "a person is not as person.v1.json describes it"
    assert told.value.__cause__ is None
