"""An operator resolves a contradiction: on a real broker with real workers."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from tests.e2e.test_deletion import Shop, is_woven, login, shop
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand

from idweave_graph.ids import ScopedId
from idweave_streams.cli import main

WHY = ("--author", "Ann", "--reason", "a new account")


async def run(deployed: Stand, *arguments: object) -> Result:
    """Run a command against the broker, beside the workers."""
    stated = deployed.settings
    options = [f"--set=kafka={stated.kafka}", f"--set=app_id={stated.app_id}"]
    options.append(f"--set=topic_prefix={stated.topic_prefix}")
    given = [*options, *map(str, arguments)]
    return await asyncio.to_thread(CliRunner().invoke, main, given)


async def done(deployed: Stand, decisions: int, *arguments: object) -> None:
    """Run a command that decides, and see that it is told of."""
    answer = await run(deployed, *arguments, *WHY)
    assert answer.exit_code == 0, answer.output
    await deployed.until(lambda tally: tally.event_types["decided"] == decisions)
    await deployed.settle()


async def name_of(deployed: Stand, here: Shop, who: ScopedId) -> str:
    await deployed.look()
    return deployed.tally.aliases[here.acme.id, str(who)]


async def of_reason(deployed: Stand, reason: str) -> list[dict[str, Any]]:
    """All events with that reason."""
    records = await deployed.records(deployed.names.events)
    events = [orjson.loads(each.value or b"") for each in records]
    return [event for event in events if event["reason"] == reason]


async def is_told_as_accepted(deployed: Stand) -> None:
    """With who decided it, in each event that came of it."""
    accepted = await of_reason(deployed, "accept")
    assert {event["type"] for event in accepted} >= {"split", "decided"}
    for event in accepted:
        [decision] = event["decisions"]
        assert (decision["author"], decision["verdict"]) == ("Ann", "accept")


async def decided(deployed: Stand) -> list[str]:
    """What the policy topic says was decided, in order."""
    policy = await deployed.records(deployed.names.policy)
    told = [orjson.loads(each.value or b"") for each in policy]
    return [event["reason"] for event in told if event["type"] == "decided"]


@pytest.mark.timeout(300)
async def test_what_waits_in_quarantine_is_accepted_and_reopened(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Listed, decided and told, and by a worker that was not there; then as before."""
    here = shop()
    mine, theirs = here.asid(here.ann), here.psid(here.bob)
    async with stand(
        here.world, kafka=kafka.bootstrap, prefix=topic_prefix, folder=tmp_path
    ) as deployed:
        await deployed.send_assets(here.world)
        first = await deployed.start_worker("first")
        await deployed.send(
            [login(deployed, here, each) for each in (here.ann, here.bob)]
        )
        names = [await is_woven(deployed, here, each) for each in (here.ann, here.bob)]
        await deployed.settle()

        await done(deployed, 1, "link", mine, theirs)
        assert await name_of(deployed, here, theirs) == names[1]
        listed = await run(deployed, "quarantine", "list", "--json")
        [waiting] = map(orjson.loads, listed.stdout.splitlines())
        assert waiting["ids"] == sorted((str(mine), str(theirs)))
        assert [proof["kind"] for proof in waiting["proofs"]] == ["manual"]

        await deployed.kill(first)
        await deployed.start_worker("second")
        await done(deployed, 2, "quarantine", "accept", mine, theirs)
        assert await name_of(deployed, here, theirs) == names[0]
        assert await name_of(deployed, here, here.psid(here.ann)) != names[0]
        await is_told_as_accepted(deployed)
        shown = await run(deployed, "quarantine", "show", mine, theirs)
        assert "come before all others: a new account (Ann)" in shown.stdout

        await done(deployed, 3, "quarantine", "reopen", mine, theirs)
        for person, name in zip((here.ann, here.bob), names, strict=True):
            for who in (here.asid(person), here.psid(person)):
                assert await name_of(deployed, here, who) == name

        await done(deployed, 4, "unlink", mine, theirs)
        nothing = await run(deployed, "quarantine", "list")
        assert "nothing is in quarantine" in nothing.stderr
        verdicts = ["link", "accept", "reopen", "reject"]
        assert await decided(deployed) == verdicts
