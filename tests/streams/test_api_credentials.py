"""Credentials are taken over as long as the server runs."""

import asyncio
from typing import cast

import pytest

from idweave_adapters.api import ApiKeys, Credentials
from idweave_streams import api_credentials
from idweave_streams.api_credentials import Doors, reload


class Source:
    """Counts how often it is asked, and may fail as nothing foresaw."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked = 0
        self.twice = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def reload(self) -> bool:
        self.asked += 1
        if self.asked > 1:
            self._loop.call_soon_threadsafe(self.twice.set)
        if self.fault:
            raise self.fault
        return True


async def test_a_fault_in_one_file_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor itself: else a key that is revoked later would stay good."""
    monkeypatch.setattr(api_credentials, "RELOAD_S", 0)
    bad, good = Source(RuntimeError("nobody thought of it")), Source()
    sources = [cast("ApiKeys", each) for each in (bad, good)]
    running = asyncio.create_task(reload(Doors(cast("Credentials", good), sources)))

    async with asyncio.timeout(30):
        await asyncio.gather(bad.twice.wait(), good.twice.wait())

    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
