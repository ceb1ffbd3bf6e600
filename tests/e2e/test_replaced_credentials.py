"""A token that Meta refuses: its lookups wait on hold until it is replaced."""

from pathlib import Path

import orjson
import pytest
from tests.e2e.demands import assert_complete, assert_right, told_by
from tests.support.kafka import KafkaBroker
from tests.support.stand import stand

from idweave_adapters.simulator import World
from idweave_adapters.simulator.traffic import Traffic, TrafficPlan

WRONG = "0123456789abcdef0123456789abcdef"


@pytest.mark.timeout(180)
async def test_replaced_credentials(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Others go on, a restart forgets nothing, and a new file is all it takes.

    The next probe by itself would be days away, so it is the file that ends the hold.
    """
    world = World.generate(seed=5, businesses=3, people=90)
    traffic = Traffic(world, TrafficPlan(seed=5, events=500))
    right = world.credentials()
    logins = (orjson.loads(e.value) for e in traffic if e.topic == "login")
    app, business = next(
        (app.id, app.owner)
        for app in (world.apps.get(login["app_id"]) for login in logins)
        if app is not None and app.owner is not None and app.parent is None
    )
    wrong = orjson.loads(orjson.dumps(right))
    wrong["businesses"][business]["apps"][app]["secret"] = WRONG
    async with stand(
        world,
        kafka=kafka.bootstrap,
        prefix=topic_prefix,
        folder=tmp_path,
        credential_retry_minutes=10_000,
        credentials_reload_seconds=0.2,
    ) as deployed:
        file = deployed.settings.credentials_file
        assert file is not None
        file.write_bytes(orjson.dumps(wrong))
        await deployed.send_assets(world)
        await deployed.send_events(traffic)
        worker = await deployed.start_worker("early")
        key = f"{business}/app:{app}"
        await deployed.until(lambda tally: key in tally.held)
        assert await deployed.stop(worker) == 0
        await deployed.start_worker("late")
        await deployed.until(lambda tally: not tally.open_lookups)
        assert deployed.tally.held == {key}

        file.write_bytes(orjson.dumps(right))
        await deployed.settle()

        found = await told_by(deployed)
        assert_right(found, world, traffic)
        await assert_complete(deployed, found)
        assert not deployed.tally.held
