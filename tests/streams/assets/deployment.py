"""A deployment of the estate's businesses, for tests of `idweave assets`."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from click.testing import Result
from tests.adapters.simulator.test_ownership import Estate
from tests.streams.cli.conftest import Run
from tests.support.kafka import Stored, read_ended

from idweave_adapters.simulator import Simulator
from idweave_adapters.simulator.world import Business
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import decode_ownership


@dataclass
class Deployment:
    """The estate's businesses, with an assets topic."""

    run: Run
    simulator: Simulator
    here: Estate
    settings: dict[str, object]
    folder: Path

    async def idweave(
        self, *arguments: object, env: dict[str, str] | None = None, **changed: Any
    ) -> Result:
        """Run the command beside the simulator, which lives in this loop."""
        settings = self.settings | changed
        stated = [part for n, v in settings.items() for part in ("--set", f"{n}={v}")]
        return await asyncio.to_thread(
            self.run, *stated, "assets", *arguments, **(env or {})
        )

    async def sync(self, *arguments: object, **changed: Any) -> Result:
        return await self.idweave("sync", *arguments, **changed)

    async def state(self, *rows: dict[str, Any], dry: bool = False) -> Result:
        """Import a file of these rows."""
        return await self.import_(lines(*rows), *(["--dry-run"] if dry else []))

    async def import_(self, text: bytes, *arguments: str) -> Result:
        """Import a file that holds *text*."""
        file = self.folder / "stated.jsonl"
        await asyncio.to_thread(file.write_bytes, text)
        return await self.idweave("import", file, *arguments)

    @property
    def topic(self) -> str:
        return f"{self.settings['topic_prefix']}idweave.assets.v1"

    async def stored(self) -> list[Stored]:
        """All that the commands so far have written."""
        return await read_ended(str(self.settings["kafka"]), self.topic)

    async def records(self) -> list[Ownership]:
        """All records of the topic; each stands under its asset as the key."""
        found = []
        for stored in await self.stored():
            record = decode_ownership(stored.value)
            assert stored.key == str(record.asset).encode()
            found.append(record)
        return found

    async def owners(self) -> dict[str, tuple[str | None, int]]:
        """Who owns what, and for the how-manieth time."""
        return {
            str(each.asset): (each.business, each.epoch)
            for each in await self.records()
        }


def words(result: Result) -> dict[str, str]:
    """What happened to each asset."""
    return {line.split()[0]: line.split()[1] for line in result.stdout.splitlines()}


def lines(*rows: dict[str, Any]) -> bytes:
    return b"\n".join(orjson.dumps(row) for row in rows)


def row(
    asset: str, business: str | Business | None, epoch: int, **more: object
) -> dict[str, Any]:
    owner = business.id if isinstance(business, Business) else business
    return {"asset": asset, "business": owner, "epoch": epoch, **more}
