"""What an erasure or a deauthorization does to lookups."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictLookups
from tests.support.strategies import BUSINESS, OTHER_BUSINESS

from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.lookups import LookupPhase
from idweave_graph.messages import (
    Answer,
    Command,
    CommandKind,
    Erase,
    Forgotten,
    LogMessage,
    Outcome,
    Proved,
    Receipt,
    Sighted,
    Sighting,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.resolve import LookupPolicy, ResolveMessage, handle

POLICY = LookupPolicy()
CAUSE = Cause("commands", 0, 3)
SEEN = OwnedId(ScopedId(Asset.parse("app:1"), "x"), 1)
LINK = OwnedId(ScopedId(Asset.parse("page:1"), "y"), 1)
SIGHTING = Sighting(BUSINESS, SEEN, 10, CAUSE)
ANSWER = Answer(BUSINESS, SEEN, 20, Outcome.ANSWERED, (LINK,))
ERASE_ALL = Command(BUSINESS, SEEN, CommandKind.ERASE_PERSON, 30, CAUSE, "R1")
ERASE_ONE = replace(ERASE_ALL, kind=CommandKind.ERASE_ID)
DEAUTHORIZE = replace(ERASE_ALL, kind=CommandKind.DEAUTHORIZE)
FORGOTTEN = Forgotten(BUSINESS, SEEN.id, 30, CAUSE)


def told(lookups: DictLookups, *messages: ResolveMessage) -> list[LogMessage]:
    """What goes on the evidence log."""
    return [
        each
        for message in messages
        for each in lookups.apply(handle(lookups, message, policy=POLICY))
    ]


@pytest.mark.parametrize("whole", [True, False])
def test_an_erasure_drops_the_lookup_and_goes_on_the_log(*, whole: bool) -> None:
    """Whether it was answered or not."""
    lookups = DictLookups()
    told(lookups, SIGHTING, ANSWER)

    found = told(lookups, ERASE_ALL if whole else ERASE_ONE)

    assert found == [Erase(BUSINESS, SEEN.id, whole, 30, CAUSE, "R1")]
    assert lookups.lookups == {}
    assert lookups.receipts == []  # the graph tells, when it is done


def test_an_id_without_lookup_is_erased_as_well() -> None:
    """It may be known by what another id's lookup answered."""
    assert told(DictLookups(), ERASE_ONE) == [
        Erase(BUSINESS, SEEN.id, False, 30, CAUSE, "R1")
    ]


def test_an_answer_that_comes_after_the_erasure_is_nobodys() -> None:
    """The lookup it was for is gone."""
    lookups = DictLookups()
    told(lookups, SIGHTING, ERASE_ONE)

    assert told(lookups, replace(ANSWER, at_ms=40)) == []
    assert lookups.lookups == {}


def test_who_is_seen_again_is_looked_up_again() -> None:
    """As somebody new, and a repeated erasure does not stop that."""
    lookups = DictLookups()
    told(lookups, SIGHTING, ANSWER, ERASE_ALL)

    found = told(lookups, replace(SIGHTING, at_ms=31), ERASE_ALL, FORGOTTEN)

    assert [type(message) for message in found] == [Sighted, Erase]
    assert lookups.lookups[SEEN.id].phase is LookupPhase.PENDING


@pytest.mark.parametrize("message", [ERASE_ONE, FORGOTTEN, DEAUTHORIZE])
def test_the_lookup_of_another_owner_stays(message: Command | Forgotten) -> None:
    """The asset has changed hands since."""
    lookups = DictLookups()
    told(lookups, replace(SIGHTING, business=OTHER_BUSINESS))
    before = dict(lookups.lookups)

    told(lookups, message)

    assert lookups.lookups == before


@pytest.mark.parametrize("whole", [True, False])
def test_an_erasure_drops_what_an_earlier_owner_has_left(*, whole: bool) -> None:
    """Its lookup would outlive the receipt; the graph of that owner has let go."""
    lookups = DictLookups()
    told(lookups, replace(SIGHTING, business=OTHER_BUSINESS))
    command = replace(
        ERASE_ALL if whole else ERASE_ONE, seen=replace(SEEN, epoch=SEEN.epoch + 1)
    )

    told(lookups, replace(command, at_ms=SIGHTING.at_ms - 1))
    assert SEEN.id in lookups.lookups  # seen only later

    told(lookups, command)
    assert lookups.lookups == {}


@pytest.mark.parametrize("answered_ms", [25, 33])
def test_what_the_graph_forgot_is_forgotten_here(answered_ms: int) -> None:
    """An answer that the graph got only after it forgot is erased as well, once."""
    lookups = DictLookups()
    told(lookups, SIGHTING, replace(ANSWER, at_ms=answered_ms))

    found = told(lookups, FORGOTTEN, FORGOTTEN)

    until_ms = max(30, answered_ms)
    assert found == [Erase(BUSINESS, SEEN.id, False, until_ms, CAUSE, "")]
    assert lookups.lookups == {}


def test_a_deauthorized_id_is_not_asked_about() -> None:
    """Until it is seen again; an answer that is on its way does not count."""
    lookups = DictLookups()
    told(lookups, SIGHTING)

    assert told(lookups, DEAUTHORIZE, replace(ANSWER, at_ms=35), SIGHTING) == []

    closed = lookups.lookups[SEEN.id]
    assert (closed.phase, closed.detail) == (LookupPhase.FAILED, "deauthorized")
    assert not closed.is_open
    assert lookups.receipts == [Receipt("R1", 30, 0)]


def test_who_comes_back_after_a_deauthorization_is_asked_about_again() -> None:
    """And a repeated deauthorization does not stop that, nor does the next answer."""
    lookups = DictLookups()
    told(lookups, SIGHTING, ANSWER, DEAUTHORIZE)
    told(lookups, replace(SIGHTING, at_ms=31))
    opened = lookups.lookups[SEEN.id]
    assert opened.is_open

    told(lookups, DEAUTHORIZE)
    assert lookups.lookups[SEEN.id] == opened

    (proved,) = told(lookups, replace(ANSWER, at_ms=40))
    assert isinstance(proved, Proved)


def test_a_deauthorization_of_an_unknown_id_is_done() -> None:
    lookups = DictLookups()

    assert told(lookups, DEAUTHORIZE, replace(DEAUTHORIZE, receipt="")) == []

    assert lookups.lookups == {}
    assert lookups.receipts == [Receipt("R1", 30, 0)]


times = st.integers(1, 40)
talk: st.SearchStrategy[list[ResolveMessage]] = st.lists(
    st.one_of(
        times.map(lambda at_ms: replace(SIGHTING, at_ms=at_ms)),
        times.map(lambda at_ms: replace(ANSWER, at_ms=at_ms)),
        times.map(lambda at_ms: replace(ERASE_ONE, at_ms=at_ms)),
        times.map(lambda at_ms: replace(DEAUTHORIZE, at_ms=at_ms)),
        times.map(lambda at_ms: replace(FORGOTTEN, at_ms=at_ms)),
    ),
    max_size=12,
)


@given(messages=talk)
def test_what_is_repeated_changes_no_lookup(messages: list[ResolveMessage]) -> None:
    """Each message again right away finds its work done."""
    lookups = DictLookups()
    for message in messages:
        told(lookups, message)
        before = dict(lookups.lookups)
        told(lookups, message)
        assert lookups.lookups == before


@given(messages=talk, at_ms=times)
def test_no_lookup_of_up_to_the_erasure_survives_it(
    messages: list[ResolveMessage], at_ms: int
) -> None:
    lookups = DictLookups()
    told(lookups, *messages, replace(ERASE_ALL, at_ms=at_ms))

    left = lookups.lookups.get(SEEN.id)

    assert left is None or left.first_seen_ms > at_ms
