"""Runs gather in a lane and leave it in order, in bounded units."""

import asyncio
from collections.abc import Callable
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st
from tests.support import waiting

from idweave_streams.reliable import Record, Run
from idweave_streams.reliable.errors import Abandoned
from idweave_streams.reliable.lanes import LONG_S, Bounds, Lane, halved, joined


def run(topic: str, offsets: range, *, generation: int = 1, size: int = 10) -> Run:
    records = [Record(topic, 0, o, 0, None, b"x" * size) for o in offsets]
    return Run(topic, 0, generation, records)


def places(runs: list[Run]) -> list[tuple[str, int]]:
    return [(r.topic, r.offset) for r in chain(*(run.records for run in runs))]


@st.composite
def arrivals(draw: st.DrawFn) -> list[Run]:
    """Runs of two topics as a consumer hands them over."""
    ends = {"a": 0, "b": 0}
    runs = []
    for topic, count in draw(
        st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 8)), min_size=1)
    ):
        runs.append(run(topic, range(ends[topic], ends[topic] + count)))
        ends[topic] += count
    return runs


@given(runs=arrivals(), records=st.integers(1, 10), size_bytes=st.integers(1, 100))
def test_units_are_bounded_and_keep_the_order(
    runs: list[Run], records: int, size_bytes: int
) -> None:
    """Every record leaves once, in order of arrival, in units within the bounds."""
    lane = Lane(0, 1, Bounds(records, size_bytes))
    for one in runs:
        lane.feed(one)

    taken: list[tuple[str, int]] = []
    while unit := lane.take():
        count = len(places(unit))
        assert count <= records
        assert (count - 1) * 10 < size_bytes
        taken += places(unit)

    assert taken == places(runs)


@given(cost_s=st.floats(1e-6, 30))
def test_no_unit_is_computed_for_long(cost_s: float) -> None:
    """Whatever a record costs: no unit takes 2 s, unless one record does; quick ones grow."""
    lane = Lane(0, 1, Bounds(500, 1 << 20))
    lane.feed(run("a", range(10_000)))
    counts = []

    for _ in range(12):
        counts.append(len(places(lane.take())))
        lane.pace.note(counts[-1], counts[-1] * cost_s)

    assert counts[0] <= 4  # nobody knows yet what a record costs
    assert all(count * cost_s <= LONG_S or count == 1 for count in counts[1:])
    if cost_s * 500 < LONG_S / 4:
        assert counts[-1] == 500


@given(runs=arrivals())
def test_halving_keeps_everything_and_always_gets_smaller(runs: list[Run]) -> None:
    """Both halves together are the whole, and the first is not empty."""
    runs = joined(runs)

    first, rest = halved(runs)

    assert places(first) + places(rest) == places(runs)
    assert len(places(first)) == max(1, len(places(runs)) // 2)
    assert all(one.records for one in [*first, *rest])


def test_neighbouring_runs_of_one_topic_become_one() -> None:
    """The handler is called once for what lies together."""
    runs = [run("a", range(2)), run("a", range(2, 3)), run("b", range(1))]

    assert [(r.topic, len(r.records)) for r in joined(runs)] == [("a", 3), ("b", 1)]


def test_records_of_another_generation_are_dropped() -> None:
    """What was read under an earlier assignment belongs to somebody else."""
    lane = Lane(0, 2, Bounds(10, 100))

    lane.feed(run("a", range(3), generation=1))

    assert lane.take() == []


async def until(claim: Callable[[], bool]) -> None:
    async def is_true() -> bool:
        return claim()

    await waiting.until(is_true, every_s=0)


class Workbench:
    """Work that ends when it is told to."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()
        self.done: list[list[tuple[str, int]]] = []
        self.failed: list[BaseException] = []

    async def work(self, lane: Lane, runs: list[Run]) -> None:
        self.began.set()
        await self.may_end.wait()
        self.done.append(places(runs))

    async def fail(self, reason: BaseException) -> None:
        self.failed.append(reason)


async def test_what_arrives_during_a_unit_makes_the_next_one() -> None:
    """Group commit: one unit in work, the rest gathers."""
    bench, lane = Workbench(), Lane(0, 1, Bounds(100, 10_000))
    lane.start(bench.work, None, bench.fail)
    lane.feed(run("a", range(1)))
    await bench.began.wait()
    lane.feed(run("a", range(1, 3)))
    lane.feed(run("a", range(3, 5)))

    bench.may_end.set()
    await until(lambda: len(bench.done) == 2)
    await lane.close()

    assert [len(unit) for unit in bench.done] == [1, 4]


async def test_closing_ends_the_unit_in_work_and_drops_the_rest() -> None:
    """A revoked partition finishes what it began and nothing more."""
    bench, lane = Workbench(), Lane(0, 1, Bounds(100, 10_000))
    lane.start(bench.work, None, bench.fail)
    lane.feed(run("a", range(1)))
    await bench.began.wait()
    lane.feed(run("a", range(1, 3)))

    closing = asyncio.create_task(lane.close())
    await asyncio.sleep(0)
    assert not closing.done()
    bench.may_end.set()
    await closing

    assert bench.done == [[("a", 0)]]
    assert bench.failed == []


async def test_a_gate_holds_units_back_but_not_a_close() -> None:
    """While the gate is shut nothing begins, and the lane can still be closed."""
    bench, lane = Workbench(), Lane(0, 1, Bounds(100, 10_000))
    shut = asyncio.Event()

    async def gate() -> None:
        await shut.wait()

    lane.start(bench.work, gate, bench.fail)
    lane.feed(run("a", range(1)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not bench.began.is_set()

    await lane.close()

    assert bench.done == []


async def test_an_error_is_reported_and_ends_the_lane() -> None:
    """Whatever a unit raises goes to ``fail``; no further unit begins."""
    bench, lane = Workbench(), Lane(0, 1, Bounds(1, 10_000))
    calls = 0

    async def work(lane: Lane, runs: list[Run]) -> None:
        nonlocal calls
        calls += 1
        raise ValueError("broken")

    lane.start(work, None, bench.fail)
    lane.feed(run("a", range(2)))
    await until(lambda: bool(bench.failed))
    await lane.close()

    assert [type(e) for e in bench.failed] == [ValueError]
    assert calls == 1


async def test_an_abandoned_unit_is_no_error() -> None:
    """A partition that moved away is nobody's fault."""
    bench, lane = Workbench(), Lane(0, 1, Bounds(1, 10_000))
    began = asyncio.Event()

    async def work(lane: Lane, runs: list[Run]) -> None:
        began.set()
        raise Abandoned

    lane.start(work, None, bench.fail)
    lane.feed(run("a", range(2)))
    await began.wait()
    await lane.close()

    assert bench.failed == []
