"""A folder to look at in a browser, for whoever has it: what `idweave explore` runs."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from idweave_adapters.api import (
    ApiServer,
    Audit,
    Freshness,
    Origin,
    PassingKey,
    Served,
)
from idweave_adapters.read_model import Store, StoredReadModel, businesses_in
from idweave_streams.api import (
    CannotListenError,
    ended_at_once,
    fill,
    names_in,
    temporary_store,
)
from idweave_streams.topics import TopicNames

LOOPBACK = "127.0.0.1"


async def explore(
    folder: Path, names: TopicNames, port: int, *, ready: Callable[[str], None]
) -> None:
    """Serve the page and the API over *folder* until Ctrl-C or SIGTERM.

    Nobody but this machine can reach them, and nobody without the key, which is for all
    businesses of the folder. It is made here, is in no file and no log, and opens
    nothing afterwards.

    Args:
        folder: what `idweave export`, `local --out` or `demo` wrote.
        names: what the topics are called, if the folder does not say so.
        port: 0 takes a free one.
        ready: gets the link to the page, with the key, once it can be opened.

    Raises:
        ArchiveError: the folder can't be read.
        SnapshotDamaged: it has a manifest that can't be read.
        UnreadableEntryError: a record is not as its schema says.
        CannotListenError: the port is taken.
    """
    with temporary_store() as store:
        with ended_at_once():
            await fill(store, folder, names_in(folder, names))
        key = PassingKey(businesses_in(store))
        server = _server(store, key)
        try:
            url = await _listen(server, port)
            stop = _stopped_by_signals()
            ready(f"{url}/#key={key.secret.reveal()}")
            await stop.wait()
        finally:
            await server.stop()


def _server(store: Store, key: PassingKey) -> ApiServer:
    whole = Freshness(Origin.SNAPSHOT, 0, is_ready=True)
    return ApiServer(Served(StoredReadModel(store), key, Audit(), lambda: whole))


def _stopped_by_signals() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    return stop


async def _listen(server: ApiServer, port: int) -> str:
    try:
        return await server.start(LOOPBACK, port)
    except OSError as error:
        msg = f"can't listen on port {port} ({error.strerror}); name another --port"
        raise CannotListenError(msg) from None
