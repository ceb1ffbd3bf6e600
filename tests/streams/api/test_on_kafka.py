"""The read model follows real topics, and goes on where it was."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAlreadyExistsError
from tests.streams.verifying.conftest import Deployed, contradicting_log, deploy
from tests.support.kafka import (
    KafkaBroker,
    admin,
    create_topics,
    own_broker,
    read_topic,
)
from tests.support.strategies import BUSINESS
from tests.support.waiting import until

from idweave_adapters.read_model import (
    ReadModelError,
    RocksStore,
    Source,
    StoredReadModel,
)
from idweave_graph.digest import membership_digest
from idweave_streams.api import consumer_of, follower_of, sources_of
from idweave_streams.model_follower import Clock, ModelFollower, opened

Offsets = dict[tuple[Source, int], list[int]]


class Counted:
    """A consumer that remembers what it has handed out."""

    def __init__(self, consumer: Any, sources: dict[str, Source]) -> None:
        self._consumer = consumer
        self._sources = sources
        self.read: Offsets = defaultdict(list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    async def getmany(self, *, timeout_ms: int) -> Any:
        found = await self._consumer.getmany(timeout_ms=timeout_ms)
        for place, records in found.items():
            where = (self._sources[place.topic], place.partition)
            self.read[where] += [record.offset for record in records]
        return found


class Following:
    """A follower at work."""

    def __init__(
        self, follower: ModelFollower, store: RocksStore, consumer: Counted
    ) -> None:
        self.follower = follower
        self.store = store
        self.read = consumer.read
        self.task = asyncio.create_task(follower.run())

    async def until(self, claim: Callable[[], bool]) -> None:
        """The claim has come true while it works."""

        async def is_true() -> bool:
            if self.task.done():
                self.task.result()
            return claim()

        await until(is_true)

    async def is_level(self) -> None:
        """It has read all that there is."""
        await self.until(lambda: self.follower.fresh().is_ready)
        await self.until(lambda: self.follower.fresh().behind == 0)

    def offsets(self) -> dict[tuple[Source, int], int]:
        return dict(StoredReadModel(self.store).offsets())


@asynccontextmanager
async def following(at: Deployed, folder: Path) -> AsyncIterator[Following]:
    """Follow inside."""
    clock = Clock(asyncio.get_running_loop().time, lambda: 1_000_000)
    store = opened(folder, clock.unix_ms())
    try:
        async with consumer_of(at.settings) as consumer:
            counted = Counted(consumer, sources_of(at.settings.topics))
            made = Following(
                follower_of(at.settings, counted, store, clock),
                store,
                counted,
            )
            try:
                yield made
            finally:
                made.task.cancel()
                await asyncio.gather(made.task, return_exceptions=True)
    finally:
        store.close()


def digest_of(at: Deployed) -> str:
    """What the worker's table says."""
    pairs = [(who, person.id) for person in at.persons() for who in person.members]
    assert pairs
    return membership_digest(pairs)


@pytest.fixture
async def deployed(kafka: KafkaBroker, topic_prefix: str) -> Deployed:
    """Some evidence was handled, and its worker is gone."""
    made = await deploy(kafka.bootstrap, topic_prefix)
    await made.tell(contradicting_log())
    await made.handle()
    return made


async def test_it_goes_on_where_it_was(deployed: Deployed, tmp_path: Path) -> None:
    """After a restart every new record is read once, and no old one."""
    async with following(deployed, tmp_path / "m") as first:
        await first.is_level()
        assert StoredReadModel(first.store).digest(BUSINESS) == digest_of(deployed)
        before = first.offsets()
        assert first.read
    await deployed.tell(contradicting_log(seed=9))
    await deployed.handle()

    async with following(deployed, tmp_path / "m") as second:
        await second.is_level()

        assert StoredReadModel(second.store).digest(BUSINESS) == digest_of(deployed)
        after = second.offsets()
        assert after != before
        assert {place: read for place, read in second.read.items() if read} == {
            place: list(range(before.get(place, 0), after[place]))
            for place in after
            if after[place] != before.get(place, 0)
        }


async def test_markers_of_transactions_are_no_distance(
    deployed: Deployed, tmp_path: Path
) -> None:
    """They have offsets, and nobody reads them; nor what was aborted."""
    names, server = deployed.settings.topics, deployed.bootstrap
    stored = await read_topic(server, names.events)
    told = [record for record in stored if record.partition == 0]
    async with following(deployed, tmp_path / "m") as made:
        await made.is_level()
        async with AIOKafkaProducer(
            bootstrap_servers=server, transactional_id=f"{names.persons}-test"
        ) as producer:
            for topic in (names.persons, names.events):
                await transactions(producer, topic)
        place = (Source.EVENTS, 0)
        await made.until(lambda: len(made.read[place]) == len(told) + 2)

    # It begins behind the last record, and before the marker.
    async with following(deployed, tmp_path / "m") as again:
        await again.is_level()
        assert not any(again.read.values())


async def transactions(producer: AIOKafkaProducer, topic: str) -> None:
    """Two that are kept, and one between them that is not; each has one record."""
    for is_kept in (True, False, True):
        await producer.begin_transaction()
        await producer.send_and_wait(topic, None, b"p_nobody", partition=0)
        if is_kept:
            await producer.commit_transaction()
        else:
            await producer.abort_transaction()


@pytest.mark.parametrize("is_running", [False, True])
async def test_topics_made_anew_are_refused(
    is_running: bool, deployed: Deployed, tmp_path: Path
) -> None:
    """Also with as many records as before; the text says what to do."""
    async with following(deployed, tmp_path / "m") as made:
        await made.is_level()
        if is_running:
            await anew(deployed)
            with pytest.raises(ReadModelError, match="empty the folder"):
                await made.until(lambda: False)
            return
    await anew(deployed)

    async with following(deployed, tmp_path / "m") as later:
        with pytest.raises(ReadModelError, match="empty the folder"):
            await later.until(lambda: False)


async def anew(at: Deployed) -> None:
    """The topic of persons is another one, which holds more."""
    topic = at.settings.topics.persons
    async with admin(at.bootstrap) as client:
        await client.delete_topics([topic])

    async def is_made() -> bool:
        with suppress(TopicAlreadyExistsError):  # while it is being deleted
            await create_topics(at.bootstrap, {topic: at.settings.partitions})
            return True
        return False

    await until(is_made)
    for person in at.persons() * 5:
        await at.write(topic, person.id, None)


async def test_without_a_broker_the_distance_is_not_known(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """What was read is there yet, and it goes on when the broker is back."""
    with own_broker(kafka, tmp_path / "kafka") as broker:
        at = await deploy(broker.bootstrap, topic_prefix)
        await at.tell(contradicting_log())
        await at.handle()
        async with following(at, tmp_path / "m") as made:
            await made.is_level()
            known = StoredReadModel(made.store).digest(BUSINESS)
            await asyncio.to_thread(broker.kill)
            await made.until(lambda: made.follower.fresh().behind is None)
            assert made.follower.fresh().is_ready
            assert (
                StoredReadModel(made.store).digest(BUSINESS) == known == digest_of(at)
            )

            await asyncio.to_thread(broker.start)
            await at.tell(contradicting_log(seed=9))
            await at.handle()
            await made.until(
                lambda: StoredReadModel(made.store).digest(BUSINESS) == digest_of(at)
            )
            await made.is_level()
