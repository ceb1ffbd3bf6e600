"""A simulator on the sample's world, and a caller of it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from tests.adapters.simulator.sample import NOW_S, Api, Sample, sample

from idweave_adapters.simulator import Simulator


@pytest.fixture
def here() -> Sample:
    """The sample's world."""
    return sample()


@pytest.fixture
async def simulator(here: Sample) -> AsyncIterator[Simulator]:
    """A running simulator whose clock stands still."""
    async with Simulator(here.world, clock=lambda: NOW_S) as running:
        yield running


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[Api]:
    """A caller of it."""
    async with aiohttp.ClientSession() as session:
        yield Api(simulator, session)
