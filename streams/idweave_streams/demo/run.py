"""Plays the story on a ground and watches what comes out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from idweave_adapters.commands import command_key, encode_command
from idweave_adapters.simulator import Simulator
from idweave_adapters.simulator.traffic import Event, Traffic
from idweave_streams.codecs import encode_ownership
from idweave_streams.demo.ground import Ground
from idweave_streams.demo.scenes import Scene
from idweave_streams.demo.story import LOSS_AT, RELEASE_AT, Story
from idweave_streams.demo.verdict import Verdict
from idweave_streams.reliable import Output, Record
from idweave_streams.tally import Tally

TICK_S = 0.1
QUIET_TICKS = 15
"""The end is when nothing is open and nothing new has come for so many ticks."""
PATIENCE_S = 120.0
"""How long after the last event the end may take."""


class DidNotFinishError(RuntimeError):
    """Work was still open when the demo's time was over."""


@dataclass(slots=True)
class Progress:
    """What the screen shows."""

    story: Story
    tally: Tally
    sent: int = 0
    lag: int = 0
    requests: int = 0
    calls: int = 0
    phase: str = "starting"
    seconds: float = 0.0
    waited_s: float = 0.0
    marks: list[str] = field(default_factory=list)
    """What has happened, in words."""


@dataclass(frozen=True, slots=True)
class Played:
    """How it ended."""

    progress: Progress
    verdict: Verdict
    traffic: Traffic


class Play:
    """One performance of the story."""

    def __init__(
        self,
        story: Story,
        ground: Ground,
        simulator: Simulator,
        tally: Tally,
        *,
        keep: Callable[[Record], None],
        partitions: int,
        seconds: float,
        clock: Callable[[], float],
        unix_time_s: Callable[[], float],
    ) -> None:
        self._story = story
        self._ground = ground
        self._simulator = simulator
        self._keep = keep
        self._traffic = Traffic(story.world, story.plan)
        self._scenes = list(story.scenes.all())
        self._clock = clock
        self._unix_time_s = unix_time_s
        self._seconds = seconds
        self._partitions = partitions
        self._number = 0
        self.progress = Progress(story, tally)

    async def run(self) -> AsyncIterator[Progress]:
        """Play it, yielding about ten times a second.

        Raises:
            DidNotFinishError: lookups were open for too long after the last event.
            GroundLostError: what it runs on has died.
        """
        began = self._clock()
        names = self.progress.tally.names
        await self._ground.send(
            [
                Output(names.assets, str(o.asset).encode(), encode_ownership(o))
                for o in self._story.assets()
            ]
        )
        self._simulator.review(self._story.reviewed)
        self._mark("Meta puts one business under review: its lookups wait")
        for stretch in (self._send_all(began), self._wait_for_end()):
            async for _ in stretch:
                yield await self._look(began)
                await self._play_scenes()
        self.progress.phase = "done"

    async def _send_all(self, began: float) -> AsyncIterator[None]:
        total, events = self._story.plan.events, iter(self._traffic)
        pending = {LOSS_AT: self._lose, RELEASE_AT: self._release}
        self.progress.phase = "sending events"
        while self.progress.sent < total:
            share = min(1.0, (self._clock() - began) / self._seconds)
            due = max(1, int(total * share) - self.progress.sent)
            await self._ground.send(list(self._outputs(islice(events, due))))
            self.progress.sent = min(total, self.progress.sent + due)
            for at in [at for at in pending if self.progress.sent >= at * total]:
                await pending.pop(at)()
            yield
            await asyncio.sleep(TICK_S)

    def _outputs(self, events: Iterator[Event]) -> Iterator[Output]:
        names = self.progress.tally.names
        for event in events:
            topic = names.logins if event.topic == "login" else names.webhooks
            self._number += 1
            place = self._number % self._partitions
            yield Output(topic, None, event.value, partition=place)

    async def _play_scenes(self) -> None:
        business, tally = self._story.scenes.business, self.progress.tally
        due = [scene for scene in self._scenes if scene.is_due(business, tally)]
        for scene in due:
            self._scenes.remove(scene)
            await self._play_scene(scene)

    async def _play_scene(self, scene: Scene) -> None:
        said = scene.said(int(self._unix_time_s() * 1000))
        events = [each for each in said if isinstance(each, Event)]
        commands = [each for each in said if not isinstance(each, Event)]
        topic = self.progress.tally.names.commands
        await self._ground.send(
            [
                *self._outputs(iter(events)),
                *(Output(topic, command_key(c), encode_command(c)) for c in commands),
            ]
        )
        self._mark(scene.mark)

    async def _lose(self) -> None:
        lost = self._story.lost
        names = self.progress.tally.names
        output = Output(names.assets, str(lost.asset).encode(), encode_ownership(lost))
        await self._ground.send([output])
        self._mark("that business gives an app away: what waits for it is refused")

    async def _release(self) -> None:
        self._simulator.review(self._story.reviewed, on=False)
        self._mark("the review ends: a probe finds out, and the lookups go on")

    async def _wait_for_end(self) -> AsyncIterator[None]:
        self.progress.phase = "finishing lookups"
        quiet, before, began = 0, -1, self._clock()
        while quiet < QUIET_TICKS:
            if self._clock() - began > PATIENCE_S:
                open_lookups = self.progress.tally.open_lookups
                msg = f"{open_lookups} lookups, {len(self._scenes)} cases and a lag of"
                msg += f" {self.progress.lag} remain"
                raise DidNotFinishError(msg)
            tally = self.progress.tally
            seen = len(tally.events) + len(tally.closed) + len(tally.aliases)
            is_open = tally.open_lookups or tally.held or self._scenes
            is_done = not (is_open or self.progress.lag)
            quiet = quiet + 1 if is_done and seen == before else 0
            before = seen
            yield
            await asyncio.sleep(TICK_S)

    async def _look(self, began: float) -> Progress:
        self._ground.check()
        for record in await self._ground.poll():
            self.progress.tally.apply(record)
            self._keep(record)
        self.progress.lag = await self._ground.lag()
        stats = self._simulator.stats
        self.progress.requests, self.progress.calls = stats.requests, stats.calls
        self.progress.seconds = self._clock() - began
        return self.progress

    def _mark(self, text: str) -> None:
        self.progress.marks.append(f"{self.progress.seconds:4.0f} s  {text}")

    def played(self) -> Played:
        """Compare what was found with the truth."""
        sighted = self._traffic.report.sighted
        verdict = self._story.verdict(self.progress.tally.aliases, sighted)
        return Played(self.progress, verdict, self._traffic)
