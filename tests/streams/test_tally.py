"""What the topics say, however often each record is read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.lookups import ACME, CAUSE, RIVAL, scoped_id
from tests.support.stages import NAMES, record

from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, AssetKind, BusinessId
from idweave_graph.messages import Answer, Outcome, Sighting
from idweave_graph.ownership import OwnedId
from idweave_streams.codecs import encode_answers, encode_hold, encode_sightings
from idweave_streams.dead_letters import dead_letter
from idweave_streams.reliable import Record
from idweave_streams.tally import Tally


def sighted(user: str, business: BusinessId = ACME) -> Record:
    seen = OwnedId(scoped_id(user), 1)
    return record(
        NAMES.sightings, encode_sightings([Sighting(business, seen, 1, CAUSE)])
    )


def answered(user: str, outcome: Outcome = Outcome.ANSWERED, at_ms: int = 5) -> Record:
    answer = Answer(ACME, OwnedId(scoped_id(user), 1), at_ms, outcome)
    return record(NAMES.answers, encode_answers([answer]))


def held(business: BusinessId, since_ms: int = 5, *, now: bool = True) -> Record:
    hold = Hold(business, now, since_ms, since_ms, since_ms + 1, "policy-hold")
    return record(NAMES.holds, encode_hold(hold))


def event(name: str, kind: str = "created", reason: str = "sighted") -> Record:
    document = {"id": name, "type": kind, "reason": reason}
    return record(NAMES.events, orjson.dumps(document))


def alias(scoped: str, person: str | None) -> Record:
    value = None if person is None else orjson.dumps({"person": person})
    return replace(record(NAMES.aliases, value), key=f"{ACME}/{scoped}".encode())


def letter(offset: int, code: str = "unknown-asset") -> Record:
    came = record(NAMES.logins, b"?", offset)
    output = dead_letter(NAMES.dead_letters, came, stage="ingest", code=code)
    return replace(record(output.topic, output.value), headers=output.headers)


def tally_of(records: Iterable[Record]) -> Tally:
    tally = Tally(NAMES)
    for each in records:
        tally.apply(each)
    return tally


def test_ids_that_were_let_in_are_open_until_they_are_closed() -> None:
    """With their business, and without those that are held."""
    tally = tally_of([sighted("a"), sighted("b"), sighted("c", RIVAL), answered("a")])

    assert tally.sighted == {
        "app:10:a": ACME,
        "app:10:b": ACME,
        "app:10:c": RIVAL,
    }
    assert (tally.closed, tally.open_lookups) == ({"app:10:a"}, 2)
    tally.apply(held(RIVAL))
    assert tally.open_lookups == 1


@pytest.mark.parametrize("outcome", Outcome)
def test_only_some_outcomes_are_the_end(outcome: Outcome) -> None:
    """After the others the id is asked about again."""
    closing = {Outcome.ANSWERED, Outcome.GONE, Outcome.FORBIDDEN}

    tally = tally_of([sighted("a"), answered("a", outcome)])

    assert bool(tally.closed) == (outcome in closing)
    assert tally.answered.total() == (outcome is Outcome.ANSWERED)


def test_a_question_that_was_asked_twice_counts_twice() -> None:
    """Which is not the same as an answer that was read twice."""
    tally = tally_of([answered("a", at_ms=5), answered("a", at_ms=9)])

    assert tally.answered == Counter({"app:10:a": 2})


def test_a_business_is_held_until_it_is_released() -> None:
    records = [held(ACME, 5), held(ACME, 9), held(RIVAL), held(ACME, 12, now=False)]

    tally = tally_of(records)

    assert tally.held == {RIVAL}
    assert tally.holds == 3


@given(order=st.permutations(range(3)))
def test_a_hold_that_is_told_late_does_not_outlive_its_end(order: list[int]) -> None:
    """Each partition tells of a hold by itself, one of them after it was over."""
    records = [held(ACME, 3), held(ACME, 4), held(ACME, 5, now=False)]

    assert tally_of(records[place] for place in order).held == set()


def test_an_alias_is_whose_the_id_was_last() -> None:
    """And gone with its tombstone."""
    records = [
        alias("app:1:a", "p1"),
        alias("app:1:b", "p1"),
        alias("app:1:a", "p2"),
        alias("app:1:b", None),
    ]

    assert tally_of(records).aliases == {(ACME, "app:1:a"): "p2"}


def test_events_and_refusals_are_counted_by_kind() -> None:
    records = [
        event("1", "refused", "foreign-asset"),
        event("2", "refused", "stale-epoch"),
        event("3", "merged"),
        event("4", "refused", "stale-epoch"),
    ]

    tally = tally_of(records)

    assert tally.event_types == {"refused": 3, "merged": 1}
    assert tally.refusals == {"foreign-asset": 1, "stale-epoch": 2}


def test_what_stands_on_other_topics_is_passed_over() -> None:
    tally = tally_of([record(NAMES.logins, b"?")])

    assert summary(tally) == summary(Tally(NAMES))


EVERYTHING = [
    sighted("a"),
    sighted("b", RIVAL),
    answered("a"),
    answered("b", Outcome.RETRY),
    held(RIVAL),
    event("1"),
    event("2", "refused", "stale-epoch"),
    alias("app:1:a", "p1"),
    letter(0),
    letter(1, "not-json"),
    letter(2),
]


def summary(tally: Tally) -> list[object]:
    return [
        tally.sighted,
        tally.closed,
        tally.answered,
        tally.held,
        tally.holds,
        tally.events,
        tally.aliases,
        tally.dead_letters,
        tally.open_lookups,
    ]


@given(places=st.lists(st.integers(0, len(EVERYTHING) - 1), max_size=8))
def test_a_record_that_is_read_again_counts_once(places: list[int]) -> None:
    """A consumer may have to begin anew, and the worker may send twice."""
    again = [EVERYTHING[place] for place in places]

    tally = tally_of([*EVERYTHING, *again])

    assert summary(tally) == summary(tally_of(EVERYTHING))
    assert tally.dead_letters == {"unknown-asset": 2, "not-json": 1}


def test_it_reads_no_topic_that_it_does_not_name() -> None:
    """Whoever feeds it subscribes to these."""
    assert {each.topic for each in EVERYTHING} == set(Tally(NAMES).topics())


def test_what_waits_for_a_held_token_is_not_waited_for() -> None:
    """The ids of the business's other assets are."""
    asset = scoped_id("a").asset
    hold = Hold(ACME, True, 5, 5, 6, "no-credential", asset)
    other = Hold(ACME, True, 5, 5, 6, "no-credential", Asset(AssetKind.PAGE, "9"))
    records = [sighted("a"), record(NAMES.holds, encode_hold(other))]

    tally = tally_of(records)
    assert tally.open_lookups == 1

    tally.apply(record(NAMES.holds, encode_hold(hold)))
    assert tally.open_lookups == 0
    assert tally.held == {f"{ACME}/{asset}", f"{ACME}/page:9"}
