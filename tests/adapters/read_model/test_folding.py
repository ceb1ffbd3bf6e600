"""Whatever way the records come, the model says what the workers' tables say."""

from random import Random

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.adapters.read_model.conftest import MakeStore
from tests.support.consumer_stories import STORIES
from tests.support.published import (
    Workers,
    batches,
    compacted,
    in_turn,
    tangled,
)
from tests.support.strategies import BUSINESS, full_logs

from idweave_adapters.read_model import (
    Entry,
    MemoryStore,
    Source,
    Store,
    StoredReadModel,
    UnreadableEntryError,
    Writer,
)
from idweave_adapters.read_model.keys import Area
from idweave_graph.digest import membership_digest
from idweave_graph.documents import person_document
from idweave_graph.messages import LogMessage
from idweave_graph.person import Person

OF_ONE_READING = {Area.OFFSET, Area.META, Area.CHANGE, Area.LEFT}
"""What depends on the way in which records came."""


def filled(store: Store, entries: list[Entry], size: int = 7) -> StoredReadModel:
    """Apply and forget, as a follower does that has come to the end."""
    writer = Writer(store)
    for batch in batches(entries, size):
        writer.apply(batch)
    writer.forget(writer.mark())
    return StoredReadModel(store)


def contents(store: Store) -> dict[bytes, bytes]:
    """All that does not depend on the way in which records came."""
    return {
        key: value
        for key, value in store.scan(b"")
        if Area(key[:1].decode()) not in OF_ONE_READING
    }


def expected_digest(persons: list[Person]) -> str:
    return membership_digest(
        (member, person.id)
        for person in persons
        if person.business == BUSINESS
        for member in person.members
    )


def assert_same(model: StoredReadModel, persons: list[Person]) -> None:
    """The model knows these persons and nobody else."""
    assert model.digest(BUSINESS) == expected_digest(persons)
    listed = model.persons(BUSINESS, "", 1_000).items
    ours = {person.id: person for person in persons if person.business == BUSINESS}
    assert [item["id"] for item in listed] == sorted(ours)
    for name, person in ours.items():
        document = orjson.loads(orjson.dumps(person_document(person)))
        found = model.person(BUSINESS, name)
        assert found is not None
        document["members"].sort(
            key=lambda m: ":".join(
                (m["kind"], *filter(None, [m.get("asset")]), m["value"])
            )
        )
        assert found == document
        for old in person.absorbed:
            assert model.survivor(BUSINESS, old) == name


@pytest.mark.parametrize("story", sorted(STORIES))
def test_every_story_ends_as_the_tables_do(story: str, make: MakeStore) -> None:
    """Read topic by topic, and in any order with repetitions: persons and digest."""
    workers = Workers()
    workers.handle(STORIES[story])
    places = workers.places()

    straight, mixed = make(), make()
    assert_same(filled(straight, in_turn(places)), workers.persons())
    assert_same(filled(mixed, tangled(places, Random(5))), workers.persons())
    assert contents(straight) == contents(mixed)


@given(log=full_logs(), seed=st.integers(0, 2**32), size=st.integers(1, 9))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_order_repetition_and_batches_do_not_matter(
    log: list[LogMessage], seed: int, size: int
) -> None:
    """Any order between partitions, any stretch again, any batches: the same model."""
    workers = Workers()
    workers.handle(log)
    places = workers.places()
    straight, mixed = MemoryStore(), MemoryStore()

    assert_same(filled(straight, in_turn(places)), workers.persons())
    filled(mixed, tangled(places, Random(seed)), size)

    assert contents(mixed) == contents(straight)


@given(log=full_logs(), tombstones=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_compaction_does_not_matter(
    log: list[LogMessage],
    tombstones: bool,
) -> None:
    """Who starts after compaction knows the same persons, with or without tombstones."""
    workers = Workers()
    workers.handle(log)
    places = compacted(workers.places(), tombstones=tombstones)

    assert_same(filled(MemoryStore(), in_turn(places)), workers.persons())


def test_offsets_are_those_of_the_last_records(store: Store) -> None:
    """They are written with what they stand for, so a restart goes on behind it."""
    workers = Workers()
    workers.handle(STORIES["merged"])
    places = workers.places()

    model = filled(store, in_turn(places))

    assert model.offsets() == {
        place: entries[-1].offset + 1 for place, entries in places.items() if entries
    }


def test_a_batch_with_a_record_that_is_none_changes_nothing(store: Store) -> None:
    """The fault names the place, and not what stands there."""
    workers = Workers()
    workers.handle(STORIES["one"])
    good = in_turn(workers.places())
    bad = Entry(Source.EVENTS, 1, 7, b"x", b'{"type":"created","id":"app:1:secret"}')

    with pytest.raises(UnreadableEntryError, match="record 7 of partition 1") as raised:
        Writer(store).apply([*good, bad])

    assert "secret" not in str(raised.value)
    assert list(store.scan(b"")) == []
