"""The stores that the suites run on."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from idweave_adapters.read_model import MemoryStore, RocksStore, Store

MakeStore = Callable[[], Store]


@pytest.fixture(params=["memory", "rocksdb"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Makes empty stores."""
    opened: list[RocksStore] = []
    numbers = count()

    def make_rocks() -> Store:
        opened.append(RocksStore(tmp_path / f"store-{next(numbers)}"))
        return opened[-1]

    yield MemoryStore if request.param == "memory" else make_rocks
    for store in opened:
        store.close()


@pytest.fixture
def store(make: MakeStore) -> Store:
    """One empty store."""
    return make()
