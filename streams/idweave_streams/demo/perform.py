"""Sets the demo's stage: world, Graph API, ground; plays; and clears everything away."""

import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
from rich.console import Console

from idweave_adapters.simulator import Simulator
from idweave_streams.demo.ground import Ground
from idweave_streams.demo.in_process import InProcessGround
from idweave_streams.demo.on_kafka import Broker, KafkaGround, NoBrokerError
from idweave_streams.demo.report import report
from idweave_streams.demo.run import Play
from idweave_streams.demo.screen import Screen
from idweave_streams.demo.sights import Sights, sights
from idweave_streams.demo.story import PROBE_S, Story
from idweave_streams.demo.verdict import Verdict
from idweave_streams.jsonl import JsonlFolder
from idweave_streams.outside import reach_outside
from idweave_streams.settings import Settings
from idweave_streams.tally import Tally
from idweave_streams.topics import outputs

wall_clock = time.time  # noqa: TID251 - the edge: commands are said at a wall time

EXPORT = "export"
"""The folder of the graph, in that of the demo."""


@dataclass(frozen=True, slots=True)
class Want:
    """What the user asked for."""

    seconds: float
    launcher: Path | None
    """None: do without Kafka."""
    kafka: str | None
    """A broker that stands already."""


@dataclass(frozen=True, slots=True)
class Performed:
    """How it ended, and what to print."""

    verdict: Verdict
    lines: tuple[str, ...]
    export: Path
    """The folder in which the graph is."""
    sights: Sights | None
    """Whom to look at; None where nobody was found."""


async def perform(story: Story, want: Want, console: Console) -> Performed:
    """Play *story*; nothing runs any more when this returns or raises."""
    async with contextlib.AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(
            Simulator(story.scenes.stage, seed=story.plan.seed, faults=story.faults)
        )
        folder = Path(tempfile.mkdtemp(prefix="idweave-demo-"))
        settings = _settings(story, simulator.base_url, folder)
        ground = await _Scout(settings, folder, console, stack).find(want)
        stack.push_async_callback(ground.stop)
        await ground.start()
        play = Play(
            story,
            ground,
            simulator,
            Tally(settings.topics),
            keep=JsonlFolder(folder).append,
            partitions=settings.partitions,
            seconds=want.seconds,
            clock=time.monotonic,
            unix_time_s=wall_clock,
        )
        with Screen(ground.name, console) as screen:
            async for progress in play.run():
                screen.show(progress)
        await ground.export(folder / EXPORT)
        played, seen = play.played(), sights(play.progress.tally)
        lines = (*report(played), "", *_where(folder, settings))
        return Performed(played.verdict, lines, folder / EXPORT, seen)


def _watched(settings: Settings) -> tuple[str, ...]:
    names = settings.topics
    return tuple(
        {**dict.fromkeys(Tally(names).topics()), **dict.fromkeys(outputs(names))}
    )


def _where(folder: Path, settings: Settings) -> Iterator[str]:
    yield "the topics, as they were, one record a line"
    for topic in outputs(settings.topics):
        yield f"  {folder / topic}.jsonl"
    yield "the graph, as `idweave export` writes it"
    yield f"  {folder / EXPORT}"


def _settings(story: Story, graph_api_url: str, folder: Path) -> Settings:
    credentials, key = folder / "credentials.json", folder / "erasure-key"
    _write_secret(credentials, orjson.dumps(story.world.credentials()))
    _write_secret(key, secrets.token_hex(32).encode())
    return Settings(
        partitions=8,
        replication=1,
        data_dir=folder / "data",
        graph_api_url=graph_api_url,
        credentials_file=credentials,
        erasure_key_file=key,
        hold_probe_hours=PROBE_S / 3600,
        hold_next_probe_hours=PROBE_S / 3600,
    )


def _write_secret(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


@dataclass(frozen=True, slots=True)
class _Scout:
    """Finds the ground to play on."""

    settings: Settings
    folder: Path
    console: Console
    stack: contextlib.AsyncExitStack

    async def find(self, want: Want) -> Ground:
        if want.kafka is not None:
            return self._on_kafka(want.kafka)
        if want.launcher is not None:
            try:
                return self._on_kafka(await self._start_broker(want.launcher))
            except NoBrokerError as error:
                self.console.print(f"no Kafka here: {error}", style="yellow")
                self.console.print("running the same job in one process instead")
        return await self._in_process()

    async def _start_broker(self, launcher: Path) -> str:
        self.console.print("starting Apache Kafka (the first time it is downloaded)")
        broker = Broker(launcher)
        self.stack.push_async_callback(broker.stop)
        return await broker.start()

    def _on_kafka(self, server: str) -> Ground:
        settings = self.settings.model_copy(update={"kafka": server})
        return KafkaGround(settings, _watched(settings), self.folder / "worker.log")

    async def _in_process(self) -> Ground:
        settings = self.settings
        api, _, outside = reach_outside(settings, environment={})
        await self.stack.enter_async_context(api)
        return InProcessGround(settings, outside, _watched(settings))
