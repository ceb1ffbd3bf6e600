"""Old news of who was erased opens no lookup and puts nothing on the log."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictLookups
from tests.support.strategies import BUSINESS, OTHER_BUSINESS

from idweave_graph.effects import Tell
from idweave_graph.erasures import Erased
from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, BusinessToken, ScopedId
from idweave_graph.messages import (
    Answer,
    AssetForgotten,
    Command,
    CommandKind,
    Erase,
    Forgotten,
    LogMessage,
    Outcome,
    Sighted,
    Sighting,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.resolve import LookupPolicy, ResolveMessage, handle

POLICY = LookupPolicy()
CAUSE = Cause("commands", 0, 3)
SEEN = OwnedId(ScopedId(Asset.parse("app:1"), "x"), 1)
SIGHTING = Sighting(BUSINESS, SEEN, 10, CAUSE)
ANSWER = Answer(BUSINESS, SEEN, 20, Outcome.ANSWERED)
ERASE = Command(BUSINESS, SEEN, CommandKind.ERASE_ID, 30, CAUSE, "R1", 90)
FORGOTTEN = Forgotten(BUSINESS, SEEN.id, 30, CAUSE, 90)
ASSET_FORGOTTEN = AssetForgotten(BUSINESS, SEEN.id.asset, 30, CAUSE, 90)


def told(lookups: DictLookups, *messages: ResolveMessage) -> list[LogMessage]:
    """What goes on the evidence log."""
    return [
        each
        for message in messages
        for each in lookups.apply(handle(lookups, message, policy=POLICY))
    ]


@pytest.mark.parametrize("erasure", [ERASE, FORGOTTEN, ASSET_FORGOTTEN])
@pytest.mark.parametrize(
    "old",
    [
        replace(SIGHTING, at_ms=30),
        replace(SIGHTING, token=BusinessToken("t")),
        replace(SIGHTING, is_unlinked=True),
        replace(SIGHTING, business=OTHER_BUSINESS, seen=replace(SEEN, epoch=2)),
    ],
)
def test_an_event_of_before_the_erasure_is_dropped(
    erasure: ResolveMessage, old: Sighting
) -> None:
    """With its token, and also where somebody else owns the asset by now."""
    lookups = DictLookups()
    told(lookups, erasure)

    assert told(lookups, old) == []
    assert lookups.lookups == {}


@pytest.mark.parametrize("erasure", [ERASE, FORGOTTEN, ASSET_FORGOTTEN])
def test_a_later_event_is_news_and_an_older_one_does_not_join_it(
    erasure: ResolveMessage,
) -> None:
    """So the lookup never says that the id was known before."""
    lookups = DictLookups()
    told(lookups, erasure)

    (sighted,) = told(lookups, replace(SIGHTING, at_ms=31))
    assert isinstance(sighted, Sighted)

    assert told(lookups, SIGHTING) == []
    assert lookups.lookups[SEEN.id].first_seen_ms == 31


def test_the_erasure_goes_on_the_log_with_its_memory() -> None:
    (erase,) = told(DictLookups(), ERASE)

    assert erase == Erase(BUSINESS, SEEN.id, False, 30, CAUSE, "R1", 90)


def test_who_is_seen_while_their_asset_is_erased_is_looked_up_anew() -> None:
    """Though the graph has not come to their old lookup yet; that spares the new one."""
    lookups = DictLookups()
    told(lookups, SIGHTING, ANSWER, ASSET_FORGOTTEN)
    assert told(lookups, replace(SIGHTING, at_ms=29)) == []

    found = told(lookups, replace(SIGHTING, at_ms=31))
    assert found == [Sighted(BUSINESS, SEEN, 31, CAUSE)]
    opened = lookups.lookups[SEEN.id]
    assert (opened.first_seen_ms, opened.is_open) == (31, True)

    assert told(lookups, replace(FORGOTTEN, until_ms=0)) == []
    assert lookups.lookups[SEEN.id] == opened


def test_an_answer_that_came_late_does_not_make_the_erasure_later() -> None:
    """So an event from after the request still brings the id back."""
    lookups = DictLookups()
    found = told(lookups, SIGHTING, replace(ANSWER, at_ms=50), FORGOTTEN)
    assert found[-1] == Erase(BUSINESS, SEEN.id, False, 30, CAUSE, "", 90)

    later = replace(SIGHTING, at_ms=40)

    assert told(lookups, later) == [Sighted(BUSINESS, SEEN, 40, CAUSE)]


def test_what_is_not_to_be_remembered_is_not() -> None:
    lookups = DictLookups()
    told(lookups, replace(ERASE, until_ms=0), replace(FORGOTTEN, until_ms=0))

    assert lookups.memory == {}
    assert told(lookups, SIGHTING) == [Sighted(BUSINESS, SEEN, 10, CAUSE)]


def test_a_deauthorization_is_no_erasure() -> None:
    lookups = DictLookups()
    told(lookups, replace(ERASE, kind=CommandKind.DEAUTHORIZE))

    assert lookups.memory == {}


def test_both_sides_remember_the_same_time() -> None:
    """Or the graph would drop what the lookup counts as seen, and wait for ever."""
    lookups = DictLookups()
    told(lookups, SIGHTING, replace(ANSWER, at_ms=40))

    (again,) = told(lookups, FORGOTTEN)

    assert again == Erase(BUSINESS, SEEN.id, False, 30, CAUSE, "", 90)
    assert lookups.memory == {SEEN.id: Erased(30, 90)}


def test_memories_that_are_over_go_with_the_next_erasure() -> None:
    lookups = DictLookups()
    other = ScopedId(SEEN.id.asset, "y")
    told(lookups, FORGOTTEN, Forgotten(BUSINESS, other, 91, CAUSE, 200))

    assert lookups.memory == {other: Erased(91, 200)}


times = st.integers(1, 40)
talk: st.SearchStrategy[list[ResolveMessage]] = st.lists(
    st.one_of(
        times.map(lambda at_ms: replace(SIGHTING, at_ms=at_ms)),
        times.map(lambda at_ms: replace(ANSWER, at_ms=at_ms)),
        times.map(lambda at_ms: replace(ERASE, at_ms=at_ms)),
        times.map(lambda at_ms: replace(FORGOTTEN, at_ms=at_ms)),
    ),
    max_size=14,
)


@given(messages=talk)
def test_no_lookup_is_of_before_what_is_remembered(
    messages: list[ResolveMessage],
) -> None:
    """In any order, with any repetition, after each message."""
    lookups = DictLookups()
    for message in messages:
        told(lookups, message)
        found, erased = lookups.lookups.get(SEEN.id), lookups.memory.get(SEEN.id)
        assert found is None or erased is None or found.first_seen_ms > erased.at_ms
        again = handle(lookups, message, policy=POLICY)
        assert all(isinstance(effect, Tell) for effect in again)
