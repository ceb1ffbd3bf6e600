"""Copies of the state of workers that work, die and come back, all say the same."""

import asyncio
from pathlib import Path

import pytest
from tests.e2e.demands import told_by
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand
from tests.support.waiting import until

from idweave_adapters.simulator import World
from idweave_adapters.simulator.traffic import Traffic, TrafficPlan
from idweave_graph.documents import alias_key
from idweave_graph.ids import ScopedId
from idweave_streams.reliable import Output
from idweave_streams.reliable.store import PartitionState
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.files import opened_files
from idweave_streams.state.live import live_state
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.verifying.run import Choice, Report, verify
from idweave_streams.verifying.stores import stores_below


@pytest.mark.timeout(240)
async def test_all_copies_agree_while_workers_work_and_die(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Under load, with a worker killed in between, and when all is done."""
    world = World.generate(seed=5, people=150)
    events = list(Traffic(world, TrafficPlan(seed=5, events=2_000)))
    async with stand(
        world, kafka=kafka.bootstrap, prefix=topic_prefix, folder=tmp_path
    ) as deployed:
        settings = deployed.settings
        await deployed.send_assets(world)
        killed = await deployed.start_worker("killed")
        await deployed.start_worker("other")

        async def both() -> bool:
            await deployed.look()
            return await deployed.members() == 2

        await until(both)
        await deployed.send_events(events[:1_000])
        await deployed.until(lambda tally: len(tally.aliases) > 30)
        clean(await verify(settings, Choice()))
        async with live_state(settings) as copy:
            write_snapshot(copy, tmp_path / "early")
        await deployed.kill(killed)
        sending = asyncio.create_task(deployed.send_events(events[1_000:]))
        clean(await verify(settings, Choice(replay=True)))
        await sending
        await deployed.settle()

        found = await verify(
            settings,
            Choice(
                replay=True,
                snapshot=tmp_path / "early",
                tables=deployed.data_dir("other"),
            ),
        )
        clean(found)
        told = (await told_by(deployed)).who_is_who()
        async with live_state(settings) as copy:
            assert aliases(copy) == told
            assert_same_as_stores(copy, deployed.data_dir("other"))
        assert {line.source for line in found.lines} == {
            "tables",
            "persons topic",
            "aliases topic",
            "replay",
            "snapshot",
        }
        await assert_a_lost_alias_is_found(deployed, told)


def clean(report: Report) -> None:
    assert [str(each) for each in report.findings.all()] == []
    assert report.lines
    # The topics may have been ahead, and then said so of these alone.
    same = [line for line in report.lines if not line.source.endswith("topic")]
    digests = {(line.business, line.digest) for line in same}
    assert len(digests) == len({line.business for line in same}) > 0


async def assert_a_lost_alias_is_found(at: Stand, told: dict[str, str]) -> None:
    """It is named by its business and person."""
    key = min(told)
    await at.send([Output(at.names.aliases, key.encode(), None)])

    [found] = (await verify(at.settings, Choice())).findings.all()

    assert found.source == "aliases topic"
    assert (found.business, found.person) == (key.partition("/")[0], told[key])


def aliases(copy: StateCopy) -> dict[str, str]:
    return {
        alias_key(business, member): person
        for partition in copy.partitions
        for business, member, person in copy.index(partition)
        if isinstance(member, ScopedId)
    }


def assert_same_as_stores(copy: StateCopy, folder: Path) -> None:
    """Byte for byte; the worker has all partitions, and nothing to do."""
    stores = stores_below(folder)
    assert len(stores) == 2 * len(copy.partitions)
    for store in stores:
        with opened_files(store.path) as db:
            kept = list(PartitionState(db).scan(b""))
        assert list(copy.table(store.table, store.partition).scan(b"")) == kept
