"""A whole deployment for one test: made-up Meta, real Kafka, worker processes."""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from tests.support.kafka import read_topic
from tests.support.waiting import until

from idweave_adapters.simulator import Faults, Simulator, World
from idweave_adapters.simulator.traffic import Event
from idweave_streams.codecs import UnreadableRecordError
from idweave_streams.demo.on_kafka import WorkerProcess, create_topics
from idweave_streams.reliable import Output, Record
from idweave_streams.settings import Settings
from idweave_streams.tally import Tally
from idweave_streams.topics import TopicNames, consumed

POLL_MS = 20
LOG_TAIL = 3_000
PARTITIONS = 8


class Stand:
    """Sends what a test wants sent, and reads what comes out. Made by `stand`."""

    simulator: Simulator
    """Where `stand` made one; elsewhere the Graph API is a process of its own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.tally = Tally(settings.topics)
        self._folder = folder
        self._workers: list[WorkerProcess] = []
        self._producer: Any = None
        self._reader: Any = None
        self._admin: Any = None
        self._sent = 0

    @property
    def names(self) -> TopicNames:
        """What the topics are called."""
        return self.settings.topics

    # Workers

    async def start_worker(self, name: str) -> WorkerProcess:
        """A worker runs, with the data directory of that name; not ready yet."""
        settings = self.settings.model_copy(update={"data_dir": self.data_dir(name)})
        worker = WorkerProcess(settings, self._folder / f"{name}.log")
        await worker.start()
        self._workers.append(worker)
        return worker

    def data_dir(self, name: str) -> Path:
        """Where the worker of that name keeps its tables."""
        return self._folder / name

    async def kill(self, worker: WorkerProcess) -> None:
        """The worker has died as in a power cut, with no last words."""
        self._workers.remove(worker)
        assert await worker.stop(signal.SIGKILL) == -signal.SIGKILL

    async def stop(self, worker: WorkerProcess) -> int | None:
        """The worker was asked to end and has ended; its exit code."""
        self._workers.remove(worker)
        return await worker.stop(signal.SIGTERM)

    async def members(self) -> int:
        """How many workers share the work, as the broker sees it; 0 in a rebalance."""
        [answer] = await self._admin.describe_consumer_groups([self.settings.app_id])
        [(_, _, state, _, _, members, *_)] = answer.groups
        return len(members) if state == "Stable" else 0

    # Sending

    async def send(self, outputs: Sequence[Output]) -> list[tuple[int, int]]:
        """The records are on their topics; (partition, offset) of each."""
        sent = [
            await self._producer.send(
                output.topic,
                key=output.key,
                value=output.value,
                partition=output.partition,
                headers=list(output.headers),
            )
            for output in outputs
        ]
        stored = await asyncio.gather(*sent)
        return [(one.partition, one.offset) for one in stored]

    async def send_empty(self, topic: str) -> tuple[int, int]:
        """A record without key and value is in partition 0; (partition, offset)."""
        batch = self._producer.create_batch()
        batch.append(timestamp=None, key=None, value=None)
        sent = await self._producer.send_batch(batch, topic, partition=0)
        stored = await sent
        return stored.partition, stored.offset

    async def send_assets(self, world: World) -> None:
        """The workers are told who owns what."""
        topic = self.names.assets
        await self.send(
            [
                Output(topic, str(row["asset"]).encode(), orjson.dumps(row))
                for row in world.assets()
            ]
        )

    async def send_events(self, events: Iterable[Event]) -> None:
        """The events are on the source topics, spread over all partitions."""
        topics = {"login": self.names.logins, "webhook": self.names.webhooks}
        outputs = []
        for event in events:
            place = self._sent % self.settings.partitions
            outputs.append(
                Output(topics[event.topic], None, event.value, partition=place)
            )
            self._sent += 1
        await self.send(outputs)

    # Reading

    async def look(self) -> int:
        """The tally knows what was new; how many records that were.

        Raises:
            AssertionError: a worker has died by itself.
        """
        for worker in self._workers:
            code = worker.process.returncode if worker.process else None
            assert code is None, f"exit code {code}\n{_tail(worker.log)}"
        fetched = await self._reader.getmany(timeout_ms=POLL_MS)
        records = [_record(raw) for batch in fetched.values() for raw in batch]
        for record in records:
            with suppress(UnreadableRecordError):  # a test may have written it
                self.tally.apply(record)
        return len(records)

    async def until(
        self, claim: Callable[[Tally], bool], timeout_s: float = 120
    ) -> None:
        """The claim has come true of what the topics say."""
        try:
            async with asyncio.timeout(timeout_s):
                while not claim(self.tally):
                    await self.look()
        except TimeoutError:
            raise AssertionError(await self._state()) from None

    async def settle(self, timeout_s: float = 120) -> None:
        """Everything sent has been handled, no lookup is open, no business held."""
        try:
            async with asyncio.timeout(timeout_s):
                while await self._is_busy():
                    await self.look()
        except TimeoutError:
            raise AssertionError(await self._state()) from None

    async def _is_busy(self) -> bool:
        await self._catch_up()
        if self.tally.open_lookups or self.tally.held:
            return True
        # With nothing left to read, a new record could only come of what was handled
        # since the tally caught up.
        return bool(await self.lag() or await self._catch_up())

    async def _catch_up(self) -> int:
        new = 0
        places = self._reader.assignment()
        ends = await self._reader.end_offsets(places)
        for place in places:
            while await self._reader.position(place) < ends[place]:
                new += await self.look()
        return new

    async def lag(self) -> int:
        """How many records wait to be handled, by what the group has committed."""
        found = await self._admin.list_consumer_group_offsets(self.settings.app_id)
        places = [
            TopicPartition(topic, partition)
            for topic in consumed(self.names)
            for partition in await self._partitions(topic)
        ]
        ends = await self._reader.end_offsets(places)
        done = {place: max(0, meta.offset) for place, meta in found.items()}
        return sum(end - done.get(place, 0) for place, end in ends.items())

    async def _partitions(self, topic: str) -> set[int]:
        found: set[int] = await self._producer.partitions_for(topic)
        return found

    async def records(self, topic: str) -> list[Record]:
        """All records of the topic, partition by partition, in offset order."""
        return [
            Record(
                topic, r.partition, r.offset, r.timestamp_ms, r.key, r.value, r.headers
            )
            for r in await read_topic(self.settings.kafka, topic)
        ]

    async def _state(self) -> str:
        told = f"lag {await self.lag()}, {self.tally.open_lookups} lookups open, "
        told += f"{len(self.tally.held)} held, {len(self.tally.aliases)} aliases"
        return "\n".join([told, *(_tail(worker.log) for worker in self._workers)])

    # Coming and going

    async def connect(self, stack: AsyncExitStack) -> None:
        """The topics stand and the clients are connected, until *stack* closes."""
        server = self.settings.kafka
        await create_topics(self.settings)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=server,
            enable_idempotence=True,
            compression_type="gzip",  # so records can be larger than their topic says
            max_request_size=8 << 20,
        )
        self._reader = AIOKafkaConsumer(
            bootstrap_servers=server, enable_auto_commit=False
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=server)
        for client in (self._producer, self._reader):
            await client.start()
            stack.push_async_callback(client.stop)
        stack.push_async_callback(self._admin.close)
        await self._admin.start()
        await until(self._has_coordinator)
        stack.push_async_callback(self._end_workers)
        places = [
            TopicPartition(topic, partition)
            for topic in self.tally.topics()
            for partition in await self._partitions(topic)
        ]
        self._reader.assign(places)
        await self._reader.seek_to_beginning(*places)

    async def _has_coordinator(self) -> bool:
        """A new broker makes its topic of offsets when it is first asked for it."""
        with suppress(GroupCoordinatorNotAvailableError):
            await self._admin.find_coordinator(self.settings.app_id)
            return True
        return False

    async def _end_workers(self) -> None:
        # A good end is for tests to ask for; it takes seconds on a busy machine.
        ends = (worker.stop(signal.SIGKILL) for worker in self._workers)
        await asyncio.gather(*ends)


@asynccontextmanager
async def stand(
    world: World,
    *,
    kafka: str,
    prefix: str,
    folder: Path,
    faults: Faults | None = None,
    **choices: object,
) -> AsyncIterator[Stand]:
    """Everything but workers and events is there; nothing is left afterwards.

    Args:
        world: who owns what and who is who. No worker has been told yet.
        kafka: bootstrap server.
        prefix: begins the names of topics and group; of this test alone.
        folder: for data directories, logs and credentials.
        faults: of the Graph API.
        choices: settings that differ from those below.
    """
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(Simulator(world, faults=faults))
        settings = Settings.model_validate(
            {
                "app_id": f"{prefix}app",
                "kafka": kafka,
                "partitions": PARTITIONS,
                "replication": 1,
                "topic_prefix": prefix,
                "graph_api_url": simulator.base_url,
                "credentials_file": write_credentials(world, folder),
                "erasure_key_file": write_key(folder),
                "lookup_linger_ms": 100,
                **choices,
            }
        )
        made = Stand(settings, folder)
        made.simulator = simulator
        await made.connect(stack)
        yield made


def write_key(folder: Path) -> Path:
    """A file with a new key under which erasures are remembered; its path."""
    path = folder / "erasure-key"
    path.write_text(secrets.token_hex(32))
    return path


def write_credentials(world: World, folder: Path) -> Path:
    """A credentials file for all businesses of *world*; its path."""
    path = folder / "credentials.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(world.credentials()))
    return path


def _record(raw: Any) -> Record:
    return Record(
        raw.topic,
        raw.partition,
        raw.offset,
        raw.timestamp,
        raw.key,
        raw.value,
        tuple(raw.headers),
    )


def _tail(log: Path) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return f"--- {log.name}\n{text[-LOG_TAIL:]}"
