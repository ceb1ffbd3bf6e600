"""The demo's ground without Kafka."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from idweave_streams.local import LocalEngine
from idweave_streams.local.copying import copy_of, with_logs
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Output, Record
from idweave_streams.settings import Settings
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.state.space import temporary_space

PAUSE_S = 0.01


class InProcessGround:
    """Runs the pipeline in this process."""

    name = "in-process engine"

    def __init__(
        self, settings: Settings, outside: Outside, topics: Sequence[str]
    ) -> None:
        self._engine = LocalEngine(settings, outside)
        self._settings = settings
        self._topics = topics
        self._read: dict[tuple[str, int], int] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Let the engine and its caller run."""
        caller = self._engine.pipeline.caller
        self._tasks = [
            asyncio.create_task(self._advance()),
            asyncio.create_task(caller.run()),
        ]

    async def _advance(self) -> None:
        while True:
            handled = self._engine.advance()
            await asyncio.sleep(0 if handled else PAUSE_S)

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put records on the source topics."""
        for output in outputs:
            self._engine.append(output)

    async def poll(self) -> list[Record]:
        """Return what is new on the tallied topics."""
        found: list[Record] = []
        log = self._engine.log
        for topic in self._topics:
            for partition in log.partitions(topic):
                place = (topic, partition)
                records = log.read(*place, self._read.get(place, 0), 1 << 30)
                self._read[place] = self._read.get(place, 0) + len(records)
                found += records
        return found

    async def lag(self) -> int:
        """Return how many records wait to be handled."""
        return self._engine.lag()

    async def export(self, folder: Path) -> None:
        """Write all that is known to *folder*; the engine stands still meanwhile."""
        with temporary_space() as space:
            copy = copy_of(self._engine, self._settings, space)
            with_logs(self._engine, copy)
            write_snapshot(copy, folder)

    def check(self) -> None:
        """Raise if the engine or its caller has died."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def stop(self) -> None:
        """End engine and caller."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
