"""The tables that the suites run on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.tables import Make, StoredTable, Writable

from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import ReliableApp
from idweave_streams.reliable.table import Table


@pytest.fixture(params=["memory", "files"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes empty tables."""
    if request.param == "memory":
        yield LocalTable
        return
    app = ReliableApp("app", broker="kafka://127.0.0.1:1", datadir=str(tmp_path))
    store = Table(app, name="things", partitions=1).store
    partitions = iter(range(1_000))
    yield lambda: StoredTable(store, next(partitions))
    await store.stop()


@pytest.fixture
def table(make: Make) -> Writable:
    """One empty table."""
    return make()
