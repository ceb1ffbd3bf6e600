"""Whether a business goes on while an app of a million people leaves it.

A real worker on real Kafka recovers the graph of a business, each of its people known
by an app and by a Page. Then the app gets another owner, and its ids leave the graph
one by one. All the while somebody new logs into the business's other app every 20 ms.
How long does it take until the event tells of them: before, meanwhile, and afterwards?

    python -m benchmarks.sweep [--members 1000000]
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer
from benchmarks.estate import Estate, estate
from benchmarks.graph import Graph, graph
from benchmarks.grounds import OnKafka, on_kafka, rss_mib
from benchmarks.latency import Spread, keep_coming, login
from benchmarks.tables import texts_behind, write_changelog
from benchmarks.watch import Watch

from idweave_streams.outside import unix_time_s
from idweave_streams.packing import partition_of
from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE
from idweave_streams.topic_plan import changelogs_of

TICK_S = 0.05
STUCK_S = 120.0
SLOWEST = 500
"""Members a second: if it takes longer than that, newcomers may run out."""
HEIR_LOGINS = 200
"""So many of the ids log in again, at the heir."""
FREELY = 1_000_000_000
"""Calls that the Graph API allows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of it."""

    members: int = 1_000_000
    every_s: float = 0.02
    quiet_s: float = 30.0
    """So long it is measured before and afterwards."""
    settle_s: float = 10.0
    """So long nothing is measured after the worker has begun, and after the sweep."""

    @property
    def newcomers(self) -> int:
        """People who can log in while it goes on."""
        seconds = 3 * self.quiet_s + 3 * self.settle_s + self.members / SLOWEST
        return int((seconds + STUCK_S) / self.every_s)


@dataclass(slots=True)
class Figures:
    """What was measured."""

    members: int = 0
    recovery_s: float = 0.0
    """From the start of the worker to the first event."""
    sweep_s: float = 0.0
    """From the change of owner to the last alias that went."""
    swept: int = 0
    """Different ids whose alias went."""
    spreads: dict[str, Spread] = field(default_factory=dict)
    lost: int = 0
    """Logins of which no event told."""
    left: int = 0
    """Ids of the app that the old owner's table still holds."""
    stayed: int = 0
    """Ids of the Page that it holds of those who were there at first."""
    taken: int = 0
    """Ids that are alone in a new person of the heir, of `HEIR_LOGINS`."""
    rss_mib: dict[str, int] = field(default_factory=dict)


async def measure(
    plan: Plan, folder: Path, *, kafka: str = "", name: str = "benchmark"
) -> Figures:
    """Carry the plan out, on the broker at *kafka* or one of its own."""
    here, figures = estate(plan.members, plan.newcomers), Figures(plan.members)
    async with _graph(here, folder) as api:
        settings = Settings(
            app_id=name,
            topic_prefix=f"{name}.",
            graph_api_url=api.base_url,
            credentials_file=_credentials(here, folder),
            data_dir=folder / "tables",
            partitions=8,
            replication=1,
        )

        async def prepare(settings: Settings) -> None:
            partition = partition_of(here.owner.id, settings.partitions)
            table = here.table(settings.topics)
            [topic, _] = changelogs_of(settings.app_id)
            await write_changelog(settings.kafka, topic, partition, table)

        carried = on_kafka(settings, folder, prepare=prepare, linger_ms=0, kafka=kafka)
        async with carried as ground:
            await _run(plan, here, ground, figures)
            await ground.stop_worker()
            _look(here, ground.settings, figures)
    return figures


@asynccontextmanager
async def _graph(here: Estate, folder: Path) -> AsyncIterator[Graph]:
    """A Graph API that knows the newcomers and limits nobody."""
    world = folder / "world.json"
    world.write_bytes(here.world.to_json())
    async with graph(world, {"latency_s": 0.1}) as api:
        for of in (here.staying.asset, here.page.asset, f"business:{here.owner.id}"):
            await api.limit(of, FREELY)
        yield api


def _credentials(here: Estate, folder: Path) -> Path:
    file = folder / "credentials.json"
    file.write_bytes(orjson.dumps(here.world.credentials()))
    return file


async def _run(plan: Plan, here: Estate, ground: OnKafka, figures: Figures) -> None:
    names, began_s = ground.settings.topics, time.monotonic()
    async with AIOKafkaConsumer(
        names.events,
        names.aliases,
        bootstrap_servers=ground.settings.kafka,
        auto_offset_reset="earliest",
    ) as consumer:
        watch = Watch(here, consumer)
        await ground.send(here.assets(names))
        users = iter(here.newcomers)
        coming = keep_coming(ground, here.staying.id, users, plan.every_s, watch.seen)
        async with asyncio.TaskGroup() as tasks:
            both = [tasks.create_task(watch.run()), tasks.create_task(coming)]
            await _first(ground, watch)
            figures.recovery_s = time.monotonic() - began_s
            phases = await _phases(plan, here, ground, watch, figures)
            both[1].cancel()
            await _taken_over(here, ground, watch)
            await _drained(ground, watch)
            both[0].cancel()
    figures.spreads = {
        name: watch.seen.between(*times_s) for name, times_s in phases.items()
    }
    figures.lost = len(watch.seen.under_way)
    figures.taken = len(watch.taken)


async def _first(ground: OnKafka, watch: Watch) -> None:
    while not watch.seen.ended:
        ground.check()
        await asyncio.sleep(TICK_S)


async def _phases(
    plan: Plan, here: Estate, ground: OnKafka, watch: Watch, figures: Figures
) -> dict[str, tuple[float, float]]:
    """Let the app leave, and return from when until when what went on."""
    await asyncio.sleep(plan.settle_s)
    before_s = time.monotonic()
    await asyncio.sleep(plan.quiet_s)
    figures.rss_mib["before"] = rss_mib(ground.pid)
    lost_s = time.monotonic()
    await ground.send(
        [here.transfer(ground.settings.topics, int(unix_time_s() * 1000))]
    )
    await _swept(ground, watch)
    figures.rss_mib["at the end"] = rss_mib(ground.pid)
    swept_s = watch.swept_s
    await asyncio.sleep(plan.settle_s)
    after_s = time.monotonic()
    await asyncio.sleep(plan.quiet_s)
    figures.swept, figures.sweep_s = watch.swept, swept_s - lost_s
    return {
        "before": (before_s, lost_s),
        "during": (lost_s, swept_s),
        "after": (after_s, time.monotonic()),
    }


async def _swept(ground: OnKafka, watch: Watch) -> None:
    """Wait until every alias has gone, or none has for long."""
    watch.swept_s = time.monotonic()
    while watch.remaining and time.monotonic() < watch.swept_s + STUCK_S:
        ground.check()
        await asyncio.sleep(TICK_S)


async def _drained(ground: OnKafka, watch: Watch) -> None:
    """Wait until events have told of all logins, or of none for long."""
    left, moved_s = len(watch.seen.under_way), time.monotonic()
    while left and time.monotonic() < moved_s + STUCK_S:
        ground.check()
        await asyncio.sleep(TICK_S)
        if len(watch.seen.under_way) < left:
            left, moved_s = len(watch.seen.under_way), time.monotonic()


async def _taken_over(here: Estate, ground: OnKafka, watch: Watch) -> None:
    """Let some of the ids log in at the heir, and wait for their persons."""
    await asyncio.sleep(1.0)
    topic, step = ground.settings.topics.logins, max(1, here.members // HEIR_LOGINS)
    users = [here.user(number) for number in range(0, here.members, step)]
    users = users[:HEIR_LOGINS]
    await ground.send([login(topic, here.leaving.id, user) for user in users])
    for _ in range(int(STUCK_S / TICK_S)):
        await asyncio.sleep(TICK_S)
        if len(watch.taken) == len(users):
            return


def _look(here: Estate, settings: Settings, figures: Figures) -> None:
    """Count whom the table of the old owner still holds."""
    partition = partition_of(here.owner.id, settings.partitions)
    [path] = settings.data_dir.rglob(f"{GRAPH_TABLE}-{partition}.db")
    left, at_page = (
        texts_behind(path, f"m|{here.owner.id}|{asset}:")
        for asset in (here.leaving.asset, here.page.asset)
    )
    figures.left = sum(1 for _ in left)
    figures.stayed = sum(1 for user in at_page if here.is_at_first(user))


def _report(figures: Figures) -> None:
    before = figures.spreads["before"]
    rate = figures.swept / figures.sweep_s
    print(f"members              {figures.members}, each with an id of a Page too")
    print(f"recovered in         {figures.recovery_s:.0f} s")
    print(f"swept                {figures.swept} in {figures.sweep_s:.0f} s")
    print(f"members a second     {rate:.0f}")
    for name, spread in figures.spreads.items():
        print(
            f"{name:<20} p50 {spread.half:.0f} ms, p99 {spread.most:.0f} ms,"
            f" max {spread.longest:.0f} ms of {spread.count} logins"
        )
    during = figures.spreads["during"]
    print(
        f"during : before      p50 {during.half / before.half:.1f},"
        f" p99 {during.most / before.most:.1f}, max {during.longest / before.longest:.1f}"
    )
    print(f"lost logins          {figures.lost}")
    print(f"left of the app      {figures.left}")
    print(f"left of the Page     {figures.stayed}")
    print(
        f"taken by the heir    {figures.taken} of {min(HEIR_LOGINS, figures.members)}"
    )
    rss = ", ".join(f"{at} {mib}" for at, mib in figures.rss_mib.items())
    print(f"memory in MiB        {rss}")


def main() -> None:
    """Measure as the command line says."""
    usual, parser = Plan(), argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=usual.members)
    parser.add_argument("--quiet-s", type=float, default=usual.quiet_s)
    stated = parser.parse_args()
    plan = Plan(members=stated.members, quiet_s=stated.quiet_s)
    with tempfile.TemporaryDirectory(prefix="idweave-benchmark-") as folder:
        figures = asyncio.run(measure(plan, Path(folder)))
    _report(figures)


if __name__ == "__main__":
    main()
