"""A worker's files are compared with the changelog, at their own offset."""

from pathlib import Path

import pytest
import rocksdict
from tests.streams.verifying.conftest import (
    HOME,
    OTHER,
    Deployed,
    contradicting_log,
)
from tests.support.kafka import end_offsets
from tests.support.strategies import BUSINESS

from idweave_streams.reliable.store import Store
from idweave_streams.state.errors import (
    StoreUnreadable,
)
from idweave_streams.verifying.difference import (
    ALTERED,
    STORE,
    Difference,
)


def store(folder: Path, table: str, partition: int) -> rocksdict.Rdict:
    """A worker's file, open."""
    path = folder / "app-data" / "v1" / "tables" / f"{table}-{partition}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    return rocksdict.Rdict(str(path), options=rocksdict.Options(raw_mode=True))


async def test_local_files_are_compared_at_their_own_offset(
    deployed: Deployed, tmp_path: Path
) -> None:
    """Open in a worker, and behind the changelog; a damaged one is found."""
    rows = dict(deployed.table.scan(b""))
    topic = f"{deployed.settings.app_id}-graph-changelog"
    offset = (await end_offsets(deployed.bootstrap, topic))[HOME] - 1
    person = deployed.persons()[0]
    db = store(tmp_path, "graph", HOME)
    for key, value in rows.items():
        db[key] = value
    db[Store.offset_key] = str(offset).encode()
    await deployed.tell(contradicting_log(seed=8))
    await deployed.handle()

    same = await deployed.verified(tables=tmp_path)
    db[f"p|{BUSINESS}|{person.id}".encode()] = b"\x01{}"
    altered = await deployed.verified(tables=tmp_path)
    db[Store.offset_key] = b"100000"
    ahead = await deployed.verified(tables=tmp_path)
    db.close()

    assert same.findings.all() == []
    place = f"graph-{HOME}.db"
    assert altered.findings.all() == [
        Difference(STORE, BUSINESS, "person", ALTERED, person.id, place)
    ]
    [first] = ahead.findings.all()
    assert (first.kind, first.place) == ("file", place)
    assert first.what.startswith("is ahead of its changelog")


async def test_local_lookups_are_compared_too(
    deployed: Deployed, tmp_path: Path
) -> None:
    """Here one is missing; it is not named by its id."""
    db = store(tmp_path, "lookups", OTHER)
    db[Store.offset_key] = b"1"
    db.close()

    [found] = (await deployed.verified(tables=tmp_path)).findings.all()

    assert (found.source, found.kind, found.person) == (STORE, "lookup", None)
    assert "app:1:a" not in str(found)


def damage(folder: Path) -> None:
    next(folder.rglob("CURRENT")).write_text("junk")


async def test_what_is_no_data_directory_is_refused(
    deployed: Deployed, tmp_path: Path
) -> None:
    """And a damaged file is named."""
    with pytest.raises(StoreUnreadable, match="data_dir"):
        await deployed.verified(tables=tmp_path)
    store(tmp_path, "graph", HOME).close()
    damage(tmp_path)
    with pytest.raises(StoreUnreadable, match=f"graph-{HOME}"):
        await deployed.verified(tables=tmp_path)
