"""Workers die and come back under load; in the end it is as if nothing had happened."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.demands import (
    assert_complete,
    assert_no_gaps,
    assert_right,
    told_by,
    undisturbed,
)
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand
from tests.support.waiting import until

from idweave_adapters.simulator import Faults, World
from idweave_adapters.simulator.traffic import Event, Traffic, TrafficPlan
from idweave_streams.tally import Tally

FAULTS = Faults(latency_s=0.2, jitter_s=0.1, failure_rate=0.02, item_failure_rate=0.03)
"""So slow, and asked one request at a time, that the work outlasts what is done to it."""
CHUNK = 50


@dataclass(frozen=True, slots=True)
class Load:
    """What happens in the world, and what must be known of it in the end."""

    world: World
    traffic: Traffic
    events: list[Event]

    async def arrive(self, to: Stand, seconds: float) -> None:
        """All events have been sent, over at least so long a time."""
        chunks = list(batched(self.events, CHUNK))
        for chunk in chunks:
            await to.send_events(chunk)
            await asyncio.sleep(seconds / len(chunks))

    async def passed(self, at: Stand, share: float) -> None:
        """That share of the lookups is over, and not nearly all of them."""
        lookups = len(self.traffic.report.sighted)

        def is_passed(tally: Tally) -> bool:
            return len(tally.closed) >= share * lookups

        await at.until(is_passed)
        assert len(at.tally.closed) < 0.95 * lookups, "too late to disturb anything"

    async def assert_done(self, at: Stand) -> None:
        """It is as if nothing had ever failed, and nothing was lost on the way."""
        await at.settle()
        found = await told_by(at)
        reference = await undisturbed(self.world, self.events, at.settings)

        assert_right(found, self.world, self.traffic)
        assert found.who_is_who() == reference.who_is_who()
        assert found.members() == reference.members()
        await assert_complete(at, found)
        assert_no_gaps(found)


@pytest.fixture
def load() -> Load:
    """4,000 events of some 400 people in five businesses and a service provider."""
    world = World.generate(seed=11, people=400)
    traffic = Traffic(world, TrafficPlan(seed=11, events=4_000))
    return Load(world, traffic, list(traffic))


@pytest.fixture
async def deployed(
    load: Load, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[Stand]:
    """A deployment over the load's world, with a Graph API that fails at times."""
    async with stand(
        load.world,
        kafka=kafka.bootstrap,
        prefix=topic_prefix,
        folder=tmp_path,
        faults=FAULTS,
        lookup_requests=1,
    ) as made:
        await made.send_assets(load.world)
        yield made


@pytest.mark.timeout(240)
async def test_one_worker_killed_three_times(load: Load, deployed: Stand) -> None:
    """Killed at any time, with or without its disk, a worker loses and doubles nothing."""
    worker = await deployed.start_worker("only")
    arriving = asyncio.create_task(load.arrive(deployed, 10))
    for share, loses_disk in ((0.20, False), (0.45, True), (0.70, False)):
        await load.passed(deployed, share)
        await deployed.kill(worker)
        if loses_disk:
            shutil.rmtree(deployed.data_dir("only"))
        worker = await deployed.start_worker("only")
    await arriving

    await load.assert_done(deployed)


@pytest.mark.timeout(240)
async def test_two_workers_one_killed_one_added(load: Load, deployed: Stand) -> None:
    """Partitions that move from a dead worker to others take all of their work along."""
    killed, _ = [await deployed.start_worker(name) for name in ("first", "second")]
    await until(lambda: _are_members(deployed, 2))
    arriving = asyncio.create_task(load.arrive(deployed, 4))
    await load.passed(deployed, 0.3)
    await deployed.kill(killed)
    await deployed.start_worker("third")
    await until(lambda: _are_members(deployed, 2))
    await arriving

    await load.assert_done(deployed)


@pytest.mark.timeout(240)
async def test_sigterm_rolls_without_loss(load: Load, deployed: Stand) -> None:
    """One worker after the other can be replaced under load; each ends with code 0."""
    old = [await deployed.start_worker(name) for name in ("first", "second")]
    await until(lambda: _are_members(deployed, 2))
    codes = []
    for worker, events in zip(
        old, batched(load.events, len(load.events) // 2), strict=True
    ):
        await deployed.send_events(events)
        codes.append(await deployed.stop(worker))
        await deployed.start_worker(f"new-{len(codes)}")
        await until(lambda: _are_members(deployed, 2))

    assert codes == [0, 0]
    await load.assert_done(deployed)


def batched(events: Sequence[Event], size: int) -> Iterator[Sequence[Event]]:
    """The events in order, so many at a time."""
    for start in range(0, len(events), size):
        yield events[start : start + size]


async def _are_members(deployed: Stand, count: int) -> bool:
    await deployed.look()
    return await deployed.members() == count
