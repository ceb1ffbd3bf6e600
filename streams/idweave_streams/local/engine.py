"""Carries records between the stages in one process, one unit of work at a time."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from idweave_graph.messages import Answer
from idweave_streams.calls.caller import PUT_OFF_MS
from idweave_streams.codecs import encode_answers
from idweave_streams.local.log import LocalLog, LocalTable
from idweave_streams.local.overlay import OnlyChanges, OverlayTable
from idweave_streams.packing import Packer
from idweave_streams.pipeline import Outside, Pipeline, StageSpec, build_pipeline
from idweave_streams.reliable import Output, Readable, Record, Unit
from idweave_streams.settings import Settings
from idweave_streams.tables import LOOKUP_TABLE, LookupTable
from idweave_streams.topics import wanted_topics

UNIT_RECORDS = 500
"""Records in one unit, as in a worker."""
IDLE_S = 0.01


Pair = tuple[bytes, bytes]
"""Key and value of a record."""


@dataclass(frozen=True, slots=True)
class Start:
    """What an engine begins with instead of nothing. It is read, and never written."""

    table: Callable[[str, int], Readable]
    """Gives a partition of the table of that name."""
    assets: Iterable[Pair] = ()
    """Records of the assets topic, which are in effect already."""
    holds: Iterable[Pair] = ()
    first_offset: int = 0
    """That of the first record of every partition."""
    takes_up_lookups: bool = False
    """Lookups that are open in the table are asked, and not only new ones."""


@dataclass(slots=True)
class _Stage:
    """A stage with its tables and how far it has read."""

    spec: StageSpec
    tables: dict[int, LocalTable | OverlayTable] = field(default_factory=dict)
    next_offset: dict[tuple[str, int], int] = field(default_factory=dict)


class LocalEngine:
    """Runs the pipeline over topics and tables in memory."""

    def __init__(
        self, settings: Settings, outside: Outside, start: Start | None = None
    ) -> None:
        wanted = wanted_topics(settings.topics, settings.partitions, ())
        first_offset = 0 if start is None else start.first_offset
        self.log = LocalLog({t.name: t.partitions for t in wanted}, first_offset)
        self._names = settings.topics
        self._clock_ms = outside.clock_ms
        self.pipeline: Pipeline = build_pipeline(settings, outside, self._publish)
        self._stages = [_Stage(spec) for spec in self.pipeline.stages]
        for stage in self._stages:
            for partition in range(settings.partitions):
                stage.tables[partition] = _table(stage.spec.table, partition, start)
        if start is not None:
            self._learn(start)
        self._take_up_lookups(start)

    def _learn(self, start: Start) -> None:
        for key, value in start.assets:
            self.pipeline.ownership.apply(key, value)
        for key, value in start.holds:
            self.pipeline.holds.apply(key, value)

    def _take_up_lookups(self, start: Start | None) -> None:
        for partition, table in self.tables(LOOKUP_TABLE).items():
            waiting: Readable = table
            if isinstance(table, OverlayTable) and start and not start.takes_up_lookups:
                waiting = OnlyChanges(table)
            self.pipeline.board.assign(partition, LookupTable(waiting))

    def tables(self, name: str) -> Mapping[int, LocalTable | OverlayTable]:
        """Return the partitions of the table of that name."""
        return next(s.tables for s in self._stages if s.spec.table == name)

    def append(self, output: Output) -> Record:
        """Put one record on a topic."""
        record = self.log.append(output, self._clock_ms())
        if output.topic == self._names.assets:
            self.pipeline.ownership.apply(output.key, output.value)
        elif output.topic == self._names.holds:
            self.pipeline.holds.apply(output.key, output.value)
        return record

    async def _publish(self, answers: Sequence[tuple[int, Answer]]) -> None:
        packer: Packer[int, Answer] = Packer()
        for partition, answer in answers:
            packer.add(partition, answer)
        for partition, value in packer.records(encode_answers):
            self.append(Output(self._names.answers, None, value, partition=partition))

    def advance(self) -> int:
        """Let every stage handle what has come; return how many records that were."""
        return sum(
            self._handle(stage, topic, partition)
            for stage in self._stages
            for topic in stage.spec.topics
            for partition in self.log.partitions(topic)
        )

    def drain(self) -> None:
        """Handle all that has come and what follows from it, without any lookup."""
        while self.advance():
            pass

    def _handle(self, stage: _Stage, topic: str, partition: int) -> int:
        place = (topic, partition)
        offset = stage.next_offset.get(place, self.log.first_offset)
        records = self.log.read(topic, partition, offset, UNIT_RECORDS)
        if not records:
            return 0
        table = stage.tables[partition]
        unit = Unit(partition, table)
        stage.spec.handle(unit, records)
        for output in unit.outputs:
            self.append(output)
        table.write(unit.changes)
        stage.next_offset[place] = offset + len(records)
        for action in unit.actions:
            action()
        return len(records)

    async def settle(self, *, patience_ms: int) -> None:
        """Run until nothing is left to do but what is due later than *patience_ms*.

        Lookups that are held are not waited for.
        """
        calling = asyncio.create_task(self.pipeline.caller.run())
        try:
            while not calling.done():
                if self.advance():
                    await asyncio.sleep(0)
                elif self._is_settled(patience_ms):
                    return
                else:
                    await asyncio.sleep(IDLE_S)
            calling.result()
        finally:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)

    def _is_settled(self, patience_ms: int) -> bool:
        if not self.pipeline.caller.is_idle:
            return False
        # What was held or stopped a moment ago is looked at again after a while.
        soon_ms = self._clock_ms() + max(patience_ms, PUT_OFF_MS)
        return not any(
            self.pipeline.holds.of(lane.business, lane.asset) is None
            and self.pipeline.caller.opens_ms(lane) <= soon_ms
            for lane in self.pipeline.board.due_lanes(soon_ms)
        )

    def lag(self) -> int:
        """Return how many records wait to be handled."""
        return sum(
            self.log.end(topic, partition)
            - stage.next_offset.get((topic, partition), self.log.first_offset)
            for stage in self._stages
            for topic in stage.spec.topics
            for partition in self.log.partitions(topic)
        )

    def records(self, topic: str) -> Iterable[Record]:
        """Yield all records of *topic*."""
        return self.log.topic(topic)


def _table(
    name: str | None, partition: int, start: Start | None
) -> LocalTable | OverlayTable:
    if name is None or start is None:
        return LocalTable()
    return OverlayTable(start.table(name, partition))
