"""What holds for a lookup whatever happens to it."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, DictLookups, weave
from tests.support.strategies import BUSINESS, scoped_ids, tokens

from idweave_graph.effects import LookupEffect
from idweave_graph.events import EventType
from idweave_graph.evidence import Cause
from idweave_graph.holds import Hold
from idweave_graph.ids import ScopedId, member
from idweave_graph.lookups import (
    FIRST_RETRY_MS,
    LONGEST_RETRY_MS,
    LookupPhase,
    retry_delay_ms,
)
from idweave_graph.messages import Answer, LogMessage, Outcome, Proved, Sighting
from idweave_graph.ownership import OwnedId
from idweave_graph.resolve import LookupPolicy, handle

POLICY = LookupPolicy(empty_life_ms=30, credential_retry_ms=10, first_probe_ms=10)
CAUSE = Cause("t", 0, 0)

owned_ids = st.builds(OwnedId, scoped_ids, st.integers(1, 2))
sightings = st.builds(
    Sighting,
    st.just(BUSINESS),
    owned_ids,
    st.integers(1, 100),
    st.just(CAUSE),
    st.none() | tokens,
)
answers = st.builds(
    Answer,
    st.just(BUSINESS),
    owned_ids,
    st.integers(1, 100_000),
    st.sampled_from(Outcome),
    st.lists(owned_ids, max_size=2).map(tuple),
    retry_after_ms=st.integers(0, 5_000),
    probed=st.none()
    | st.builds(
        Hold,
        st.just(BUSINESS),
        st.just(value=True),
        st.integers(1, 100),
        st.integers(1, 100),
        st.just(0),
        st.just("x"),
    ),
).filter(lambda answer: all(link.id != answer.asked.id for link in answer.links))
messages = st.lists(sightings | answers, max_size=25)


def scoped(text: str) -> ScopedId:
    known = member(text)
    assert isinstance(known, ScopedId)
    return known


def effects_of(state: DictLookups, message: Sighting | Answer) -> list[LookupEffect]:
    return handle(state, message, policy=POLICY)


def run(state: DictLookups, message: Sighting | Answer) -> list[LogMessage]:
    return list(state.apply(effects_of(state, message)))


@given(told=messages)
def test_a_message_that_comes_again_does_nothing(
    told: list[Sighting | Answer],
) -> None:
    """No attempt is counted twice, no evidence told twice, no hold put on twice."""
    state = DictLookups()
    for message in told:
        run(state, message)
        assert effects_of(state, message) == []


@given(told=messages)
def test_a_lookup_is_asked_only_when_it_is_due(told: list[Sighting | Answer]) -> None:
    """Whatever puts off the next question, an earlier answer does not end the wait."""
    state = DictLookups()
    for message in told:
        before = state.lookup(
            message.asked.id if isinstance(message, Answer) else message.seen.id
        )
        effects = effects_of(state, message)
        if isinstance(message, Answer) and effects:
            assert before is not None
            assert before.is_open
            assert (before.seen, before.business) == (message.asked, BUSINESS)
            assert message.at_ms >= before.due_ms
        list(state.apply(effects))


@given(told=messages)
def test_every_sighted_id_has_a_lookup_of_its_newest_epoch(
    told: list[Sighting | Answer],
) -> None:
    """With the earliest time it was seen in that epoch; answers make no lookups."""
    state = DictLookups()
    for message in told:
        run(state, message)

    sighted = [message for message in told if isinstance(message, Sighting)]
    assert state.lookups.keys() == {sighting.seen.id for sighting in sighted}
    for scoped, lookup in state.lookups.items():
        mine = [s for s in sighted if s.seen.id == scoped]
        newest = max(s.seen.epoch for s in mine)
        first = min(s.at_ms for s in mine if s.seen.epoch == newest)
        assert (lookup.seen.epoch, lookup.first_seen_ms) == (newest, first)


@given(told=messages)
def test_all_evidence_that_was_told_fits_the_graph(
    told: list[Sighting | Answer],
) -> None:
    """The graph takes up what the lookups tell, and keeps its invariants."""
    state, graph = DictLookups(), DictGraph()
    for message in told:
        weave(run(state, message), graph)


@given(told=st.lists(sightings, max_size=20))
def test_sightings_again_change_no_graph(told: list[Sighting]) -> None:
    """Where an id carries two tokens they may be told again, but nothing comes of it.

    Only if the asset has another owner by then, what is told late is refused.
    """
    state, graph = DictLookups(), DictGraph()
    for message in told:
        weave(run(state, message), graph, check=False)

    again = [log for message in told for log in run(state, message)]

    assert all(isinstance(message, Proved) for message in again)
    events = weave(again, graph, check=False)
    assert {event.type for event in events} <= {EventType.REFUSED}


@given(seen=owned_ids, attempts=st.integers(1, 200))
def test_the_wait_grows_from_a_second_to_an_hour(seen: OwnedId, attempts: int) -> None:
    """Doubling each time; up to half of it is taken off, the same in every replay."""
    full = min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1))

    delay = retry_delay_ms(seen, attempts)

    assert full // 2 <= delay <= full
    assert delay == retry_delay_ms(seen, attempts)


def test_neighbours_do_not_wait_alike() -> None:
    """Lookups that failed together are spread over half the wait."""
    asset = "app:1"
    seen = [OwnedId(scoped(f"{asset}:{user}"), 1) for user in range(200)]

    delays = sorted(retry_delay_ms(each, 11) for each in seen)

    full = FIRST_RETRY_MS * 2**10
    assert len(set(delays)) > 190
    assert delays[20] < 0.6 * full < 0.9 * full < delays[-20]


@given(wait_ms=st.integers(0, 10_000_000))
def test_what_the_platform_says_to_wait_is_waited(wait_ms: int) -> None:
    """The longer of its wait and ours."""
    state = DictLookups()
    asked = OwnedId(scoped("app:1:x"), 1)
    run(state, Sighting(BUSINESS, asked, 5, CAUSE))

    run(state, Answer(BUSINESS, asked, 7, Outcome.RETRY, retry_after_ms=wait_ms))

    lookup = state.lookups[asked.id]
    assert lookup.due_ms == 7 + max(wait_ms, retry_delay_ms(asked, 1))
    assert (lookup.phase, lookup.attempts) == (LookupPhase.PENDING, 1)
