"""What is nobody's leaves the model, its history and its files."""

from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from tests.adapters.read_model.test_folding import contents, filled
from tests.support.consumer_stories import (
    ASID,
    MERGED,
    OTHER_ASID,
    PSID,
    STORIES,
)
from tests.support.published import Workers, batches, in_turn, tangled
from tests.support.strategies import full_logs

from idweave_adapters.read_model import (
    MemoryStore,
    RocksStore,
    Source,
    Store,
    StoredReadModel,
    Writer,
)
from idweave_graph.consume.reading import member_text
from idweave_graph.messages import LogMessage


def told(model: StoredReadModel) -> str:
    """All events that the model tells of."""
    return str(model.changes("900", 0, 1_000))


def test_who_left_is_in_no_event_at_once(store: Store) -> None:
    """Also before the history is rewritten."""
    workers = Workers()
    workers.handle(STORIES["erased"])
    Writer(store).apply(in_turn(workers.places()))

    model = StoredReadModel(store)

    assert str(PSID) not in told(model)
    assert "3001" not in told(model)
    assert "2001" in told(model)


def test_forgetting_takes_them_out_of_the_store(store: Store) -> None:
    """No key and no value names them; the rest of what happened stays."""
    workers = Workers()
    workers.handle(STORIES["erased"])

    model = filled(store, in_turn(workers.places()))

    assert not any(b"3001" in key + value for key, value in store.scan(b""))
    types = [event["type"] for _, event in model.changes("900", 0, 100)]
    assert sorted(types) == ["created", "created", "erased", "linked", "merged"]
    assert any(event.get("redacted") for _, event in model.changes("900", 0, 100))


def test_who_left_after_the_mark_is_kept_until_the_next(store: Store) -> None:
    """Between two records an id may be nobody's and yet go to another person."""
    workers, writer = Workers(), Writer(store)
    workers.handle(MERGED)
    writer.apply(in_turn(workers.places()))
    mark = writer.mark()
    workers.handle(STORIES["erased"][len(MERGED) :])
    writer.apply(in_turn(workers.places()))

    assert writer.forget(mark) == 0
    assert any(b"3001" in value for _, value in store.scan(b""))
    assert writer.forget(writer.mark()) > 0


def test_whose_person_is_read_later_is_forgotten_by_no_mark(store: Store) -> None:
    """The topic of events may be read long before that of persons."""
    workers, writer = Workers(), Writer(store)
    workers.handle(MERGED)
    for source in (Source.POLICY, Source.EVENTS, Source.ALIASES, Source.PERSONS):
        writer.apply(e for e in in_turn(workers.places()) if e.source is source)

    writer.forget(writer.mark())

    model = StoredReadModel(store)
    assert str(PSID.user) in told(model)  # type: ignore[union-attr]
    assert "redacted" not in told(model)


def test_records_that_come_again_bring_nobody_back(store: Store) -> None:
    """A whole replay of the topics after forgetting ends in the same model."""
    workers = Workers()
    workers.handle(STORIES["erased"])
    entries = in_turn(workers.places())
    filled(store, entries)
    before = contents(store)

    filled(store, tangled(workers.places(), Random(3)))
    filled(store, entries)

    assert contents(store) == before


def test_a_member_that_moves_stays_in_the_history(store: Store) -> None:
    """A split is no reason to forget."""
    workers = Workers()
    workers.handle(STORIES["rejected"])

    model = filled(store, in_turn(workers.places()))

    assert "redacted" not in told(model)
    for member in (ASID, PSID):
        assert model.owner("900", str(member)) is not None


def test_scrubbing_leaves_nothing_in_the_files(tmp_path: Path) -> None:
    """Byte by byte, while the folder is open and after; the model is the same."""
    folder = tmp_path / "model"
    store = RocksStore(folder, compress=False)
    writer, workers = Writer(store), Workers()
    workers.handle(MERGED)
    writer.apply(in_turn(workers.places()))
    store.scrub()  # so that it stands in a file, not in the log alone
    assert _files_with(folder, b"3001")
    workers.handle(STORIES["erased"][len(MERGED) :])
    filled(store, in_turn(workers.places()))
    before = contents(store)
    assert _files_with(folder, b"3001")

    writer.scrub()

    assert _files_with(folder, b"3001") == []
    assert _files_with(folder, b"2001")
    assert contents(store) == before
    assert StoredReadModel(store).owner("900", str(OTHER_ASID)) is not None
    store.close()
    assert _files_with(folder, b"3001") == []


def _files_with(folder: Path, text: bytes) -> list[str]:
    forms = (b":" + text, b'"' + text + b'"')  # what is told of times is no id
    return [
        file.name
        for file in folder.iterdir()
        if any(form in file.read_bytes() for form in forms)
    ]


def test_batches_of_any_size_forget_alike() -> None:
    """One by one, or all at once."""
    workers = Workers()
    workers.handle(STORIES["person-erased"])
    entries = in_turn(workers.places())
    stores = [MemoryStore() for _ in range(3)]

    for store, size in zip(stores, (1, 3, 1_000), strict=True):
        assert len(list(batches(entries, size))) == -(-len(entries) // size)
        filled(store, entries, size)

    assert contents(stores[0]) == contents(stores[1]) == contents(stores[2])


def test_who_comes_back_begins_anew(store: Store) -> None:
    """Who reads all at once is told no more of the earlier life than who was there."""
    workers, followed = Workers(), MemoryStore()
    story = STORIES["returned"]
    for message in story:
        workers.handle([message])
        filled(followed, in_turn(workers.places()))

    model = filled(store, in_turn(workers.places()))

    assert model.owner("900", str(ASID)) is not None
    earlier = [
        event
        for _, event in model.changes("900", 0, 100)
        if event["type"] == "merged" and event["at_ms"] < story[-1].at_ms
    ]
    assert [event["person"]["members"] for event in earlier] == [[]]
    assert contents(store) == contents(followed)


@given(log=full_logs())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_who_reads_late_is_told_no_more_of_anybody(log: list[LogMessage]) -> None:
    """Members in events are those that a reader has left who followed all along."""
    workers, followed, late = Workers(), MemoryStore(), MemoryStore()
    for message in log:
        workers.handle([message])
        filled(followed, in_turn(workers.places()))
    filled(late, in_turn(workers.places()))

    assert members_told(late) == members_told(followed)


def members_told(store: Store) -> dict[str, list[str]]:
    """The members in each event about a person."""
    events = StoredReadModel(store).changes("900", 0, 10_000)
    return {
        event["id"]: sorted(map(member_text, event["person"]["members"]))
        for _, event in events
        if "person" in event and event["type"] != "quarantined"
    }
