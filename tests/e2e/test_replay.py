"""What was stopped for want of an asset is made good by a replay, once."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand

from idweave_adapters.simulator import World, WorldBuilder
from idweave_streams.dlq.choice import Choice
from idweave_streams.dlq.letter import REPLAYS, Letter
from idweave_streams.dlq.replay import Survey, replay, survey
from idweave_streams.dlq.rules import Rules
from idweave_streams.reliable import Output
from idweave_streams.tally import Tally

TIME_MS = 1_767_225_600_000


@pytest.fixture
def world() -> World:
    """One business with an app that one person uses."""
    build = WorldBuilder(seed=5)
    app = build.app("Shop", build.business("Acme"))
    build.person(app, ids={app: "1000"})
    return World(build.parts())


def login(app: str) -> bytes:
    return orjson.dumps(
        {"app_id": app, "user_id": "1000", "time": TIME_MS, "login_kind": "classic"}
    )


async def test_a_replay_after_the_repair(
    world: World, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Too early it is a dead letter again; then the person is there; then nothing is left."""
    [app] = world.apps
    async with stand(
        world, kafka=kafka.bootstrap, prefix=topic_prefix, folder=tmp_path
    ) as deployed:
        names = deployed.names
        await deployed.start_worker("only")
        await deployed.send([Output(names.logins, b"k", login(app), (("h", b"1"),), 3)])
        await deployed.until(has_letters(1))
        assert await replayed(deployed) == 1
        await deployed.until(has_letters(2))
        assert not deployed.tally.aliases

        await deployed.send_assets(world)
        await deployed.until(lambda tally: bool(tally.event_types["epoch-changed"]))
        assert await replayed(deployed) == 1
        await deployed.until(lambda tally: bool(tally.aliases))
        assert [user for _, user in deployed.tally.aliases] == [f"app:{app}:1000"]
        assert await replayed(deployed) == 0

        logins = await deployed.records(names.logins)
        assert {(each.partition, each.key, each.value) for each in logins} == {
            (3, b"k", login(app))
        }
        assert [dict(each.headers) for each in logins] == [
            {"h": b"1"},
            {"h": b"1", REPLAYS: b"1"},
            {"h": b"1", REPLAYS: b"2"},
        ]
        assert len(await deployed.records(names.dead_letters)) == 2


def has_letters(count: int) -> Callable[[Tally], bool]:
    """So many dead letters have come."""
    return lambda tally: sum(tally.dead_letters.values()) == count


async def replayed(deployed: Stand) -> int:
    """Everything that was not sent back yet has been; how many letters that were."""
    rules = Rules(deployed.names, Choice(), max_replays=3)
    found: Survey = await survey(deployed.settings, rules, None, ignore)
    assert not found.refused
    return await replay(deployed.settings, rules, found, ignore)


def ignore(_letter: Letter) -> None:
    """Not looked at here."""
