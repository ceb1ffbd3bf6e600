"""A worker's files are read as they are, and stay as they are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idweave_streams.reliable import ReliableApp
from idweave_streams.reliable.store import Store
from idweave_streams.reliable.table import Table
from idweave_streams.state.errors import StoreUnreadable
from idweave_streams.state.files import opened_files


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """The store of a table with something in one partition."""
    app = ReliableApp("app", broker="kafka://127.0.0.1:1", datadir=str(tmp_path))
    made = Table(app, name="graph", partitions=1).store
    made.write_unit(0, [(b"a", b"1"), (b"b", b"2")], 7)
    yield made
    await made.stop()


def traces(path: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file, and of the folder itself."""
    files = [path, *path.iterdir()]
    return {f.name: (f.stat().st_size, f.stat().st_mtime_ns) for f in files}


async def test_files_are_read_while_a_worker_writes_them(store: Store) -> None:
    """Each time as they are then."""
    path = store.partition_path(0)
    with opened_files(path) as db:
        assert (db.get(b"a"), db.get(b"b")) == (b"1", b"2")

    store.write_unit(0, [(b"a", None), (b"c", b"3")], 8)

    with opened_files(path) as db:
        assert (db.get(b"a"), db.get(b"c")) == (None, b"3")
        assert db.get(Store.offset_key) == b"8"


async def test_nothing_is_written_to_them(store: Store) -> None:
    """Not even a time: by that a worker tells whether they are too old to be used."""
    path = store.partition_path(0)
    await store.stop()
    before = traces(path)

    with opened_files(path) as db:
        assert db.get(b"a") == b"1"

    assert traces(path) == before


@pytest.mark.parametrize("text", [None, "MANIFEST-7\n"])
def test_what_is_no_table_is_told_of(tmp_path: Path, text: str | None) -> None:
    """With what to do."""
    path = tmp_path / "graph-0.db"
    if text is not None:
        path.mkdir()
        (path / "CURRENT").write_text(text)

    with (
        pytest.raises(StoreUnreadable, match="stop its worker and delete it"),
        opened_files(path),
    ):
        pass
