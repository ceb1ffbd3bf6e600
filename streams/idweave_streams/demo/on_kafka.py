"""The demo's ground on real Kafka: a broker of its own, and a worker process."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from idweave_streams.broker_topics import broker_topics
from idweave_streams.demo.ground import GroundLostError
from idweave_streams.reliable import Output, Record
from idweave_streams.setting_sources import ENV_PREFIX
from idweave_streams.settings import Settings
from idweave_streams.state.exporting import export_topics
from idweave_streams.state.wanted import Unwatched, Wanted
from idweave_streams.topic_plan import topics_of
from idweave_streams.topics import consumed

_PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""
STOP_S = 30.0
"""How long a process may take to end in good order."""


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables that give a process these *settings*."""
    values = settings.model_dump(mode="json", exclude_none=True)
    return {f"{ENV_PREFIX}{name.upper()}": str(value) for name, value in values.items()}


class OccupiedError(RuntimeError):
    """Made-up events would get among real ones. The text names a topic."""


async def create_topics(settings: Settings, *, only_new: bool = False) -> None:
    """Make every topic as it must be; those that are there stay.

    Raises:
        OccupiedError: a topic is there, and *only_new* ones are wanted.
        BrokerError: the broker does not do it.
    """
    async with broker_topics(settings.kafka) as topics:
        wanted = topics_of(settings)
        plan = await topics.plan(wanted, replication=settings.replication)
        there = [topic.wanted.name for topic in plan.topics if topic.found is not None]
        if only_new and there:
            msg = f"{settings.kafka} has a topic {there[0]} already; name a free broker"
            raise OccupiedError(msg)
        await topics.apply(plan)


class NoBrokerError(RuntimeError):
    """Kafka can't be had here. The text says why."""


class Broker:
    """A broker of our own, started by the launcher and ended with us."""

    def __init__(self, launcher: Path) -> None:
        if not launcher.exists():
            msg = f"{launcher} is not there; run this from a clone of the repository"
            raise NoBrokerError(msg)
        self._launcher = launcher
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> str:
        """Start it and return its bootstrap address.

        Raises:
            NoBrokerError: the launcher says that it can't be had.
        """
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(self._launcher),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is ours to pass on, in order
        )
        stdout = self._process.stdout
        line = await stdout.readline() if stdout else b""
        if not line:
            code = await self._process.wait()
            msg = f"the launcher {self._launcher} ended with exit code {code}"
            raise NoBrokerError(msg)
        return str(orjson.loads(line)["bootstrap"])

    async def stop(self) -> None:
        """Let it end: the launcher stops its broker when its input closes."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_S)
        except TimeoutError:
            self._process.kill()  # the broker dies with it
            await self._process.wait()


def end_with_parent() -> None:
    """Let the kernel end this process when its parent dies, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class WorkerProcess:
    """One `idweave worker`, with its log in a file."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self.log = log
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; it is not ready yet."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "idweave_streams.cli",
                "worker",
                env={**os.environ, **environment(self._settings)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to pass on, in order
                preexec_fn=end_with_parent,
            )

    async def stop(self, sign: signal.Signals = signal.SIGTERM) -> int | None:
        """Send *sign* and return the exit code; a deaf process is killed."""
        if self.process is None:
            return None
        if self.process.returncode is None:
            self.process.send_signal(sign)
        try:
            return await asyncio.wait_for(self.process.wait(), STOP_S)
        except TimeoutError:
            self.process.kill()
            return await self.process.wait()


class KafkaGround:
    """Feeds a worker through Kafka and reads what it sends out."""

    name = "Apache Kafka"

    def __init__(self, settings: Settings, topics: Sequence[str], log: Path) -> None:
        self._settings = settings
        self._topics = topics
        self._worker = WorkerProcess(settings, log)
        self._stack: list[
            AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient
        ] = []

    async def start(self) -> None:
        """Create the topics, connect, and start the worker.

        Raises:
            OccupiedError: the broker is used for more than this.
            BrokerError: the broker does not do it.
        """
        server = self._settings.kafka
        await create_topics(self._settings, only_new=True)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=server, linger_ms=20, max_request_size=8 << 20
        )
        self._consumer = AIOKafkaConsumer(
            *self._topics, bootstrap_servers=server, auto_offset_reset="earliest"
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=server)
        self._ends = AIOKafkaConsumer(bootstrap_servers=server)
        for client in (self._producer, self._consumer, self._admin, self._ends):
            self._stack.append(client)
            await client.start()
        await self._worker.start()

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put records on the source topics; return once they are there."""
        sent = [
            await self._producer.send(
                output.topic,
                key=output.key,
                value=output.value,
                partition=output.partition,
            )
            for output in outputs
        ]
        await asyncio.gather(*sent)

    async def poll(self) -> list[Record]:
        """Return what is new on the tallied topics."""
        fetched = await self._consumer.getmany(timeout_ms=100)
        return [Record.of(each) for records in fetched.values() for each in records]

    async def lag(self) -> int:
        """Return how many records wait to be handled, by what is committed."""
        committed = await self._committed()
        places = [
            TopicPartition(topic, partition)
            for topic in consumed(self._settings.topics)
            for partition in self._partitions(topic)
        ]
        ends = await self._ends.end_offsets(places)
        return sum(max(0, end - committed.get(p, 0)) for p, end in ends.items())

    async def _committed(self) -> dict[TopicPartition, int]:
        group = self._settings.app_id
        try:
            offsets = await self._admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            return {}  # the first group of a new broker: nothing is committed yet
        return {place: found.offset for place, found in offsets.items()}

    def _partitions(self, topic: str) -> range:
        if topic == self._settings.topics.assets:
            return range(1)
        return range(self._settings.partitions)

    async def export(self, folder: Path) -> None:
        """Write all that is known to *folder*; the worker is not disturbed."""
        await export_topics(self._settings, folder, Wanted(), Unwatched())

    def check(self) -> None:
        """Raise if the worker has died."""
        process = self._worker.process
        if process is not None and process.returncode is not None:
            msg = f"the worker ended with exit code {process.returncode}; "
            raise GroundLostError(msg + f"its log is {self._worker.log}")

    async def stop(self) -> None:
        """Stop the worker in good order and disconnect."""
        await self._worker.stop()
        for client in reversed(self._stack):
            if isinstance(client, AIOKafkaAdminClient):
                await client.close()
            else:
                await client.stop()
