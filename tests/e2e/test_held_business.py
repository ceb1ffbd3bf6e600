"""A business under review: its lookups wait, nobody else's do, and none is lost."""

from pathlib import Path

import orjson
import pytest
from tests.e2e.demands import assert_complete, assert_right, told_by
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand

from idweave_adapters.simulator import World
from idweave_adapters.simulator.traffic import Traffic, TrafficPlan

PROBE_S = 1


@pytest.mark.timeout(180)
async def test_held_business(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Only single probes are asked while it lasts, also by a worker that came later."""
    world = World.generate(seed=3, businesses=3, people=120)
    traffic = Traffic(world, TrafficPlan(seed=3, events=600))
    held = next(b.id for b in world.businesses.values() if not b.is_provider)
    async with stand(
        world,
        kafka=kafka.bootstrap,
        prefix=topic_prefix,
        folder=tmp_path,
        hold_probe_hours=PROBE_S / 3600,
        hold_next_probe_hours=PROBE_S / 3600,
    ) as deployed:
        deployed.simulator.review(held)
        await deployed.send_assets(world)
        await deployed.send_events(traffic)
        worker = await deployed.start_worker("early")
        await deployed.until(lambda tally: held in tally.held)
        await deployed.until(lambda tally: not tally.open_lookups)

        await _only_probes(deployed, held)
        assert await deployed.stop(worker) == 0
        await deployed.start_worker("late")
        await _only_probes(deployed, held)
        assert deployed.tally.held == {held}

        deployed.simulator.review(held, on=False)
        await deployed.settle()

        found = await told_by(deployed)
        assert_right(found, world, traffic)
        await assert_complete(deployed, found)
        policy = await deployed.records(deployed.names.policy)
        told = [
            orjson.loads(r.value or b"")["type"]
            for r in policy
            if r.key == held.encode()
        ]
        ends = [kind for kind in told if kind in ("held", "released")]
        assert ends[0] == "held"
        assert ends[-1] == "released"


async def _only_probes(deployed: Stand, held: str) -> None:
    """Let two probes pass and see that they were all that was asked."""
    before = deployed.tally.holds
    deployed.simulator.reset_stats()

    await deployed.until(lambda tally: tally.holds >= before + 2)

    probes = deployed.tally.holds - before
    # One more may have been asked and not be told of yet.
    assert deployed.simulator.stats.by_business[held] <= probes + 1
