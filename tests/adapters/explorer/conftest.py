"""One server for a test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.adapters.api.desk import Desk, desk


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Desk]:
    """Over a model in which nothing is."""
    async with desk(tmp_path) as opened:
        yield opened
