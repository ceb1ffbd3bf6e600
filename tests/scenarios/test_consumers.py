"""What somebody sees who reads the events, and what a replay gives."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from tests.scenarios.places import ACME, RIVAL
from tests.scenarios.story import Story
from tests.scenarios.then import Then, fold_of

from idweave_graph.events import EventType, IdentityEvent


def without(events: Iterable[IdentityEvent], lost: str) -> list[IdentityEvent]:
    return [event for event in events if event.type != EventType(lost)]


@pytest.mark.order_matters(why="it is the merge event that gets lost")
def test_a_consumer_that_loses_a_merge_recovers_with_the_next_event(
    story: Story, then: Then
) -> None:
    """A reader misses the merge of two persons, and has them as two.

    The next event of the one who stayed names all members and whom she absorbed.
    """
    story.sees("app:shop:ann")
    story.sees("app:game:ann")
    stays, ends = then.person_of("app:shop:ann"), then.person_of("app:game:ann")
    story.proves("app:shop:ann", "app:game:ann")
    then.events("created", "created", "merged")
    behind = fold_of(without(story.events, "merged"))
    assert behind.person_of(ACME, "app:game:ann") == ends

    story.proves("app:game:ann", "page:fan:ann")
    then.events("linked")

    reader = fold_of(without(story.events, "merged"))
    for who in ("app:shop:ann", "app:game:ann", "page:fan:ann"):
        assert reader.person_of(ACME, who) == stays
    assert reader.survivor(ACME, ends) == stays


@pytest.mark.order_matters(why="it is a split event that gets lost")
def test_a_consumer_that_loses_half_of_a_split_recovers(
    story: Story, then: Then
) -> None:
    """A ban parts Ann and Bob, and a reader does not get the event of Bob's part.

    To it Bob is nobody, rather than still Ann, until the next event about him.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:bob")
    stays, other = then.person_of("app:shop:ann"), then.person_of("page:fan:bob")
    story.proves("app:shop:ann", "page:fan:bob")
    story.bans("app:shop:ann", "page:fan:bob")
    then.events(
        "created", "created", "merged", "split", "split", "quarantined", "banned"
    )
    of_bob = story.events[4]
    behind = fold_of(event for event in story.events if event is not of_bob)
    assert behind.person_of(ACME, "app:shop:ann") == stays
    assert behind.person_of(ACME, "page:fan:bob") is None

    story.proves("page:fan:bob", "page:help:bob")
    then.events("linked")

    reader = fold_of(event for event in story.events if event is not of_bob)
    assert reader.person_of(ACME, "page:fan:bob") == other
    assert reader.person_of(ACME, "app:shop:ann") == stays


def test_a_consumer_may_read_everything_backwards(story: Story, then: Then) -> None:
    """A reader gets the events of a merge, a split and an erasure in reverse.

    What it holds in the end is what is so.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann", code="visit 1")
    story.sees("app:shop:ann", code="visit 1")
    then.one_person("app:shop:ann", "page:fan:ann")
    story.unlinks("page:fan:ann")
    then.apart("app:shop:ann", "page:fan:ann")
    fan = then.person_of("page:fan:ann")
    story.erases("app:shop:ann")
    then.nobody("app:shop:ann")

    reader = fold_of(reversed(story.events))

    assert reader.person_of(ACME, "app:shop:ann") is None
    assert reader.person_of(ACME, "page:fan:ann") == fan
    assert reader.members(ACME, fan) == ("page:fan:ann",)


def test_the_last_event_of_a_person_tells_all_of_them(story: Story, then: Then) -> None:
    """Ann was built up in five steps; a reader comes late and gets only the last one.

    It names every member, so nothing before it is missed.
    """
    ids = ["app:shop:ann", "app:game:ann", "page:fan:ann", "page:help:ann"]
    story.sees("app:shop:ann", token="t")
    for one, two in pairwise(ids):
        story.proves(one, two)
    name = then.person_of("app:shop:ann")

    reader = fold_of(story.events[-1:])

    assert sorted(reader.members(ACME, name)) == sorted([*ids, "token:t"])


def test_a_replay_of_the_whole_log_tells_nothing(story: Story, then: Then) -> None:
    """All evidence, with a contradiction and a ban, is handled once more from the start.

    Everything is known, so nobody moves and nothing is told.
    """
    story.sees("app:shop:ann", token="t")
    story.sees("app:game:ann", token="t")
    story.proves("app:shop:bob", "token:t", by="token_for_business")
    story.bans("app:game:ann", "page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    name = then.person_of("app:shop:ann")
    told = len(story.events)

    story.replays_the_log()

    then.one_person("app:shop:ann", "app:game:ann")
    then.apart("app:shop:ann", "app:shop:bob", "page:fan:ann")
    then.is_called("app:game:ann", name)
    assert len(story.events) == told


def test_a_graph_that_was_lost_is_read_from_the_log(story: Story, then: Then) -> None:
    """A disk is lost after merges, an erasure, a ban and a sale.

    The log alone gives everybody back, under the same ids.
    """
    story.sees("app:shop:ann")
    story.sees("app:game:ann")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:game:ann", "page:fan:ann")
    name = then.person_of("app:shop:ann")
    story.erases("app:shop:ann")
    then.one_person("app:game:ann", "page:fan:ann")
    story.bans("app:game:ann", "page:fan:ann")
    story.transfers("page:help", RIVAL)
    then.one_person("app:game:ann")

    rebuilt = story.rebuilt()

    assert rebuilt.persons == story.graph.persons
    assert (ACME, name) in rebuilt.persons


def test_a_subscriber_tells_a_repeated_event_by_its_id(
    story: Story, then: Then
) -> None:
    """A crash lets the same messages be handled on an older state once more.

    The events come again under the same ids, with the same content.
    """
    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:shop:bob", "app:game:ann")
    story.bans("app:shop:ann", "app:game:ann")
    then.one_person("app:shop:ann")
    first = {event.id: event for event in story.events}

    second = {event.id: event for event in story.told_again()}

    assert second == first
    assert len(first) == len(story.events)
