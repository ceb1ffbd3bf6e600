"""One lane per state partition: units strictly one after the other.

While a unit waits for the broker, records gather in the lane; the next unit takes what
has gathered, up to its bounds. That is group commit without a timer: small units when
idle, large ones under load. Lanes of different partitions run side by side.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from .errors import Abandoned
from .records import Run

Work = Callable[["Lane", list[Run]], Awaitable[None]]
Gate = Callable[[], Awaitable[None]]
Fail = Callable[[BaseException], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much input one unit may take."""

    records: int
    size_bytes: int


LONG_S = 2.0
"""While a unit is computed nothing else runs; a lease on a partition is some 10 s."""
_FIRST = 4
_MOST = 1 << 16


class Pace:
    """How many records the next unit may take, so that it is not computed for long.

    It begins small: had a unit taken so long that the process ended, the next process
    would otherwise begin with the same one, and end in the same way.
    """

    def __init__(self) -> None:
        self.records = _FIRST

    def note(self, records: int, took_s: float) -> None:
        """Learn from a unit of so many *records*, which was computed in *took_s*."""
        if took_s > LONG_S:
            self.records = max(1, int(records * LONG_S / took_s / 2))
        elif took_s < LONG_S / 4:
            self.records = min(2 * self.records, _MOST)


class Lane:
    """The queue and the worker task of one partition under one group generation."""

    def __init__(self, partition: int, generation: int, bounds: Bounds) -> None:
        self.partition = partition
        self.generation = generation
        self.progress: dict[str, int] = {}
        self.changelog_end: int | None = None
        self.pace = Pace()
        self._bounds = bounds
        self._runs: deque[Run] = deque()
        self._has_runs = asyncio.Event()
        self._is_closed = False
        self._is_busy = False
        self._task: asyncio.Task[None] | None = None

    def start(self, work: Work, gate: Gate | None, fail: Fail) -> None:
        """Begin to work on what is fed."""
        name = f"lane-{self.partition}"
        self._task = asyncio.create_task(self._run(work, gate, fail), name=name)

    def feed(self, run: Run) -> None:
        """Queue a run of this generation; runs of any other are dropped unacked."""
        if run.generation == self.generation and not self._is_closed:
            self._runs.append(run)
            self._has_runs.set()

    async def close(self) -> None:
        """Drop what has not begun, and wait for the unit in work."""
        self._is_closed = True
        self._runs.clear()
        if self._task is not None:
            if not self._is_busy:
                self._task.cancel()
            await asyncio.wait([self._task])

    @property
    def is_busy(self) -> bool:
        """Whether a unit is in work."""
        return self._is_busy

    async def _run(self, work: Work, gate: Gate | None, fail: Fail) -> None:
        try:
            while not self._is_closed:
                await self._has_runs.wait()
                if gate is not None:
                    await gate()
                self._is_busy = True
                await work(self, self.take())
                self._is_busy = False
        except Abandoned:
            self._runs.clear()
        except Exception as exc:  # noqa: BLE001 - whatever it was, nothing may be acked
            await fail(exc)

    def take(self) -> list[Run]:
        """Take queued runs up to the bounds, at least one record, in order of arrival."""
        taken: list[Run] = []
        records = min(self._bounds.records, self.pace.records)
        size_bytes = self._bounds.size_bytes
        while self._runs and records > 0 and size_bytes > 0:
            run = self._runs.popleft()
            count, cost = _fitting(run, records, size_bytes)
            if count < len(run.records):
                self._runs.appendleft(replace(run, records=run.records[count:]))
                run = replace(run, records=run.records[:count])
            taken.append(run)
            records, size_bytes = records - count, size_bytes - cost
        if not self._runs:
            self._has_runs.clear()
        return joined(taken)


def _fitting(run: Run, records: int, size_bytes: int) -> tuple[int, int]:
    """How many records of ``run`` reach a bound, and their size; at least one."""
    cost = 0
    for count, record in enumerate(run.records[:records], start=1):
        cost += record.size_bytes
        if cost >= size_bytes:
            return count, cost
    return min(len(run.records), records), cost


def joined(runs: list[Run]) -> list[Run]:
    """Join neighbouring runs of the same topic into one."""
    result: list[Run] = []
    for run in runs:
        if result and result[-1].topic == run.topic:
            records = [*result[-1].records, *run.records]
            result[-1] = replace(run, records=records)
        else:
            result.append(run)
    return result


def halved(runs: list[Run]) -> tuple[list[Run], list[Run]]:
    """Split into a first half and the rest; the first half has at least one record."""
    wanted = max(1, sum(len(r.records) for r in runs) // 2)
    first: list[Run] = []
    for at, run in enumerate(runs):
        if wanted < len(run.records):
            first.append(replace(run, records=run.records[:wanted]))
            rest = [replace(run, records=run.records[wanted:]), *runs[at + 1 :]]
            return [r for r in first if r.records], rest
        first.append(run)
        wanted -= len(run.records)
    return first, []
