"""A simulator on the sample's world, for clients that others wrote.

The clients block, so tests call them in threads (`asyncio.to_thread`).
"""

from collections.abc import AsyncIterator

import pytest
from tests.adapters.simulator.sample import NOW_S, Sample, sample

from idweave_adapters.simulator import Simulator


@pytest.fixture
def here() -> Sample:
    """The sample's world."""
    return sample()


@pytest.fixture
async def simulator(
    here: Sample, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Simulator]:
    """A running simulator whose clock stands still, reached without any proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with Simulator(here.world, clock=lambda: NOW_S) as running:
        yield running
