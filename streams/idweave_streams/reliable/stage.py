"""A processing stage: co-partitioned source topics, at most one table, one handler.

A stage is a Faust agent whose stream carries runs of records. The agent only feeds
lanes; the lanes do the work, one unit at a time for each partition.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from faust.types import TP

from .app import ReliableApp
from .commit import Commit, Handle, Totals
from .errors import (
    PartitionsDiffer,
    ProgressUnreadable,
    SourceTruncated,
    SourceWentBack,
    StateLost,
    WrongUse,
)
from .host import SourceBounds, host, member, restorer
from .lanes import Bounds, Gate, Lane
from .progress import PROGRESS_KEY, UnknownProgressError, decode_progress
from .records import Run
from .store import PartitionState
from .table import Table
from .unit import Readable

PartitionsCallback = Callable[[frozenset[int]], None]


class Stage:
    """Handles the records of ``topics`` with ``handle``, losing and doubling nothing.

    Args:
        app: the app; the stage registers itself there.
        name: stable name: of the agent, in logs and metrics.
        topics: source topics, all with the same number of partitions.
        handle: called with a unit and a run of records of one topic-partition in
            offset order. It must be deterministic and may do nothing but compute.
        table: name of the stage's table, or None for a stage without state.
        partitions: of the table's changelog, if Faust is to create it.
        committed: called with the partition after each unit is durable.
        assigned: called with the partitions that became ready, after recovery.
        revoked: called with the partitions that were lost, once their work has ended.
        max_records: input records of one unit.
        max_bytes: input bytes of one unit.
        gate: awaited before each unit; holds the stage back while it does not return.
    """

    def __init__(
        self,
        app: ReliableApp,
        name: str,
        topics: Sequence[str],
        handle: Handle,
        *,
        table: str | None,
        partitions: int | None = None,
        committed: Callable[[int], None] | None = None,
        assigned: PartitionsCallback | None = None,
        revoked: PartitionsCallback | None = None,
        max_records: int = 500,
        max_bytes: int = 512 * 1024,
        gate: Gate | None = None,
    ) -> None:
        if not topics:
            raise WrongUse(f"stage {name} needs at least one source topic")
        self.app = app
        self.name = name
        self.topics: tuple[str, ...] = tuple(topics)
        self.table = _declare_table(app, table, partitions) if table else None
        self._commit = Commit(app, app.outbox, handle, self.table)
        self._committed = committed
        self._assigned = assigned
        self._revoked = revoked
        self._bounds = Bounds(max_records, max_bytes)
        self._gate = gate
        self._lanes: dict[int, Lane] = {}
        self._ready: frozenset[int] = frozenset()
        channel = app.topic(*self.topics, key_type=bytes, value_type=bytes)
        app.agent(channel, name=name)(self._feed)
        app.add_stage(self)

    @property
    def totals(self) -> Totals:
        """What the stage has done since the process started."""
        return self._commit.totals

    @property
    def partitions(self) -> frozenset[int]:
        """Partitions that are ready here."""
        return self._ready

    def state(self, partition: int) -> Readable:
        """Return the durable state of a ready partition, for reading outside units.

        Raises:
            WrongUse: no table, or the partition is not ready here.
        """
        return self._stored(partition)

    async def open(self, generation: int, sources: Mapping[TP, SourceBounds]) -> None:
        """Check and start the lanes of the partitions that ``sources`` names.

        Raises:
            StartRefused: a partition may not be worked on.
        """
        await self.quiesce()
        self._check_counts()
        partitions = frozenset(tp.partition for tp in sources)
        lanes = {p: Lane(p, generation, self._bounds) for p in partitions}
        self._ready = partitions
        for partition, lane in lanes.items():
            self._resume(lane)
            for topic in self.topics:
                if (found := sources.get(TP(topic, partition))) is not None:
                    self._check(lane, topic, found)
        for lane in lanes.values():
            lane.start(self._work, self._gate, host(self.app).fail)
        self._lanes = lanes
        if self._assigned is not None:
            self._assigned(partitions)

    async def quiesce(self) -> None:
        """Drop what waits, let units in work end, and give the partitions back."""
        lanes, self._lanes = self._lanes, {}
        lost, self._ready = self._ready, frozenset[int]()
        if lanes:
            await asyncio.gather(*(lane.close() for lane in lanes.values()))
        if lost and self._revoked is not None:
            self._revoked(lost)

    async def _feed(self, stream: Any) -> None:
        """The agent: pass runs on to their lanes."""
        async for run in stream.noack():
            self.feed(run)

    def feed(self, run: Run) -> None:
        """Queue a run; without a lane it is dropped, unacked."""
        lane = self._lanes.get(run.partition)
        if lane is not None:
            lane.feed(run)

    async def _work(self, lane: Lane, runs: list[Run]) -> None:
        await self._commit.work(lane, runs, self._committed)

    def _stored(self, partition: int) -> PartitionState:
        if self.table is None:
            raise WrongUse(f"stage {self.name} has no table")
        if partition not in self._ready:
            raise WrongUse(f"partition {partition} of {self.name} is not ready here")
        return self.table.store.read(partition)

    def _resume(self, lane: Lane) -> None:
        """Read from the local file how far the partition is."""
        if self.table is None:
            return
        try:
            raw = self._stored(lane.partition).get(PROGRESS_KEY)
            lane.progress = decode_progress(raw)
        except UnknownProgressError:
            raise ProgressUnreadable(self.table.name, lane.partition) from None
        tp = TP(self.table.changelog_topic_name, lane.partition)
        lane.changelog_end = restorer(self.app).end_of(tp)

    def _check(self, lane: Lane, topic: str, found: SourceBounds) -> None:
        partition, committed = lane.partition, found.committed
        done = lane.progress.get(topic, 0)
        if done > found.end:
            raise SourceWentBack(topic, partition, found.end, done)
        if not committed:
            return
        if committed > found.end:
            raise SourceWentBack(topic, partition, found.end, committed)
        if committed < found.start and done < found.start:
            raise SourceTruncated(topic, partition, found.start, committed)
        if self.table is not None and not lane.progress:
            raise StateLost(topic, partition, committed, self.table.name)

    def _check_counts(self) -> None:
        names = list(self.topics)
        if self.table is not None:
            names.append(self.table.changelog_topic_name)
        count = member(self.app).topic_partitions
        known = {name: n for name in names if (n := count(name)) is not None}
        if len(set(known.values())) > 1:
            raise PartitionsDiffer(self.name, known)


def _declare_table(app: ReliableApp, name: str, partitions: int | None) -> Table:
    table = Table(app, name=name, partitions=partitions, beacon=app.tables.beacon)
    app.tables.add(table)
    return table
