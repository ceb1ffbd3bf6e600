"""What a consumer sees converges: in any order, repeated, with gaps."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import full_logs

from idweave_graph.consume import Changes, Fold, MalformedError
from idweave_graph.documents import event_document
from idweave_graph.events import IdentityEvent
from idweave_graph.ids import Member
from idweave_graph.messages import LogMessage
from idweave_graph.person import PersonId

Json = dict[str, Any]


def told(events: list[IdentityEvent]) -> list[Json]:
    """The events as a subscriber gets them."""
    return [json.loads(json.dumps(event_document(event))) for event in events]


def folded(documents: list[Json]) -> Fold:
    fold = Fold()
    for document in documents:
        fold.apply(document)
    return fold


def needed(events: list[IdentityEvent]) -> list[IdentityEvent]:
    """The last event of each person who has not been absorbed."""
    last = {e.person.id: e.person for e in events if e.person is not None}
    ended = {
        old
        for person in last.values()
        for old in person.absorbed
        if old in last and last[old].generation < person.generation
    }
    found = {e.person.id: e for e in events if e.person is not None}
    return [event for name, event in found.items() if name not in ended]


def some_of(events: list[IdentityEvent], random: Random) -> list[IdentityEvent]:
    """What is needed and any of the others, some twice, in any order."""
    others = [event for event in events if random.random() < 0.5]
    got = [*needed(events), *others, *others[: len(others) // 2]]
    random.shuffle(got)
    return got


def owners(fold: Fold) -> dict[tuple[str, str], str]:
    return {(business, member): name for business, member, name in fold.owners()}


@given(log=full_logs(), random=st.randoms(use_true_random=False))
def test_lost_repeated_and_reordered_events_do_no_harm(
    log: list[LogMessage], random: Random
) -> None:
    """Whoever has the last event of each person who was not absorbed knows who is who.

    And which person an id that has ended stands for now, or that nothing is left.
    """
    graph = DictGraph()
    events = weave(log, graph, check=False)

    fold = folded(told(some_of(events, random)))

    assert owners(fold) == {
        (business, str(member)): name
        for (business, member), name in graph.index.items()
    }
    carried: dict[tuple[str, str], str] = {}
    for (business, name), person in graph.persons.items():
        members = fold.members(business, name)
        assert sorted(members) == sorted(str(member) for member in person.members)
        carried |= {(business, old): name for old in (name, *person.absorbed)}
    ever = {(e.business, e.person.id) for e in events if e.person is not None}
    assert {who: fold.survivor(*who) for who in ever | carried.keys()} == {
        who: carried.get(who) for who in ever | carried.keys()
    }


@given(log=full_logs(), random=st.randoms(use_true_random=False))
def test_the_changes_of_each_event_are_all_that_changed(
    log: list[LogMessage], random: Random
) -> None:
    """Who carries them out on a table of their own has the map, after each event."""
    fold, table = Fold(), dict[tuple[str, str], str]()
    for document in told(some_of(weave(log, DictGraph(), check=False), random)):
        before = dict(table)
        changes = fold.apply(document)

        for member in changes.released:
            del table[changes.business, member]
        for member, person in changes.assigned.items():
            assert table.get((changes.business, member)) != person
            table[changes.business, member] = person
        assert table == owners(fold)
        assert before == table or changes
        for old, heir in changes.ended.items():
            assert fold.survivor(changes.business, old) == heir != old


@given(log=full_logs(), random=st.randoms(use_true_random=False))
def test_a_repeated_event_changes_nothing(
    log: list[LogMessage], random: Random
) -> None:
    """Right away, it is the same map and no changes are told."""
    fold = Fold()
    for document in told(some_of(weave(log, DictGraph(), check=False), random)):
        fold.apply(document)
        known = fold.to_document()

        assert not fold.apply(document)
        assert fold.to_document() == known


@given(log=full_logs(), random=st.randoms(use_true_random=False), data=st.data())
def test_a_stored_fold_goes_on_as_if_it_had_never_stopped(
    log: list[LogMessage], random: Random, data: st.DataObject
) -> None:
    """Wherever it was stored, as JSON."""
    documents = told(some_of(weave(log, DictGraph(), check=False), random))
    at = data.draw(st.integers(0, len(documents)))

    stored = json.dumps(folded(documents[:at]).to_document())
    fold = Fold.from_document(json.loads(stored))
    for document in documents[at:]:
        fold.apply(document)

    assert fold.to_document() == folded(documents).to_document()


EVENT: Json = {
    "type": "merged",
    "business": "900",
    "person": {
        "id": "p_1",
        "business": "900",
        "generation": 3,
        "members": [{"kind": "app", "asset": "1", "value": "x"}],
        "absorbed": ["p_2"],
    },
}
"""With no more than a fold needs."""


def with_person(**fields: object) -> Json:
    return {**EVENT, "person": {**EVENT["person"], **fields}}


def test_changes_say_who_came_who_went_and_what_ended() -> None:
    """Each once, and not what stays as it was."""
    fold = folded([with_person(id="p_2", generation=1, absorbed=[])])

    merged = fold.apply(with_person(members=[*EVENT["person"]["members"], TOKEN]))
    erased = fold.apply(with_person(generation=4, members=[TOKEN]))
    gone = fold.apply(with_person(generation=5, members=[]))

    came = {"app:1:x": "p_1", "token:t": "p_1"}
    assert merged == Changes("900", came, ended={"p_2": "p_1"})
    assert erased == Changes("900", released=frozenset({"app:1:x"}))
    assert gone == Changes(
        "900", released=frozenset({"token:t"}), ended={"p_1": None, "p_2": None}
    )


TOKEN = {"kind": "token", "value": "t"}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "refused", "business": "900", "refusal": {}},
        {"type": "of-a-later-release", "business": "900", "something": [1]},
    ],
)
def test_events_without_a_person_are_passed_over(event: Json) -> None:
    """Also those of types that are not known here."""
    fold = folded([EVENT])

    assert not fold.apply(event)
    assert fold.to_document() == folded([EVENT]).to_document()


def test_what_a_later_release_adds_is_passed_over() -> None:
    """Fields anywhere, types, and kinds of members, which have a text as any other."""
    member = {**EVENT["person"]["members"][0], "seen_in": "x"}
    device = {"kind": "device", "value": "d"}
    event = {**with_person(members=[member, device], mood=1), "type": "new", "more": {}}

    fold = folded([event])

    assert owners(fold) == {("900", "app:1:x"): "p_1", ("900", "device:d"): "p_1"}


def test_one_id_in_two_businesses_is_two_members() -> None:
    """What one of them tells changes nothing in the other."""
    there = {**with_person(business="901", id="p_9", absorbed=[]), "business": "901"}

    fold = folded([EVENT, there, {**with_person(generation=9, members=[])}])

    assert fold.person_of("901", "app:1:x") == "p_9"
    assert fold.person_of("900", "app:1:x") is None
    assert fold.survivor("901", "p_1") is None


MALFORMED: list[object] = [
    None,
    [],
    "x",
    {},
    {**EVENT, "type": 1},
    {**EVENT, "business": ""},
    {**EVENT, "business": "901"},
    {**EVENT, "person": None},
    with_person(id=None),
    with_person(id=["p_1"]),
    with_person(generation=0),
    with_person(generation=True),
    with_person(generation=3.0),
    with_person(generation="3"),
    with_person(members=None),
    with_person(members={}),
    with_person(members=["app:1:x"]),
    with_person(members=[{"kind": "app", "asset": "1"}]),
    with_person(members=[{"kind": "app", "asset": None, "value": "x"}]),
    with_person(members=[{"kind": "app", "asset": "1", "value": 7}]),
    with_person(absorbed=None),
    with_person(absorbed="p_2"),
    with_person(absorbed=[2]),
    with_person(absorbed=["p_1"]),
]


@pytest.mark.parametrize("event", MALFORMED)
def test_what_is_no_event_is_refused_and_changes_nothing(event: Any) -> None:
    """With one kind of error, which repeats no id."""
    fold = folded([EVENT])

    with pytest.raises(MalformedError) as refused:
        fold.apply(event)

    assert fold.to_document() == folded([EVENT]).to_document()
    assert not any(text in str(refused.value) for text in ("p_", "app:1", "90"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(noise=json_values, field=st.sampled_from([*EVENT, *EVENT["person"]]))
def test_garbage_raises_nothing_but_the_own_error(noise: object, field: str) -> None:
    """As the whole event, or in the place of any field."""
    fold = Fold()
    for event in (noise, {**EVENT, field: noise}, with_person(**{field: noise})):
        try:
            fold.apply(event)  # type: ignore[arg-type]  # that is the point
        except MalformedError:
            continue
        assert isinstance(event, dict)


STORED = folded([EVENT]).to_document()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {**STORED, "version": 2},
        {"version": 1, "businesses": []},
        {"version": 1, "businesses": {"900": {"persons": {}}}},
        {"version": 1, "businesses": {"900": {"persons": {"p": [1]}, "ended": {}}}},
        {
            "version": 1,
            "businesses": {
                "900": {"persons": {"p": [1, ["m"]], "q": [1, ["m"]]}, "ended": {}}
            },
        },
        {
            "version": 1,
            "businesses": {
                "900": {"persons": {"p": [1, ["m"]]}, "ended": {"p": [1, "p"]}}
            },
        },
    ],
)
def test_a_damaged_store_is_refused(document: Json) -> None:
    """Rather than folded on: the map can be made from the topic again."""
    with pytest.raises(MalformedError):
        Fold.from_document(document)


@given(log=full_logs())
def test_the_members_way_is_ordered_by_generation(log: list[LogMessage]) -> None:
    """A member that changes persons comes into a higher generation each time."""
    graph = DictGraph()
    latest: dict[Member, tuple[int, PersonId]] = {}
    for event in weave(log, graph, check=False):
        person = event.person
        for member in person.members if person else ():
            assert person is not None
            generation, name = latest.get(member, (0, person.id))
            assert name == person.id or person.generation > generation
            latest[member] = (person.generation, person.id)
