"""A real Kafka broker for tests, and short ways to fill and read its topics."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code
from tests.support.waiting import until

LAUNCHER: Final = Path(__file__).parents[2] / "deploy" / "kafka" / "launch.py"
EX_UNAVAILABLE: Final = 69
STOP_TIMEOUT_S: Final = 60.0

Isolation = Literal["read_committed", "read_uncommitted"]


class KafkaUnavailableError(Exception):
    """Java, Maven or Kafka's files can't be had; the text says which."""


class KafkaBroker:
    """One Apache Kafka process on loopback, in its own folder or in `data_dir`.

    With a `data_dir` it can be stopped and started again: same address, same topics.
    Without one its data is gone at its first stop.
    """

    def __init__(self, data_dir: Path | None = None, version: str = "4.1") -> None:
        self._data_dir = data_dir
        self._version = version
        self._launcher: subprocess.Popen[str] | None = None
        self._bootstrap = ""
        self._pid = 0
        self.log = Path()

    @property
    def bootstrap(self) -> str:
        """Address for clients, `host:port`; stays the same over restarts."""
        return self._bootstrap

    @property
    def pid(self) -> int:
        """Process id of the Java process, for tests that freeze it."""
        return self._pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """The broker answers when this returns.

        Raises:
            KafkaUnavailableError: this machine lacks something it needs.
            RuntimeError: it did not come up.
        """
        if self._launcher is not None:
            raise RuntimeError("the broker runs already: stop it first")
        with tempfile.TemporaryFile("w+") as errors:
            launcher = subprocess.Popen(  # noqa: S603 - our own launcher
                self._command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # Ctrl-C is for pytest, which then stops us
            )
            self._launcher = launcher
            assert launcher.stdout is not None
            line = launcher.stdout.readline()
            if not line:
                self._release(launcher)
                errors.seek(0)
                raise _failure(launcher.returncode, errors.read())
        facts = json.loads(line)
        self._bootstrap, self._pid = facts["bootstrap"], facts["pid"]
        self.log = Path(facts["log"])

    def stop(self) -> None:
        """The broker has ended in good order, if it was running."""
        if self._launcher is not None:
            self._release(self._launcher)

    def kill(self) -> None:
        """The broker has died without warning, as by the kernel's hand."""
        if self._launcher is not None:
            os.kill(self._pid, signal.SIGKILL)
            self._release(self._launcher)

    def restart(self) -> None:
        """Stopped and up again, with everything it had."""
        if self._data_dir is None:
            raise RuntimeError("a restart needs data to find: pass data_dir=tmp_path")
        self.stop()
        self.start()

    def _command(self) -> list[str]:
        command = [sys.executable, str(LAUNCHER), "--version", self._version]
        if self._data_dir is not None:
            command += ["--data-dir", str(self._data_dir)]
        if self._bootstrap:
            command += ["--port", self._bootstrap.rpartition(":")[2]]
        return command

    def _release(self, launcher: subprocess.Popen[str]) -> None:
        # End of stdin is the launcher's sign to stop its broker and leave.
        with launcher:
            try:
                launcher.communicate(timeout=STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                launcher.kill()  # the broker dies with it
                raise
        self._launcher = None


@contextmanager
def own_broker(shared: KafkaBroker, data_dir: Path) -> Iterator[KafkaBroker]:
    """A broker besides the shared one, which a test may stop or kill."""
    own = KafkaBroker(data_dir=data_dir)
    try:
        own.start()
    except KafkaUnavailableError as reason:
        msg = f"{shared.bootstrap} runs, but {reason}"
        raise AssertionError(msg) from reason
    try:
        yield own
    finally:
        own.stop()


def _failure(code: int, text: str) -> Exception:
    if code == EX_UNAVAILABLE:
        return KafkaUnavailableError(text.strip())
    return RuntimeError(f"the launcher ended with {code}: {text.strip()}")


# --- topics and records -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """What a test sends. Without `partition`, the key's hash chooses."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as a topic holds it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


async def create_topics(
    bootstrap: str,
    partitions: Mapping[str, int],
    config: Mapping[str, str] | None = None,
) -> None:
    """Each topic exists with that many partitions and `config`.

    Raises:
        KafkaError: the broker refused one, for example because it exists.
    """
    topics = [
        NewTopic(name, count, 1, topic_configs=dict(config or {}))
        for name, count in partitions.items()
    ]
    async with admin(bootstrap) as client:
        answer = await client.create_topics(topics)
        for name, code, *_ in answer.topic_errors:
            if code:
                raise for_code(code)(name)


async def produce(
    bootstrap: str, topic: str, records: Iterable[Record | bytes]
) -> list[tuple[int, int]]:
    """All records are stored, in this order per partition; (partition, offset) of each."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True
    ) as producer:
        sent = []
        for item in records:
            record = item if isinstance(item, Record) else Record(item)
            sent.append(
                await producer.send(
                    topic,
                    record.value,
                    record.key,
                    partition=record.partition,
                    timestamp_ms=record.timestamp_ms,
                    headers=list(record.headers),  # aiokafka takes no tuple
                )
            )
        stored = [await one for one in sent]
        return [(one.partition, one.offset) for one in stored]


async def read_topic(
    bootstrap: str, topic: str, isolation: Isolation = "read_committed"
) -> list[Stored]:
    """All records that the topic holds now, partition by partition, in offset order.

    With `read_committed`, up to the first open transaction of each partition.
    """
    places = await _places(bootstrap, topic)
    found: list[Stored] = []
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    ) as consumer:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            # The position also moves over markers and compacted gaps; records don't.
            while await consumer.position(place) < ends[place]:
                batches = await consumer.getmany(place, timeout_ms=100)
                found += [_stored(record) for record in batches.get(place, ())]
    return [r for r in found if r.offset < ends[TopicPartition(topic, r.partition)]]


async def read_ended(bootstrap: str, topic: str) -> list[Stored]:
    """All committed records of the topic, once none of its transactions is open.

    The marker that ends a transaction comes a moment after its writer was answered.
    """

    async def are_ended() -> bool:
        committed = await end_offsets(bootstrap, topic, "read_committed")
        return committed == await end_offsets(bootstrap, topic)

    await until(are_ended)
    return await read_topic(bootstrap, topic)


async def end_offsets(
    bootstrap: str, topic: str, isolation: Isolation = "read_uncommitted"
) -> dict[int, int]:
    """The next offset to be written, by partition; markers of transactions count.

    With `read_committed`, the first one of an open transaction.
    """
    places = await _places(bootstrap, topic)
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level=isolation
    ) as consumer:
        ends = await consumer.end_offsets(places)
        return {place.partition: end for place, end in ends.items()}


async def committed_offsets(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """What the group has committed: the next offset to read, by (topic, partition)."""
    async with admin(bootstrap) as client:
        answer = await client.list_consumer_group_offsets(group)
        return {(p.topic, p.partition): found.offset for p, found in answer.items()}


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client, closed at the end."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def _places(bootstrap: str, topic: str) -> list[TopicPartition]:
    async with admin(bootstrap) as client:
        (described,) = await client.describe_topics([topic])
    if described["error_code"]:
        raise for_code(described["error_code"])(topic)
    partitions = sorted(p["partition"] for p in described["partitions"])
    return [TopicPartition(topic, partition) for partition in partitions]


def _stored(record: Any) -> Stored:
    return Stored(
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
        timestamp_ms=record.timestamp,
    )
