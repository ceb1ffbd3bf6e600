"""The query API over the topics or an export folder: what `idweave api` runs."""

import asyncio
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer

from idweave_adapters.api import (
    ApiServer,
    Audit,
    Fresh,
    Freshness,
    Limits,
    Origin,
    Served,
)
from idweave_adapters.key_file import read_key
from idweave_adapters.read_model import (
    Entry,
    RocksStore,
    Source,
    Store,
    StoredReadModel,
    Writer,
)
from idweave_streams.api_credentials import Doors, doors_of, reload
from idweave_streams.broker_errors import Refused, translated
from idweave_streams.explaining.archive import ArchiveError, FolderArchive
from idweave_streams.follow import TIMEOUT_S, TopicMissingError
from idweave_streams.model_follower import Clock, ModelFollower, opened
from idweave_streams.reliable import Record
from idweave_streams.reliable.patience import with_patience
from idweave_streams.settings import Settings
from idweave_streams.state.manifest import MANIFEST, read_manifest
from idweave_streams.state.scratch import scratch
from idweave_streams.topic_ids import topic_ids
from idweave_streams.topics import TopicNames

_BATCH = 500

unix_time_s = time.time  # noqa: TID251 - here the clock is read


class CannotListenError(RuntimeError):
    """The address can't be listened on. The text says what to do."""


def sources_of(names: TopicNames) -> dict[str, Source]:
    """Return what the read model is made from, by the name of the topic.

    Persons come first: of what history names, it is then known who is somebody.
    """
    return {
        names.persons: Source.PERSONS,
        names.aliases: Source.ALIASES,
        names.events: Source.EVENTS,
        names.policy: Source.POLICY,
    }


def names_in(folder: Path, otherwise: TopicNames) -> TopicNames:
    """Return what the topics are called in *folder*.

    Raises:
        SnapshotDamaged: it has a manifest that can't be read.
    """
    has_manifest = (folder / MANIFEST).exists()
    return read_manifest(folder).names if has_manifest else otherwise


async def fill(store: Store, folder: Path, names: TopicNames) -> None:
    """Fold all that stands in the files of *folder* into *store*.

    Raises:
        ArchiveError: a file can't be read, or there is none of persons.
        UnreadableEntryError: a record is not as its schema says.
    """
    if not (folder / f"{names.persons}.jsonl").exists():
        msg = (
            f"{folder} has no file of {names.persons}; name a folder that has, such as "
            "an export with --format jsonl"
        )
        raise ArchiveError(msg)
    archive, writer = FolderArchive(folder), Writer(store)
    for topic, source in sources_of(names).items():
        batch: list[Entry] = []

        def take(
            record: Record, source: Source = source, batch: list[Entry] = batch
        ) -> None:
            place = (source, record.partition, record.offset)
            batch.append(Entry(*place, record.key, record.value))
            if len(batch) >= _BATCH:
                writer.apply(batch)
                batch.clear()

        await archive.read(topic, take)
        writer.apply(batch)
    writer.forget(writer.mark())


@contextmanager
def temporary_store() -> Iterator[RocksStore]:
    """Have a store that is gone afterwards, on the disk that `TMPDIR` names."""
    with scratch(Path(tempfile.gettempdir()), "idweave-api-") as folder:
        store = RocksStore(folder / "model")
        try:
            yield store
        finally:
            store.close()


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is done inside, and clean up.

    The loop can't see them: reading a folder never lets it run.
    """
    signs = (signal.SIGINT, signal.SIGTERM)
    before = {each: signal.signal(each, signal.default_int_handler) for each in signs}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


async def serve_folder(
    settings: Settings, folder: Path, *, ready: Callable[[str], None]
) -> None:
    """Answer from *folder* until SIGTERM.

    Args:
        settings: where to listen, and the files of keys.
        folder: what `idweave export` or `idweave local --out` wrote.
        ready: gets the base URL once it is listened on.

    Raises:
        KeysError: the keys can't be used.
        KeyFileError: the key of the audit can't be used.
        ArchiveError: the folder can't be read.
        CannotListenError: the address is taken, or not ours.
    """
    doors = doors_of(settings, unix_time_s)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with temporary_store() as store:
        with ended_at_once():
            await fill(store, folder, names_in(folder, settings.topics))
        whole = Freshness(Origin.SNAPSHOT, 0, is_ready=True)
        server = server_of(settings, doors, store, lambda: whole)
        async with serving(settings, server, doors) as url:
            ready(url)
            await stop.wait()


async def serve_topics(settings: Settings, *, ready: Callable[[str], None]) -> None:
    """Answer from the topics, as they are read, until SIGTERM.

    The read model lies in `api` below `data_dir`, and goes on where it was. Until it has
    come to the end of the topics once, only the probes and the status are answered.

    Args:
        settings: where the broker is, where to listen, and the files of keys.
        ready: gets the base URL once it is listened on.

    Raises:
        KeysError: the keys can't be used.
        KeyFileError: the key of the audit can't be used.
        ReadModelError: the model can't be opened, read or written.
        BrokerError: the broker can't be reached, or a topic is not there.
        CannotListenError: the address is taken, or not ours.
    """
    doors = doors_of(settings, unix_time_s)
    clock = Clock(time.monotonic, lambda: int(unix_time_s() * 1000))
    store = opened(settings.data_dir / "api", clock.unix_ms())
    try:
        async with consumer_of(settings) as consumer:
            follower = follower_of(settings, consumer, store, clock)
            server = server_of(settings, doors, store, follower.fresh)
            async with serving(settings, server, doors) as url:
                ready(url)
                await _until_stopped(settings, follower)
    finally:
        store.close()


def follower_of(
    settings: Settings, consumer: AIOKafkaConsumer, store: RocksStore, clock: Clock
) -> ModelFollower:
    """Join what keeps *store* up to date."""
    sources = sources_of(settings.topics)
    return ModelFollower(
        consumer,
        sources,
        store,
        clock,
        identify=lambda: topic_ids(consumer._client, sources),  # noqa: SLF001 - no other way
        scrub_ms=settings.api_scrub_ms,
    )


async def _until_stopped(settings: Settings, follower: ModelFollower) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    following = asyncio.create_task(follower.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            with translated(settings.kafka, TIMEOUT_S):
                _result_of(following)
    finally:
        stopping.cancel()
        following.cancel()
        await asyncio.gather(stopping, following, return_exceptions=True)


def _result_of(following: asyncio.Task[None]) -> None:
    try:
        following.result()
    except TopicMissingError as error:
        raise Refused(str(error)) from None


@asynccontextmanager
async def consumer_of(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """Have a consumer of what is committed, in no group.

    Raises:
        BrokerError: the broker does not answer.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    with_patience(consumer._client)  # noqa: SLF001 - no setting for it
    try:
        with translated(settings.kafka, TIMEOUT_S):
            await asyncio.wait_for(consumer.start(), TIMEOUT_S)
        yield consumer
    finally:
        await consumer.stop()


def server_of(
    settings: Settings, doors: Doors, store: Store, fresh: Fresh
) -> ApiServer:
    """Join everything that answers from *store*.

    Raises:
        KeyFileError: the key of the audit can't be used.
    """
    path = settings.api_audit_key_file
    audit = Audit(None if path is None else read_key(path))
    served = Served(StoredReadModel(store), doors.credentials, audit, fresh)
    rate = settings.api_requests_per_second
    return ApiServer(served, limits=Limits(per_second=rate, burst=2 * rate))


@asynccontextmanager
async def serving(
    settings: Settings, server: ApiServer, doors: Doors
) -> AsyncIterator[str]:
    """Serve inside, and give the base URL; keys are taken over as they change.

    Raises:
        CannotListenError: the address is taken, or not ours.
    """
    reloading = asyncio.create_task(reload(doors))
    try:
        yield await _listen(settings, server)
    finally:
        reloading.cancel()
        await asyncio.gather(reloading, return_exceptions=True)
        await server.stop()


async def _listen(settings: Settings, server: ApiServer) -> str:
    host, port = settings.api_host, settings.api_port
    try:
        return await server.start(host, port)
    except OSError as error:
        msg = (
            f"can't listen on {host}, port {port} ({error.strerror}); "
            "change api_host or api_port"
        )
        raise CannotListenError(msg) from None
