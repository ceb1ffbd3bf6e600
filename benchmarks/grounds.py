"""What carries the events: a real worker on real Kafka, or the engine in this process."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

from aiokafka import AIOKafkaProducer

from idweave_streams.demo.in_process import InProcessGround
from idweave_streams.demo.on_kafka import Broker, WorkerProcess, create_topics
from idweave_streams.outside import reach_outside
from idweave_streams.reliable import Output
from idweave_streams.settings import Settings

LAUNCHER = Path(__file__).parents[1] / "deploy" / "kafka" / "launch.py"


KIB_PER_MIB = 1024


def rss_mib(pid: int) -> int:
    """Return how much memory a process has."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) // KIB_PER_MIB


class GroundLostError(RuntimeError):
    """What should carry the events has ended. The text says where its log is."""


class Ground(Protocol):
    """Carries events."""

    name: str

    @property
    def pid(self) -> int:
        """The process that asks."""

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put records on their topics."""

    def check(self) -> None:
        """Raise if it has ended by itself."""


class OnKafka:
    """One worker process, fed through Kafka."""

    name = "one worker on Apache Kafka"

    def __init__(
        self, producer: AIOKafkaProducer, worker: WorkerProcess, settings: Settings
    ) -> None:
        self.settings = settings
        """As the worker has them, with the broker's address."""
        self._producer = producer
        self._worker = worker

    @property
    def pid(self) -> int:
        """The worker's."""
        return self._worker.process.pid if self._worker.process else 0

    async def send(self, outputs: Iterable[Output]) -> None:
        """Put records on their topics; they are there afterwards."""
        sent = [
            await self._producer.send(
                each.topic, key=each.key, value=each.value, partition=each.partition
            )
            for each in outputs
        ]
        await asyncio.gather(*sent)

    async def stop_worker(self) -> None:
        """End the worker in good order; its tables lie there as it left them."""
        await self._worker.stop()

    def check(self) -> None:
        """Raise if the worker has ended.

        Raises:
            GroundLostError: it has.
        """
        process = self._worker.process
        if process is not None and process.returncode is not None:
            msg = f"the worker ended with {process.returncode}: see {self._worker.log}"
            raise GroundLostError(msg)


class InProcess:
    """The pipeline in this process."""

    name = "the in-process engine"

    def __init__(self, ground: InProcessGround) -> None:
        self._ground = ground

    @property
    def pid(self) -> int:
        """This one's."""
        return os.getpid()

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put records on their topics."""
        await self._ground.send(outputs)

    def check(self) -> None:
        """Raise if the engine has ended."""
        self._ground.check()


async def _nothing(_: Settings) -> None:
    """Prepare nothing."""


@asynccontextmanager
async def on_kafka(
    settings: Settings,
    folder: Path,
    *,
    prepare: Callable[[Settings], Awaitable[None]] = _nothing,
    linger_ms: int = 20,
    kafka: str = "",
) -> AsyncIterator[OnKafka]:
    """A broker (or the one at *kafka*), its topics and a worker, until the block is left.

    The worker starts once the topics are there and *prepare* is done.
    """
    async with AsyncExitStack() as stack:
        if not kafka:
            broker = Broker(LAUNCHER)
            stack.push_async_callback(broker.stop)
            kafka = await broker.start()
        settings = settings.model_copy(update={"kafka": kafka})
        await create_topics(settings)
        await prepare(settings)
        producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka, linger_ms=linger_ms
        )
        stack.push_async_callback(producer.stop)
        await producer.start()
        worker = WorkerProcess(settings, folder / "worker.log")
        stack.push_async_callback(worker.stop)
        await worker.start()
        yield OnKafka(producer, worker, settings)


@asynccontextmanager
async def in_process(settings: Settings, _: Path) -> AsyncIterator[Ground]:
    """The engine in this process, until the block is left."""
    api, _credentials, outside = reach_outside(settings, {})
    async with api:
        ground = InProcessGround(settings, outside, ())
        await ground.start()
        try:
            yield InProcess(ground)
        finally:
            await ground.stop()
