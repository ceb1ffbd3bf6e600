"""Workers follow what `idweave assets sync` writes while they run."""

import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from tests.adapters.simulator.test_ownership import Estate, estate
from tests.support.kafka import KafkaBroker, committed_offsets
from tests.support.stand import Stand, stand
from tests.support.waiting import until

from idweave_adapters.credentials import Credentials
from idweave_graph.ids import Asset, ScopedId
from idweave_streams.assets.sync import sync
from idweave_streams.reliable import Output, Record
from idweave_streams.tally import Tally

wall_clock = time.time  # noqa: TID251 - events are of now


@pytest.mark.timeout(240)
async def test_workers_follow_a_transfer(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """What a person writes to a Page belongs to whoever owns it at that time."""
    here = estate()
    scoped = ScopedId(Asset.parse(here.bot.asset), here.ann.psids[here.bot.id])
    async with stand(
        here.world, kafka=kafka.bootstrap, prefix=topic_prefix, folder=tmp_path
    ) as deployed:
        await run_sync(deployed)
        await deployed.start_worker("worker")
        await deployed.send([message(deployed, here, scoped.user)])
        await deployed.until(is_alias(here.acme.id, scoped))

        deployed.simulator.transfer(here.bot.asset, None)
        await run_sync(deployed)
        await deployed.until(has_epoch(here.acme.id, 1, owned=False))
        deployed.simulator.transfer(here.bot.asset, here.rival.id)
        await run_sync(deployed)
        await deployed.until(has_epoch(here.rival.id, 2, owned=True))
        await deployed.send([message(deployed, here, scoped.user)])
        await deployed.until(is_alias(here.rival.id, scoped))

        # Six records at first, then two, each sync with a marker behind. The worker
        # has read them all, so it goes on behind the last record.
        stored = await deployed.records(deployed.names.assets)
        assert len(stored) == 8
        await until(lambda: has_read(deployed, stored[-1]))


async def has_read(deployed: Stand, record: Record) -> bool:
    settings = deployed.settings
    done = await committed_offsets(settings.kafka, settings.app_id)
    return done.get((record.topic, record.partition), 0) > record.offset


async def run_sync(deployed: Stand) -> None:
    paths = [deployed.settings.credentials_file]
    credentials = Credentials([path for path in paths if path])
    done = await sync(
        deployed.settings, credentials, credentials.businesses(), clock=wall_clock
    )
    assert all(each.lists for each in done.readings)


def message(deployed: Stand, here: Estate, user: str) -> Output:
    now = int(wall_clock() * 1000)
    said = {
        "sender": {"id": user},
        "recipient": {"id": here.bot.id},
        "timestamp": now,
        "message": {"mid": f"m{now}", "text": "hello"},
    }
    entry = {"id": here.bot.id, "time": now, "messaging": [said]}
    body = {"object": "page", "entry": [entry]}
    return Output(deployed.names.webhooks, None, orjson.dumps(body), partition=0)


def is_alias(business: str, scoped: ScopedId) -> Callable[[Tally], bool]:
    """The id is somebody in the graph of the business."""
    return lambda tally: (business, str(scoped)) in tally.aliases


def has_epoch(business: str, epoch: int, *, owned: bool) -> Callable[[Tally], bool]:
    """The business was told that it has gained or lost an asset in that epoch."""
    return lambda tally: any(
        each["type"] == "epoch-changed"
        and each["business"] == business
        and (each["ownership"]["epoch"], each["ownership"]["owned"]) == (epoch, owned)
        for each in tally.events.values()
    )
