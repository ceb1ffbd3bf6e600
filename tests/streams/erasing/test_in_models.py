"""What read models have of an id, by how long they will."""

from pathlib import Path

import pytest
from tests.support.consumer_stories import MERGED, PSID, STORIES
from tests.support.published import Workers, in_turn

from idweave_adapters.read_model import RocksStore, StoredReadModel, Writer
from idweave_graph.ids import ScopedId
from idweave_streams.erasing.in_models import in_models
from idweave_streams.erasing.needle import Needle
from idweave_streams.erasing.on_disk import in_data_dir
from idweave_streams.erasing.places import Finding, Kind
from idweave_streams.state.errors import ModelUnreadable

HOUR_MS = 3_600_000


def found(folder: Path, who: ScopedId = PSID) -> Finding:  # type: ignore[assignment]
    [finding] = in_models(folder, frozenset({who}), Needle([who]), HOUR_MS)
    return finding


def test_an_id_goes_from_answers_and_then_from_files(tmp_path: Path) -> None:
    """It stands; then it waits for the rewriting, which has a time; then nothing is."""
    store = RocksStore(tmp_path / "api")
    writer, workers = Writer(store), Workers()
    StoredReadModel(store)  # as `idweave api` opens it
    workers.handle(MERGED)
    writer.apply(in_turn(workers.places()))
    store.compact()
    stands = found(tmp_path)
    workers.handle(STORIES["erased"][len(MERGED) :])
    writer.apply(in_turn(workers.places()))
    told = found(tmp_path)
    writer.note_unclean(5)
    writer.forget(writer.mark())
    waits = found(tmp_path)
    writer.scrub()
    gone = found(tmp_path)

    place = str(tmp_path / "api")
    assert (stands.kind, stands.place) == (Kind.READ_MODEL, place)
    assert stands.stands > 0
    assert stands.until_rewriting == 0
    assert (told.stands, told.rewritten_ms) == (0, None)
    assert told.until_rewriting > 0
    assert waits.until_rewriting > 0
    assert waits.rewritten_ms == 5 + HOUR_MS
    assert gone.until_rewriting == gone.stands == 0
    store.close()
    assert found(tmp_path) == gone


def test_a_model_is_no_table_of_a_worker(tmp_path: Path) -> None:
    """Beside tables it is passed over; where there is none, that is told."""
    store = RocksStore(tmp_path / "api")
    StoredReadModel(store)
    store.close()
    (tmp_path / "empty").mkdir()

    assert list(in_data_dir(tmp_path, Needle([PSID]))) == []  # type: ignore[list-item]
    with pytest.raises(ModelUnreadable, match="name the data_dir of `idweave api`"):
        found(tmp_path / "empty")
