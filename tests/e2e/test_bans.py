"""An operator bans two ids, lifts it, and erases: on a real broker with real workers."""

from pathlib import Path

import orjson
import pytest
from tests.e2e.test_deletion import Shop, is_woven, login, shop
from tests.streams.ingress.calling import wall_clock
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import Requested
from idweave_graph.messages import CommandKind
from idweave_streams.commanding import SOURCE, wait_until_done, write_command

AT_MS = 1_767_225_600_000


def said(here: Shop, at: int, kind: BanKind) -> RequestedBan:
    ids = here.asid(here.ann), here.psid(here.ann)
    return RequestedBan(*ids, kind, AT_MS + at, SOURCE, "Ann", "two people")


async def names_of(deployed: Stand, here: Shop) -> list[str | None]:
    keys = [(here.acme.id, str(i)) for i in (here.asid(here.ann), here.psid(here.ann))]
    await deployed.look()
    return [deployed.tally.aliases.get(key) for key in keys]


@pytest.mark.timeout(240)
async def test_two_ids_are_kept_apart_until_it_is_lifted(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Also by a worker that was not there; then the id is erased, with its ban."""
    here = shop()
    async with stand(
        here.world, kafka=kafka.bootstrap, prefix=topic_prefix, folder=tmp_path
    ) as deployed:
        await deployed.send_assets(here.world)
        first = await deployed.start_worker("first")
        await deployed.send([login(deployed, here, here.ann)])
        before = await is_woven(deployed, here, here.ann)

        await write_command(deployed.settings, said(here, 1, BanKind.BAN))
        await deployed.until(lambda tally: tally.event_types["banned"] == 1)
        one, two = await names_of(deployed, here)
        assert one != two
        assert before in {one, two}

        await deployed.kill(first)
        await deployed.start_worker("second")
        await deployed.send([login(deployed, here, here.ann, in_s=1)])
        await deployed.settle()
        assert await names_of(deployed, here) == [one, two]

        await write_command(deployed.settings, said(here, 2, BanKind.LIFT_BAN))
        assert await is_woven(deployed, here, here.ann) == before

        await write_command(deployed.settings, said(here, 3, BanKind.BAN))
        await deployed.until(lambda tally: tally.event_types["banned"] == 2)
        kind, asked_ms = CommandKind.ERASE_PERSON, int((wall_clock() + 60) * 1000)
        wish = Requested(here.psid(here.ann), kind, asked_ms, SOURCE, "R1")
        await write_command(deployed.settings, wish)
        assert await wait_until_done(deployed.settings, "R1", 60) == 1

        policy = await deployed.records(deployed.names.policy)
        told = [orjson.loads(each.value or b"") for each in policy]
        decisions = [each["type"] for each in told if each["type"].endswith("banned")]
        assert decisions == ["banned", "unbanned", "banned"]
