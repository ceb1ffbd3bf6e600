"""Which person ids an event has ended."""

from collections.abc import Sequence

from tests.support.strategies import BUSINESS, OTHER_BUSINESS

from idweave_adapters.snapshots.lineage import Lineage
from idweave_adapters.snapshots.told import Ended
from idweave_graph.events import EventType, IdentityEvent, person_event_id
from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId
from idweave_graph.person import Person, PersonId

A, B, C = (PersonId(f"p_{letter * 32}") for letter in "abc")
CAUSE = Cause("facebook.logins.v1", 0, 1)


def event(
    name: PersonId,
    generation: int,
    absorbed: Sequence[PersonId],
    business: BusinessId = BUSINESS,
) -> IdentityEvent:
    person = Person(business, name, generation, {}, absorbed=tuple(absorbed))
    kind = EventType.MERGED
    name_of = person_event_id(person, kind)
    return IdentityEvent(name_of, kind, business, 0, CAUSE, "manual", person)


def test_an_event_has_ended_what_was_not_absorbed_before() -> None:
    """The list of a person grows; only the news of each event is told."""
    lineage = Lineage(dict[str, str]())

    first = lineage.ended_by(event(A, 2, [B]))
    second = lineage.ended_by(event(A, 3, [B, C]))
    third = lineage.ended_by(event(A, 4, [B, C]))

    assert first == (Ended(B, came_along=False),)
    assert second == (Ended(C, came_along=False),)
    assert third == ()


def test_who_had_ended_in_one_who_ends_came_along() -> None:
    """So a chain of merges counts each of them once as its own."""
    lineage = Lineage(dict[str, str]())

    lineage.ended_by(event(B, 2, [C]))
    found = lineage.ended_by(event(A, 3, [B, C]))

    assert found == (Ended(B, came_along=False), Ended(C, came_along=True))


def test_who_came_alive_again_can_end_again() -> None:
    """A split takes them off the list."""
    lineage = Lineage(dict[str, str]())

    lineage.ended_by(event(A, 2, [B]))
    lineage.ended_by(event(A, 3, []))
    found = lineage.ended_by(event(A, 4, [B]))

    assert found == (Ended(B, came_along=False),)


def test_businesses_do_not_mix() -> None:
    """What is told of one says nothing of the other."""
    lineage = Lineage(dict[str, str]())

    lineage.ended_by(event(B, 2, [C], OTHER_BUSINESS))
    found = lineage.ended_by(event(A, 3, [B, C]))

    assert [each.came_along for each in found] == [False, False]
