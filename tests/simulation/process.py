"""One worker: the product's pipeline over simulated tables, topics and calls.

A machine has a disk and runs one process after the other. All of a process but what it
has written is gone when it dies.
"""

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from tests.simulation.broker import Flight, NotAcknowledgedError, Place
from tests.simulation.lane import CHANGELOG, Copy, Outbox, Runner, Store, Table
from tests.simulation.machine import App, Died, Machine, Membership, Surroundings
from tests.simulation.platform import Line

from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_graph.messages import Answer
from idweave_streams.agents import resolve
from idweave_streams.codecs import encode_answers
from idweave_streams.local.log import LocalTable
from idweave_streams.packing import Packer
from idweave_streams.pipeline import Outside, StageSpec, build_pipeline
from idweave_streams.reliable import Output, Stage
from idweave_streams.reliable.commit import Commit
from idweave_streams.reliable.host import SourceBounds
from idweave_streams.reliable.lanes import Bounds, Lane
from idweave_streams.reliable.offsets import OffsetTracker
from idweave_streams.reliable.progress import PROGRESS_KEY, decode_progress
from idweave_streams.reliable.records import Run
from idweave_streams.tables import LookupTable

MAX_FETCH = 6


class Process:
    """A worker that runs."""

    def __init__(self, machine: Machine, around: Surroundings) -> None:
        self.machine = machine
        self.around = around
        self.is_paused = False
        self.is_alive = True
        self.doom: int | None = None
        """It dies after so many more effects."""
        self.failed: BaseException | None = None
        self.member = Membership()
        outside = Outside(
            Line(around.wire, self),
            around.platform,
            around.now_ms,
            erasure_key=around.key,
            draw=lambda: 0.5,
        )
        self.pipeline = build_pipeline(around.settings, outside, self._publish)
        self.outbox = Outbox(around.broker, around.network, self)
        self.specs = {spec.name: spec for spec in self.pipeline.stages}
        self.commits = {spec.name: self._commit(spec) for spec in self.pipeline.stages}
        self.runners: dict[tuple[str, int], Runner] = {}
        self.positions: dict[Place, int] = {}
        self._followed: dict[str, int] = {}
        while self.follow(1 << 30):
            pass
        self.calling = asyncio.create_task(self.pipeline.caller.run())

    @property
    def name(self) -> str:
        return f"worker-{self.machine.number}"

    def _commit(self, spec: StageSpec) -> Commit:
        app: Any = App(self.member)
        outbox: Any = self.outbox
        table: Any = None
        if spec.table is not None:
            store = Store(spec.table, self.machine.disk, self)
            table = Table(CHANGELOG + spec.table, store)
        return Commit(app, outbox, spec.handle, table)

    def effect(self, what: str) -> None:
        """Count an effect, and die of the last one."""
        if self.doom is not None and self.is_alive:
            self.doom -= 1
            if self.doom < 0:
                raise Died(self.name)

    def fail(self, reason: BaseException) -> None:
        """End: nothing may go on in this process."""
        self.failed = reason
        raise Died(self.name)

    def is_held(self, scoped: ScopedId) -> bool:
        """Say whether it knows of a hold on *scoped* that it should not try yet."""
        owner = self.pipeline.ownership.of(scoped.asset)
        if owner is None or owner.business is None:
            return False
        holds = self.pipeline.holds.all_of(owner.business, scoped.asset)
        return any(self.around.now_ms() < hold.probe_ms for hold in holds)

    def is_tokenless(self, business: BusinessId, asset: Asset) -> bool:
        """Say whether it knows that there is no token for *asset*."""
        holds = self.pipeline.holds.all_of(business, asset)
        return any(hold.reason == "no-credential" for hold in holds)

    # What it follows: every worker knows all of these topics.

    def follow(self, limit: int = 1) -> bool:
        """Take up to *limit* records of a broadcast topic over; False: there is none."""
        names, pipeline = self.around.settings.topics, self.pipeline
        views = (
            (names.assets, pipeline.ownership.apply),
            (names.holds, pipeline.holds.apply),
        )
        for topic, apply in views:
            at = self._followed.get(topic, 0)
            records = self.around.broker.log.read(topic, 0, at, limit)
            if records:
                for record in records:
                    apply(record.key, record.value)
                self._followed[topic] = at + len(records)
                return True
        return False

    async def _publish(self, answers: Sequence[tuple[int, Answer]]) -> None:
        """Send answers and wait, as a worker does. Nothing here knows of generations."""
        packer: Packer[int, Answer] = Packer()
        for partition, answer in answers:
            packer.add(partition, answer)
        topic = self.around.settings.topics.answers
        loop = asyncio.get_running_loop()
        waiting = []
        for partition, value in packer.records(encode_answers):
            stored: asyncio.Future[None] = loop.create_future()
            waiting.append(stored)
            output = Output(topic, None, value, partition=partition)
            place = (topic, partition)
            flight = Flight(self, place, [output], _settle(stored), is_fenced=False)
            self.outbox.post(flight)
        await asyncio.gather(*waiting)

    # Partitions come and go.

    def open(self, generation: int, assigned: Sequence[tuple[str, int]]) -> None:
        """Recover and start to work on the partitions of stages that are assigned."""
        self.member.generation, self.member.is_leased = generation, True
        for stage, partition in assigned:
            spec = self.specs[stage]
            bounds = Bounds(self.around.unit_records, 1 << 30)
            lane = Lane(partition, generation, bounds)
            if spec.table is not None:
                table = self._recover(spec.table, partition, lane)
                if stage == resolve.STAGE:
                    self.pipeline.board.assign(partition, LookupTable(table))
            for topic in spec.topics:
                if partition in self.around.broker.log.partitions(topic):
                    self._take_up(spec, (topic, partition), lane)
            self.runners[stage, partition] = Runner(lane, self.commits[stage], self)

    def _take_up(self, spec: StageSpec, place: Place, lane: Lane) -> None:
        """Go on where the group stands, if the product's stage would."""
        committed = self.around.broker.committed.get(place)
        bounds = SourceBounds(0, self.around.broker.log.end(*place), committed)
        stage: Any = SimpleNamespace(
            table=None if spec.table is None else SimpleNamespace(name=spec.table)
        )
        Stage._check(stage, lane, place[0], bounds)
        self.positions[place] = committed or 0
        self.member.trackers[place] = OffsetTracker()

    def _recover(self, name: str, partition: int, lane: Lane) -> LocalTable:
        """Bring the local copy up to the end of the changelog."""
        topic, log = CHANGELOG + name, self.around.broker.log
        copy = self.machine.disk.setdefault((name, partition), Copy(LocalTable()))
        records = log.read(topic, partition, copy.end, 1 << 30)
        copy.table.write({record.key or b"": record.value for record in records})
        copy.end = lane.changelog_end = log.end(topic, partition)
        lane.progress = decode_progress(copy.table.get(PROGRESS_KEY))
        self.effect(f"recovered {name}")
        return copy.table

    def revoke(self) -> None:
        """Give all partitions back."""
        for (stage, partition), runner in self.runners.items():
            runner.close()
            if stage == resolve.STAGE:
                self.pipeline.caller.dropped(partition)
        self.runners.clear()
        self.positions.clear()
        self.member.trackers.clear()

    def fetch(self, stage: str, partition: int) -> bool:
        """Take some records of one of the stage's topics; False: there are none."""
        topics = self.specs[stage].topics
        runner = self.runners[stage, partition]
        if runner.queued > 3 * MAX_FETCH:
            return False
        first = self.around.random.randrange(len(topics))
        return any(
            self._fetch_from((topic, partition), runner)
            for topic in (*topics[first:], *topics[:first])
        )

    def _fetch_from(self, place: Place, runner: Runner) -> bool:
        at = self.positions.get(place)
        if at is None or at >= self.around.broker.log.end(*place):
            return False
        limit = self.around.random.randrange(1, MAX_FETCH)
        records = self.around.broker.log.read(*place, at, limit)
        tracker = self.member.trackers[place]
        for record in records:
            tracker.deliver(record.offset)
        self.positions[place] = at + len(records)
        runner.lane.feed(Run(*place, runner.lane.generation, records))
        runner.queued += len(records)
        return True

    def commit_offsets(self) -> bool:
        """Tell the group how far the work is done; False: it knows already."""
        committed = self.around.broker.committed
        is_news = False
        for place, tracker in self.member.trackers.items():
            done = tracker.committable
            if done is not None and committed.get(place, 0) != done:
                committed[place] = done
                is_news = True
        return is_news

    @property
    def is_done(self) -> bool:
        """Say whether all that there is has been handled here."""
        end = self.around.broker.log.end
        return not any(r.is_busy or r.queued for r in self.runners.values()) and all(
            at >= end(*place) for place, at in self.positions.items()
        )


def _settle(stored: "asyncio.Future[None]") -> Callable[[int | None], None]:
    def arrived(base: int | None) -> None:
        if stored.done():
            return
        if base is None:
            stored.set_exception(NotAcknowledgedError("no acknowledgement"))
        else:
            stored.set_result(None)

    return arrived
