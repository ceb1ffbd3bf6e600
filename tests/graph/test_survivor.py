"""Who keeps their name when persons meet."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS, evidence_logs

from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.ids import BusinessToken, Member, ScopedId, member
from idweave_graph.messages import LogMessage, Proved, Sighted
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, own_title, person_id

CAUSE = Cause("t", 0, 0)
A, B, C = (member(text) for text in ("app:1:x", "app:2:x", "page:1:x"))


def seen(who: Member, at_ms: int) -> Sighted:
    assert isinstance(who, ScopedId)
    return Sighted(BUSINESS, OwnedId(who, 1), at_ms, CAUSE)


def joined(one: Member, two: Member, at_ms: int) -> Proved:
    return Proved(BUSINESS, (link(one, two, at_ms),), at_ms, CAUSE)


def link(one: Member, two: Member, at_ms: int) -> Evidence:
    kind = EvidenceKind.IDS_FOR_APPS
    return evidence(kind, (one, 1), (two, 1), at_ms=at_ms, cause=CAUSE)


def named_after(who: Member) -> str:
    return person_id(BUSINESS, who)


def only_person(graph: DictGraph) -> Person:
    (person,) = graph.persons.values()
    return person


def told(events: list[IdentityEvent]) -> list[tuple[EventType, str, tuple[str, ...]]]:
    return [
        (event.type, event.person.id, event.person.absorbed)
        for event in events
        if event.person is not None
    ]


def test_the_older_person_survives() -> None:
    """In a merge the id of the person seen first stays; the other is absorbed."""
    graph = DictGraph()
    weave([seen(B, 5), seen(A, 7)], graph)

    events = weave([joined(A, B, 9)], graph)

    name, ended = named_after(B), named_after(A)
    assert told(events) == [(EventType.MERGED, name, (ended,))]
    assert events[0].reason == EvidenceKind.IDS_FOR_APPS
    assert only_person(graph).members == {A: 7, B: 5}


def test_a_new_id_is_linked_to_the_person_it_belongs_to() -> None:
    """Members that were nobody's leave the person's name alone."""
    graph = DictGraph()
    weave([seen(A, 5)], graph)

    events = weave([joined(A, B, 9)], graph)

    assert told(events) == [(EventType.LINKED, named_after(A), ())]


def test_an_older_sighting_that_comes_late_renames_the_person() -> None:
    """The name moves to the id that was first, and the old name is told as absorbed."""
    graph = DictGraph()
    weave([seen(A, 5), joined(A, B, 9)], graph)

    events = weave([seen(B, 3)], graph)

    assert told(events) == [(EventType.MERGED, named_after(B), (named_after(A),))]
    assert (events[0].reason, events[0].proofs) == ("sighted", ())
    assert only_person(graph).id == named_after(B)


def test_a_late_sighting_of_the_founder_changes_no_name() -> None:
    """It moves the first-seen time and tells nothing, for nobody is anybody else."""
    graph = DictGraph()
    weave([seen(A, 5), joined(A, B, 9)], graph)
    before = only_person(graph)

    events = weave([seen(A, 3)], graph)

    assert events == []
    after = only_person(graph)
    assert (after.id, after.generation) == (before.id, before.generation)
    assert after.members == {A: 3, B: 9}


def test_absorbed_ids_add_up() -> None:
    """Whoever absorbs a person takes over all that had ended in them."""
    graph = DictGraph()
    weave([seen(A, 5), seen(B, 4), seen(C, 3), joined(A, B, 9)], graph)

    events = weave([joined(A, C, 10)], graph)

    ended = tuple(sorted([named_after(A), named_after(B)]))
    assert told(events) == [(EventType.MERGED, named_after(C), ended)]


@given(number=st.integers(), order=st.permutations([4, 9]))
def test_nobody_with_an_id_is_named_after_a_token(
    number: int, order: list[int]
) -> None:
    """A token is proved once, by any of its events, so names can't hang on its time."""
    first, then = order
    graph = DictGraph()

    weave([joined(A, BusinessToken(f"{number}"), first), seen(A, then)], graph)

    assert only_person(graph).id == named_after(A)


@given(log=evidence_logs())
def test_everyone_is_named_after_their_first_member(log: list[LogMessage]) -> None:
    """The survivor is a member: the id seen first, whatever happened before."""
    graph = DictGraph()
    weave(log, graph)

    for person in graph.persons.values():
        ids = [m for m in person.members if isinstance(m, ScopedId)]
        first_ms = min(person.members[m] for m in ids or person.members)
        firsts = [m for m in ids or person.members if person.members[m] == first_ms]
        assert person.id == min(own_title(BUSINESS, m, 0, 0).name for m in firsts)
