"""How a person came to be: every change once, in the order of generations."""

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import APPS, BUSINESS, PAGES, evidence_logs, full_logs

from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.history import Entry, history, names_of
from idweave_graph.ids import Member, ScopedId
from idweave_graph.messages import Erase, LogMessage, Proved, Sighted
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, PersonId

ASID, OTHER_ASID = ScopedId(APPS[0], "x"), ScopedId(APPS[1], "x")
PSID, OTHER_PSID = ScopedId(PAGES[0], "x"), ScopedId(PAGES[1], "x")


def seen(who: ScopedId, at_ms: int) -> Sighted:
    return Sighted(BUSINESS, OwnedId(who, 1), at_ms, Cause("sightings", 0, at_ms))


def proved(one: ScopedId, two: ScopedId, at_ms: int) -> Proved:
    cause = Cause("answers", 0, at_ms)
    kind = EvidenceKind.IDS_FOR_PAGES
    proof = evidence(kind, (one, 1), (two, 1), at_ms=at_ms, cause=cause)
    return Proved(BUSINESS, (proof,), at_ms, cause)


def own(told: Sequence[IdentityEvent], person: Person) -> list[IdentityEvent]:
    """Events that carry the person or somebody who ended in them."""
    names = names_of(person)
    return [e for e in told if e.person is not None and e.person.id in names]


def only(graph: DictGraph) -> Person:
    (person,) = graph.persons.values()
    return person


@given(log=full_logs(), random=st.randoms())
def test_a_history_does_not_depend_on_how_its_events_come(
    log: list[LogMessage], random: Random
) -> None:
    """In any order, repeated, and among those of others."""
    graph = DictGraph()
    told = weave(log, graph, check=False)

    for person in graph.persons.values():
        shuffled = random.sample(told * 2, 2 * len(told))
        found = history(person, told, person.id)
        assert history(person, shuffled, person.id) == found
        assert {e.id for e in own(told, person)} <= {e.event.id for e in found.entries}


@given(log=full_logs())
def test_a_person_s_own_events_stand_in_the_order_of_generations(
    log: list[LogMessage],
) -> None:
    """Never back, whatever the times say."""
    graph = DictGraph()
    told = weave(log, graph, check=False)

    for person in graph.persons.values():
        names = names_of(person)
        entries = history(person, told, person.id).entries
        generations = [
            entry.event.person.generation
            for entry in entries
            if entry.event.person is not None and entry.event.person.id in names
        ]
        assert generations == sorted(generations)


@given(log=full_logs())
def test_what_was_gained_and_lost_adds_up_to_the_person(
    log: list[LogMessage],
) -> None:
    """The entries of one person id, one after the other, end with who they are now."""
    graph = DictGraph()
    told = weave(log, graph, check=False)

    for person in graph.persons.values():
        members: set[Member] = set()
        for entry in history(person, told, person.id).entries:
            if entry.event.person is not None and entry.event.person.id == person.id:
                members = members - set(entry.lost) | set(entry.gained)
        assert members == person.members.keys()


@given(log=evidence_logs())
def test_every_name_that_has_ended_leads_to_the_survivor(
    log: list[LogMessage],
) -> None:
    """Step by step, each the person that the one before ended in."""
    graph = DictGraph()
    told = weave(log, graph, check=False)

    for person in graph.persons.values():
        for name in names_of(person):
            found = history(person, told, name)
            assert (found.trail[0], found.trail[-1]) == (name, person.id)
            assert len(set(found.trail)) == len(found.trail)
            merges = {
                (ended, entry.event.person.id)
                for entry in found.entries
                for ended in entry.joined
                if entry.event.person is not None
            }
            assert set(zip(found.trail, found.trail[1:], strict=False)) <= merges


def test_who_came_back_ends_in_the_next_as_if_never_away() -> None:
    """A sighting makes the younger name the older one; then both end in a third."""
    graph = DictGraph()
    log: list[LogMessage] = [seen(OTHER_ASID, 1), proved(PSID, OTHER_PSID, 4)]
    log += [seen(ASID, 3), proved(ASID, PSID, 5), seen(PSID, 2)]
    told = weave(log, graph)
    (back,) = (p for p in graph.persons.values() if PSID in p.members)
    told += weave([proved(OTHER_ASID, PSID, 6)], graph)

    assert history(only(graph), told, back.id).entries[-1].joined == (back.id,)


def chained() -> tuple[DictGraph, list[IdentityEvent]]:
    """The youngest joins the middle one, and both the oldest."""
    graph = DictGraph()
    log: list[LogMessage] = [seen(ASID, 1), seen(OTHER_ASID, 2), seen(PSID, 3)]
    log += [proved(OTHER_ASID, PSID, 4), proved(ASID, OTHER_ASID, 5)]
    return graph, weave(log, graph)


def test_a_name_that_ended_twice_removed_goes_through_who_was_between() -> None:
    """The list of absorbed ids is cumulative, the trail is not."""
    graph, told = chained()
    (oldest, middle, youngest) = (e.key for e in told if e.type is EventType.CREATED)

    found = history(only(graph), told, _name(told, PSID))

    assert found.trail == (youngest, middle, oldest)
    assert [_what(entry) for entry in found.entries] == [
        ("created", 1, ()),
        ("created", 1, ()),
        ("created", 1, ()),
        ("merged", 2, (youngest,)),
        ("merged", 3, (middle,)),
    ]


def _name(told: Sequence[IdentityEvent], who: Member) -> PersonId:
    return next(e.person.id for e in told if e.person and who in e.person.members)


def _what(entry: Entry) -> tuple[str, int, tuple[str, ...]]:
    assert entry.event.person is not None
    return (entry.event.type, entry.event.person.generation, entry.joined)


def test_who_was_taken_apart_is_told_on_both_sides() -> None:
    """The one has lost members and a name; the other is somebody again."""
    graph, told = chained()
    erase = Erase(BUSINESS, OTHER_ASID, False, 9, Cause("commands", 0, 9), "")
    told += weave([erase], graph)

    first, second = sorted(graph.persons.values(), key=lambda p: ASID not in p.members)
    ours = history(first, told, first.id)
    theirs = history(second, told, second.id)

    assert ours.entries[-1].event.type is EventType.SPLIT
    assert ours.entries[-1].event.reason == "requested"
    assert ours.entries[-1].lost == (OTHER_ASID, PSID)
    assert ours.entries[-1].released == (second.id,)
    assert [e.event.type for e in theirs.entries] == ["created", "split"]
    assert theirs.trail == (second.id,)


def test_a_quarantine_that_is_told_of_the_other_person_is_here_too() -> None:
    """Behind what had been told by its time; it changes nobody."""
    graph = DictGraph()
    rival = ScopedId(PAGES[0], "y")
    told = weave([seen(ASID, 1), proved(ASID, PSID, 2), seen(rival, 3)], graph)
    told += weave([proved(ASID, rival, 4)], graph)

    for person in graph.persons.values():
        last = history(person, told, person.id).entries[-1]
        assert last.event.type is EventType.QUARANTINED
        assert (last.gained, last.lost, last.joined) == ((), (), ())


def test_events_of_other_persons_are_passed_over() -> None:
    """Also of those who have met nobody yet."""
    graph, told = chained()
    stranger = weave([seen(OTHER_PSID, 8)], graph)
    joined = next(p for p in graph.persons.values() if ASID in p.members)

    found = history(joined, told + stranger, joined.id)

    assert found == history(joined, told, joined.id)
