"""The tables that the suites run on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contracts.town import Town, build_town, connected
from tests.support.tables import Make, StoredTable, Writable

from idweave_adapters.graph_api import GraphApiClient
from idweave_adapters.simulator import Simulator
from idweave_streams.local.log import LocalTable
from idweave_streams.local.overlay import OverlayTable
from idweave_streams.reliable import ReliableApp
from idweave_streams.reliable.table import Table


@pytest.fixture(params=["memory", "overlay", "files"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes empty tables."""
    if request.param == "memory":
        yield LocalTable
        return
    if request.param == "overlay":
        yield lambda: OverlayTable(LocalTable())
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


@pytest.fixture(scope="module")
def town() -> Town:
    return build_town()


@pytest.fixture
async def simulator(town: Town) -> AsyncIterator[Simulator]:
    async with Simulator(town.world) as simulator:
        yield simulator


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[GraphApiClient]:
    async with connected(simulator) as client:
        yield client
