"""The unit of work: compute, send, write the changelog, write locally, release.

Order is what makes it safe. (a) The handler computes on an overlay. (b) The outputs are
sent and acknowledged. (c) All changes of state go to the changelog as one record batch,
which the broker appends whole or not at all. (d) The local file gets data and changelog
offset in one write. (e) Only now the input is released.

A crash before (c) repeats the unit, outputs included. A crash after (c) finds the
progress record in the changelog and skips the input. The local file is never ahead.
"""

import asyncio
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import faust
from faust.types import TP

from .errors import (
    Abandoned,
    ChangelogShared,
    DeliveryFailed,
    HandlerFailed,
    RecordTooLarge,
)
from .funnel import Parcel
from .host import member
from .lanes import Lane, halved
from .producer import BATCH_BYTES, Batch, DoesNotFitError, Outbox
from .progress import PROGRESS_KEY, encode_progress
from .records import Record, Run
from .store import Change
from .table import Table
from .unit import NoTable, Readable, Unit

Handle = Callable[[Unit, Sequence[Record]], None]

_LEASE_POLL_S = 0.1


@dataclass(slots=True)
class Totals:
    """What a stage has done since the process started."""

    units: int = 0
    records: int = 0
    skipped: int = 0
    outputs: int = 0
    changes: int = 0
    abandoned: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A computed unit, packed and ready to be sent."""

    unit: Unit
    outputs: list[Parcel]
    changes: list[Change]
    changelog: Batch | None
    progress: dict[str, int]


class Commit:
    """Carries out units for one stage. Holds nothing between units but totals."""

    def __init__(
        self, app: faust.App, outbox: Outbox, handle: Handle, table: Table | None
    ) -> None:
        self.totals = Totals()
        self._app = app
        self._outbox = outbox
        self._handle = handle
        self._table = table

    async def work(
        self, lane: Lane, runs: list[Run], committed: Callable[[int], None] | None
    ) -> None:
        """Handle runs in as few units as they fit into, and release them.

        Raises:
            Abandoned: the partition moved away; what was not released stays unacked.
            UnitFailed: nothing may go on in this process.
        """
        for run in runs:
            self._skip(lane, run)
        rest = [fresh for run in runs if (fresh := _after(run, lane.progress))]
        while rest:
            part, rest, prepared = await self._fit(lane, rest)
            await self._carry_out(lane, prepared)
            self._release(lane, part)
            for action in prepared.unit.actions:
                action()
            if committed is not None:
                committed(lane.partition)

    def _skip(self, lane: Lane, run: Run) -> None:
        """Release what is already in effect, without handling it again."""
        done = lane.progress.get(run.topic, 0)
        skipped = [r for r in run.records if r.offset < done]
        if skipped:
            self.totals.skipped += len(skipped)
            tp = TP(run.topic, run.partition)
            member(self._app).release(tp, skipped[-1].offset, lane.generation)

    async def _fit(
        self, lane: Lane, runs: list[Run]
    ) -> tuple[list[Run], list[Run], Prepared]:
        """Prepare as much of ``runs`` as one record batch holds."""
        part, rest = runs, list[Run]()
        while True:
            try:
                return part, rest, await self._prepare(lane, part)
            except DoesNotFitError:
                if sum(len(run.records) for run in part) == 1:
                    raise RecordTooLarge(_where(part[0]), BATCH_BYTES) from None
                part, more = halved(part)
                rest = [*more, *rest]

    async def _prepare(self, lane: Lane, runs: list[Run]) -> Prepared:
        clock = asyncio.get_running_loop().time
        began_s = clock()
        unit = self._compute(lane.partition, runs)
        lane.pace.note(sum(len(run.records) for run in runs), clock() - began_s)
        progress = lane.progress | {run.topic: run.last_offset + 1 for run in runs}
        changes: list[Change] = []
        changelog = None
        # Without a change there is nothing to protect from a repetition; but the first
        # unit always leaves its mark, so that a lost changelog is noticed.
        if self._table is not None and (unit.changes or not lane.progress):
            changes = [*unit.changes.items(), (PROGRESS_KEY, encode_progress(progress))]
            changelog = self._outbox.pack_changes(
                self._table.changelog_topic_name, lane.partition, changes
            )
        outputs = await self._outbox.pack(unit.outputs)
        return Prepared(unit, outputs, changes, changelog, progress)

    def _compute(self, partition: int, runs: list[Run]) -> Unit:
        unit = Unit(partition, self._state(partition))
        for at, run in enumerate(runs):
            try:
                self._handle(unit, run.records)
            except Exception as exc:  # noqa: BLE001 - any error of a handler is a bug
                where = self._failing(partition, runs[:at], run)
                # Not chained: the text of the error may hold what must not be logged.
                raise HandlerFailed(
                    f"{type(exc).__name__} at {_site(exc)} handling {where}"
                ) from None
        return unit

    def _failing(self, partition: int, done: list[Run], run: Run) -> str:
        """Name the record that makes the handler fail, by trying ever longer starts."""
        low, high = 0, len(run.records)
        while high - low > 1:
            middle = (low + high) // 2
            unit = Unit(partition, self._state(partition))
            try:
                for earlier in done:
                    self._handle(unit, earlier.records)
                self._handle(unit, run.records[:middle])
                low = middle
            except Exception:  # noqa: BLE001 - the first one is already being reported
                high = middle
        return _at(run.records[high - 1])

    async def _carry_out(self, lane: Lane, prepared: Prepared) -> None:
        await self._send_outputs(lane, prepared)
        if prepared.changelog is not None:
            await self._fence(lane)
            end = await self._write_changelog(lane, prepared.changelog)
            await self._fence(lane)
            self._write_locally(lane, prepared, end)
        self.totals.units += 1
        self.totals.outputs += len(prepared.unit.outputs)
        self.totals.changes += len(prepared.unit.changes)

    async def _send_outputs(self, lane: Lane, prepared: Prepared) -> None:
        if prepared.outputs:
            await self._fence(lane)
            await self._outbox.deliver(prepared.outputs)

    async def _write_changelog(self, lane: Lane, batch: Batch) -> int:
        """Write the batch and return where the changelog ends now."""
        base = await self._outbox.deliver_changes(batch)
        if base < 0 or lane.changelog_end not in {None, base}:
            raise ChangelogShared(
                batch.topic, batch.partition, lane.changelog_end or 0, base
            )
        return base + batch.count

    def _write_locally(self, lane: Lane, prepared: Prepared, end: int) -> None:
        table = self._table
        if table is not None:
            table.store.write_unit(lane.partition, prepared.changes, end - 1)
        lane.changelog_end = end
        lane.progress = prepared.progress

    def _release(self, lane: Lane, runs: list[Run]) -> None:
        for run in runs:
            self.totals.records += len(run.records)
            tp = TP(run.topic, run.partition)
            member(self._app).release(tp, run.last_offset, lane.generation)

    async def _fence(self, lane: Lane) -> None:
        """Let pass while the partition is surely ours.

        Raises:
            Abandoned: the group has moved on.
            DeliveryFailed: the broker has not been heard of for too long to know.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._outbox.delivery_timeout_s
        while not self._is_ours(lane):
            if clock() > deadline:
                raise DeliveryFailed(
                    "no heartbeat was answered; check the broker and the network"
                )
            await asyncio.sleep(_LEASE_POLL_S)

    def _is_ours(self, lane: Lane) -> bool:
        group = member(self._app)
        if group.is_leased and lane.generation == group.generation:
            return True
        if self._app.should_stop or lane.generation != group.generation:
            self.totals.abandoned += 1
            raise Abandoned
        return False

    def _state(self, partition: int) -> Readable:
        if self._table is None:
            return NoTable()
        return self._table.store.read(partition)


def _after(run: Run, progress: dict[str, int]) -> Run | None:
    """Return the part of ``run`` that is not in effect yet."""
    done = progress.get(run.topic, 0)
    if run.records[0].offset >= done:
        return run
    fresh = [r for r in run.records if r.offset >= done]
    return Run(run.topic, run.partition, run.generation, fresh) if fresh else None


def _where(run: Run) -> str:
    return _at(run.records[0])


def _at(record: Record) -> str:
    return f"{record.topic}[{record.partition}] offset {record.offset}"


def _site(exc: BaseException) -> str:
    frames = traceback.extract_tb(exc.__traceback__)
    last = frames[-1]
    return f"{last.filename}:{last.lineno} in {last.name}"
