"""A simulated Graph API in a process of its own, steered over HTTP."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp


@dataclass(frozen=True, slots=True)
class Graph:
    """A running one."""

    base_url: str
    session: aiohttp.ClientSession

    async def stats(self) -> Mapping[str, Any]:
        """What it has counted, without ids."""
        return await self._control("GET", "stats")

    async def limit(self, of: str, calls: int) -> None:
        """Limit an app, a Page, or all Pages of a business."""
        await self._control("PUT", "budget", {"of": of, "calls": calls})

    async def _control(
        self, method: str, name: str, body: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        url = f"{self.base_url}/_simulator/{name}"
        async with self.session.request(method, url, json=body) as answer:
            answer.raise_for_status()
            found: Mapping[str, Any] = await answer.json()
            return found


@asynccontextmanager
async def graph(world: Path, faults: Mapping[str, float]) -> AsyncIterator[Graph]:
    """Serve the world in that file until the block is left."""
    stated = [f"--fault={name}={value}" for name, value in faults.items()]
    command = [sys.executable, "-m", "idweave_streams.cli", "simulate"]
    process = await asyncio.create_subprocess_exec(
        *command, f"--world={world}", *stated, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        base_url = (await process.stdout.readline()).decode().strip()
        async with aiohttp.ClientSession() as session:
            yield Graph(base_url, session)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
