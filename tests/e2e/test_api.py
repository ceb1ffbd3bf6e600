"""`idweave api` on real Kafka: killed, compacted under, copied, and left alone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from tests.streams.cli.conftest import Run, run
from tests.streams.verifying.conftest import EAGER, contradicting_log, deploy
from tests.support.api_process import api_process, key_for
from tests.support.kafka import (
    KafkaBroker,
    admin,
    end_offsets,
    own_broker,
    read_topic,
)
from tests.support.stand import Stand, stand
from tests.support.strategies import BUSINESS
from tests.support.waiting import until

from idweave_adapters.simulator import World
from idweave_adapters.simulator.traffic import Traffic, TrafficPlan
from idweave_streams.cli.exits import Exit
from idweave_streams.reliable import Output, Record
from idweave_streams.settings import Settings
from idweave_streams.verifying.difference import READ_MODEL, TABLES
from idweave_streams.verifying.run import Choice, Report, verify

__all__ = ["run"]

KILLS = 6


@asynccontextmanager
async def eager_stand(
    kafka: KafkaBroker, prefix: str, folder: Path, world: World
) -> AsyncIterator[Stand]:
    """Surroundings in which output topics are compacted as soon as they can be."""
    async with stand(
        world,
        kafka=kafka.bootstrap,
        prefix=prefix,
        folder=folder,
        api_keys_file=folder / "keys.json",
        api_requests_per_second=100_000,
    ) as deployed:
        names = deployed.names
        async with admin(kafka.bootstrap) as client:
            await client.alter_configs(
                [
                    ConfigResource(ConfigResourceType.TOPIC, topic, configs=EAGER)
                    for topic in (names.persons, names.aliases)
                ]
            )
        await deployed.send_assets(world)
        yield deployed


def businesses(world: World) -> list[str]:
    return sorted({str(row["business"]) for row in world.assets()})


async def is_compacted(deployed: Stand) -> bool:
    """Old records are gone from both topics, in several partitions."""
    for topic in (deployed.names.persons, deployed.names.aliases):
        ends = await end_offsets(deployed.settings.kafka, topic)
        left = await read_topic(deployed.settings.kafka, topic)
        if len(left) >= 0.8 * sum(ends.values()):
            return False
    return True


def same(report: Report) -> None:
    """The model says what the tables say, by digest, of every business."""
    assert [str(each) for each in report.findings.all()] == []
    digests = {
        source: {
            line.business: line.digest for line in report.lines if line.source == source
        }
        for source in (TABLES, READ_MODEL)
    }
    assert digests[READ_MODEL] == digests[TABLES]
    assert digests[TABLES]


@pytest.mark.timeout(600)
async def test_killed_at_any_point_it_ends_as_the_workers(
    run: Run, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Over compacted topics, while workers write; a copy that begins then is the same."""
    world, random = World.generate(seed=8, people=150), Random(8)
    events = list(Traffic(world, TrafficPlan(seed=8, events=2_000)))
    async with eager_stand(kafka, topic_prefix, tmp_path, world) as deployed:
        key = key_for(run, deployed.settings, *businesses(world))
        await deployed.start_worker("worker")
        with (
            api_process(deployed.settings, tmp_path / "killed", key) as killed,
            api_process(deployed.settings, tmp_path / "late", key) as late,
        ):
            size = len(events) // KILLS
            for start in range(0, len(events), size):
                await asyncio.to_thread(killed.start)
                sending = asyncio.create_task(
                    deployed.send_events(events[start : start + size])
                )
                await asyncio.sleep(random.uniform(0.0, 3.0))
                await asyncio.to_thread(killed.kill)
                await sending
            await deployed.settle()
            # Who is written again is compacted away: only a new segment lets it be.
            await until(lambda: stirred(deployed), every_s=1)

            for each in (killed, late):
                await asyncio.to_thread(each.start)
                await each.is_level()
                report = await verify(deployed.settings, Choice(read_model=each.folder))
                same(report)


async def stirred(deployed: Stand) -> bool:
    """The topics were compacted; each time records that say the same follow."""
    for topic in (deployed.names.persons, deployed.names.aliases):
        last = {each.key: each for each in await deployed.records(topic)}
        await deployed.send(
            [_again(each) for each in last.values() if each.value is not None]
        )
    return await is_compacted(deployed)


def _again(record: Record) -> Output:
    return Output(
        record.topic, record.key, record.value, record.headers, record.partition
    )


@pytest.mark.timeout(240)
async def test_two_copies_answer_alike_without_workers(
    run: Run, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Each with a directory of its own; that of another can't be taken."""
    at = await deploy(kafka.bootstrap, topic_prefix)
    await at.tell(contradicting_log())
    await at.handle()
    settings = at.settings.model_copy(update={"api_keys_file": tmp_path / "keys.json"})
    key = key_for(run, settings, BUSINESS)
    with (
        api_process(settings, tmp_path / "one", key) as one,
        api_process(settings, tmp_path / "two", key) as two,
        api_process(settings, tmp_path / "two", key) as third,
    ):
        for each in (one, two):
            each.start()
        for each in (one, two):
            await each.is_level()
        paths = ["/v1/persons", "/v1/overview", "/v1/quarantine", "/v1/decisions"]
        for person in at.persons():
            paths += [f"/v1/persons/{person.id}", f"/v1/persons/{person.id}/history"]
            paths += [f"/v1/ids/{who}" for who in person.members]

        for path in paths:
            code, told = one.get(path)
            assert (code, told) == two.get(path)
            assert code == 200, path
        third.start()
        assert third.ended() == Exit.CANNOT_CREATE
        assert "no other process has it" in third.told()
        for each in (one, two):
            each.stop()


@pytest.mark.timeout(240)
async def test_it_outlives_its_broker(
    run: Run, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """It answers, says that it knows no distance, and goes on; a new one says why not."""
    with own_broker(kafka, tmp_path / "kafka") as broker:
        at = await deploy(broker.bootstrap, topic_prefix)
        await at.tell(contradicting_log())
        await at.handle()
        settings = at.settings.model_copy(
            update={"api_keys_file": tmp_path / "keys.json"}
        )
        key = key_for(run, settings, BUSINESS)
        person = at.persons()[0].id
        with (
            api_process(settings, tmp_path / "one", key) as one,
            api_process(settings, tmp_path / "two", key) as two,
        ):
            one.start()
            await one.is_level()
            known = one.get(f"/v1/persons/{person}")
            await asyncio.to_thread(broker.kill)

            async def is_unknown() -> bool:
                return one.status()["behind"] is None

            await until(is_unknown)
            assert one.get(f"/v1/persons/{person}") == known
            assert known[0] == 200
            assert one.get("/ready")[0] == 200
            two.start()
            assert two.ended() == Exit.UNAVAILABLE
            assert "check the setting kafka" in two.told()

            await asyncio.to_thread(broker.start)
            await at.tell(contradicting_log(seed=9))
            await at.handle()
            await one.is_level()
            same(await verify(settings, Choice(read_model=one.folder)))
            one.stop()


@contextmanager
def nobody_listens() -> Iterator[str]:
    """An address at which no broker is."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_without_a_broker_it_does_not_start(run: Run, tmp_path: Path) -> None:
    """The code is that of a broker that can't be reached."""
    with nobody_listens() as address:
        settings = Settings(kafka=address, api_keys_file=tmp_path / "keys.json")
        key = key_for(run, settings, BUSINESS)
        with api_process(settings, tmp_path / "one", key) as one:
            one.start()

            assert one.ended() == Exit.UNAVAILABLE
            assert f"no connection to {address}" in one.told()


@pytest.mark.timeout(120)
async def test_without_topics_it_does_not_start(
    run: Run, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """It says which one is missing, and what makes it; none is made by the way."""
    settings = Settings(
        kafka=kafka.bootstrap,
        topic_prefix=topic_prefix,
        api_keys_file=tmp_path / "keys.json",
    )
    with api_process(settings, tmp_path / "one", key_for(run, settings, "9")) as one:
        one.start()

        assert await asyncio.to_thread(one.ended) == Exit.CONFIGURATION
        assert f"topic {settings.topics.persons} is not there" in one.told()
        assert "idweave topics apply" in one.told()
    async with admin(kafka.bootstrap) as client:
        assert settings.topics.persons not in await client.list_topics()


@pytest.mark.timeout(120)
async def test_where_nothing_can_be_written_it_ends(
    run: Run, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """A folder that is a file, and a disk that gets full; then it goes on, nothing lost."""
    at = await deploy(kafka.bootstrap, topic_prefix)
    await at.tell(contradicting_log())
    await at.handle()
    settings = at.settings.model_copy(update={"api_keys_file": tmp_path / "keys.json"})
    key = key_for(run, settings, BUSINESS)
    (tmp_path / "file").touch()
    with (
        api_process(settings, tmp_path / "file", key) as no_folder,
        api_process(settings, tmp_path / "full", key) as full,
    ):
        no_folder.start()
        assert no_folder.ended() == Exit.CANNOT_CREATE
        assert "can't be opened" in no_folder.told()

        full.start(file_bytes=24 * 1024)
        assert await asyncio.to_thread(full.ended) == Exit.CANNOT_CREATE
        assert "its disk has room" in full.told()
        assert "Traceback" not in full.told()
        full.start()
        await full.is_level()
        same(await verify(settings, Choice(read_model=full.folder)))
        full.stop()
