from collections.abc import AsyncIterator

import pytest
from tests.adapters.graph_api.scripted import ScriptedGraph, serving

from idweave_adapters.graph_api import GraphApiClient


@pytest.fixture
async def graph() -> AsyncIterator[ScriptedGraph]:
    async with serving() as graph:
        yield graph


@pytest.fixture
async def client(graph: ScriptedGraph) -> AsyncIterator[GraphApiClient]:
    async with graph.client() as client:
        yield client
