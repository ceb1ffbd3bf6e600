"""How near the limits lookups come, and whether each id is looked up once.

A simulated Graph API in its own process answers after 300 ms, fails two calls in a
hundred, and allows eight tenths of the rate at which new ids come in. Its own counts
say what came of it.

    python -m benchmarks.lookups [--ids 50000] [--engine local]
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from benchmarks.crowd import Crowd, crowd
from benchmarks.graph import Graph, graph
from benchmarks.grounds import Ground, in_process, on_kafka, rss_mib

from idweave_streams.outside import unix_time_s
from idweave_streams.settings import Settings

TICK_S = 0.25
QUIET_S = 5.0
"""So long after the last answer, one that comes twice would have come."""
STUCK_S = 300.0
"""Longer than the longest wait that the platform asks for here."""
STEADY_UNTIL = 0.9
"""So much of all ids: later some assets have none left, and use their limits no more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of it."""

    ids: int = 50_000
    businesses: int = 4
    rate: float = 250.0
    """New ids a second."""
    allowed: float = 0.8
    """Calls that all limits together allow, as a share of that."""
    window_s: float = 60.0
    """Instead of Meta's hour."""
    latency_s: float = 0.3
    errors: float = 0.02
    linger_ms: int = 500

    @property
    def allowed_rate(self) -> float:
        """Calls a second that the limits allow in the long run."""
        return self.rate * self.allowed


@dataclass(slots=True)
class Figures:
    """What was measured, from the simulator's counts and the kernel's."""

    ids: int = 0
    answered: int = 0
    """Different ids that were answered."""
    repeated: int = 0
    """Ids that were answered more than once."""
    throttled: int = 0
    failed: int = 0
    calls: int = 0
    seconds: float = 0.0
    steady: list[tuple[float, int]] = field(default_factory=list)
    """Time and calls let through, from the first whole window on."""
    rss_mib: dict[int, int] = field(default_factory=dict)
    """Of the process that asks, by the share of ids answered, in percent."""

    @property
    def lost(self) -> int:
        """Ids that were never answered."""
        return self.ids - self.answered

    def steady_rate(self) -> float:
        """Calls let through per second, once the window was full."""
        if len(self.steady) < 2:  # noqa: PLR2004 - a rate needs two points
            return 0.0
        (from_s, before), (to_s, after) = self.steady[0], self.steady[-1]
        return (after - before) / (to_s - from_s)


def steps(plan: Plan) -> dict[str, float]:
    """The simulator's faults."""
    return {
        "latency_s": plan.latency_s,
        "item_failure_rate": plan.errors,
        "window_s": plan.window_s,
    }


async def measure(plan: Plan, engine: str, folder: Path) -> tuple[Figures, str]:
    """Carry the plan out; the figures, and what carried the events."""
    people = crowd(plan.ids, businesses=plan.businesses)
    world, credentials = folder / "world.json", folder / "credentials.json"
    world.write_bytes(people.world.to_json())
    credentials.write_bytes(orjson.dumps(people.world.credentials()))
    async with graph(world, steps(plan)) as api:
        budgets = people.budgets(plan.allowed_rate * plan.window_s)
        for of, calls in budgets.items():
            await api.limit(of, calls)
        settings = Settings(
            app_id="benchmark",
            graph_api_url=api.base_url,
            credentials_file=credentials,
            data_dir=folder / "tables",
            partitions=8,
            replication=1,
            lookup_linger_ms=plan.linger_ms,
            lookup_requests=16,
            lookup_requests_per_business=8,
        )
        carried = on_kafka if engine == "kafka" else in_process
        async with carried(settings, folder) as carrier:
            return await _run(plan, people, api, carrier, settings), carrier.name


async def _run(
    plan: Plan, people: Crowd, api: Graph, ground: Ground, settings: Settings
) -> Figures:
    await ground.send(people.assets(settings.topics))
    feeding = asyncio.create_task(_feed(plan, people, ground, settings))
    figures = Figures(ids=plan.ids)
    try:
        await _watch(plan, api, ground, figures)
        await feeding
    finally:
        feeding.cancel()
    await asyncio.sleep(QUIET_S)
    _take(figures, await api.stats())
    return figures


async def _feed(plan: Plan, people: Crowd, ground: Ground, settings: Settings) -> None:
    """Send the events at the demanded rate."""
    at_ms = int(unix_time_s() * 1000)
    events = list(people.events(settings.topics, settings.partitions, at_ms))
    began_s, sent = time.monotonic(), 0
    while sent < len(events):
        due = min(len(events), int((time.monotonic() - began_s) * plan.rate) + 1)
        await ground.send(events[sent:due])
        sent = due
        await asyncio.sleep(TICK_S)


async def _watch(plan: Plan, api: Graph, ground: Ground, figures: Figures) -> None:
    """Look until every id is answered, or nothing has moved for long.

    The clock starts with the first call that is let through.
    """
    began_s = moved_s = 0.0
    while figures.lost and (not moved_s or time.monotonic() < moved_s + STUCK_S):
        await asyncio.sleep(TICK_S)
        ground.check()
        before, now_s = figures.answered, time.monotonic()
        _take(figures, await api.stats())
        if not figures.calls:
            continue
        began_s = began_s or now_s
        moved_s = now_s if figures.answered > before else moved_s or now_s
        figures.seconds = now_s - began_s
        is_steady = figures.answered <= STEADY_UNTIL * plan.ids
        if figures.seconds >= plan.window_s and is_steady:
            figures.steady.append((now_s, figures.calls))
        tenth = 100 * figures.answered // plan.ids // 10 * 10
        if tenth and tenth not in figures.rss_mib:
            figures.rss_mib[tenth] = rss_mib(ground.pid)


def _take(figures: Figures, stats: Mapping[str, Any]) -> None:
    by_lookups = stats["ids_by_lookups"]
    figures.answered = stats["distinct_ids"]
    figures.repeated = sum(ids for times, ids in by_lookups.items() if times != "1")
    figures.calls = sum(stats["by_caller"].values())
    figures.throttled = stats["injected"].get("throttled", 0)
    figures.failed = stats["injected"].get("item_failure", 0)


def _report(plan: Plan, figures: Figures, name: str) -> None:
    rate = figures.steady_rate()
    ratio = rate / plan.allowed_rate
    print(f"ground               {name}")
    print(f"ids                  {figures.ids}, {plan.rate:.0f} new ones a second")
    print(f"limits allow         {plan.allowed_rate:.0f} calls a second in all")
    print(f"lost                 {figures.lost}")
    print(f"looked up twice      {figures.repeated}")
    print(f"failed calls         {figures.failed}")
    print(f"throttled calls      {figures.throttled}")
    print(f"seconds              {figures.seconds:.0f}")
    print(f"rate, steady         {rate:.1f} calls a second")
    print(f"of what is allowed   {ratio:.3f}")
    rss = ", ".join(f"{at} %: {mib}" for at, mib in figures.rss_mib.items())
    print(f"memory in MiB        {rss}")


def main() -> None:
    """Measure as the command line says."""
    usual, parser = Plan(), argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=usual.ids)
    parser.add_argument("--rate", type=float, default=usual.rate)
    parser.add_argument("--window-s", type=float, default=usual.window_s)
    parser.add_argument("--engine", choices=("kafka", "local"), default="kafka")
    stated = parser.parse_args()
    plan = Plan(ids=stated.ids, rate=stated.rate, window_s=stated.window_s)
    with tempfile.TemporaryDirectory(prefix="idweave-benchmark-") as folder:
        figures, name = asyncio.run(measure(plan, stated.engine, Path(folder)))
    _report(plan, figures, name)


if __name__ == "__main__":
    main()
