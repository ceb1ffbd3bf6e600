"""What the test apps share: settings from the environment, notes, and faults."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faust

from idweave_streams.reliable import ReliableApp

BOOTSTRAP = os.environ["BOOTSTRAP"]
PREFIX = os.environ["PREFIX"]
IS_OURS = os.environ["FLAVOUR"] == "ours"
DATADIR = os.environ["DATADIR"]
NOTES = Path(os.environ["NOTES"])
FAULT = os.environ.get("FAULT", "")
PARTITIONS = int(os.environ.get("PARTITIONS", "1"))

SOURCE = f"{PREFIX}in"
TARGET = f"{PREFIX}out"

# Equal for both, so that tests compare code and not settings.
COMMON: dict[str, Any] = {
    "broker": f"kafka://{BOOTSTRAP}",
    "datadir": DATADIR,
    "topic_partitions": PARTITIONS,
    "topic_replication_factor": 1,
    "broker_session_timeout": 6.0,
    "broker_heartbeat_interval": 1.0,
    "broker_commit_interval": float(os.environ.get("COMMIT_INTERVAL", "0.3")),
    "consumer_auto_offset_reset": "earliest",
    # A member that comes back under its name needs no session to end first.
    "consumer_group_instance_id": os.environ.get("INSTANCE") or None,
    "stream_recovery_delay": 0.0,
    "topic_disable_leader": True,
    "web_enabled": False,
    "table_standby_replicas": int(os.environ.get("STANDBYS", "0")),
}


def make_app() -> faust.App:
    """Return a stock or a reliable app with the same settings."""
    if IS_OURS:
        return ReliableApp(f"{PREFIX}app", **COMMON)
    return faust.App(f"{PREFIX}app", store="rocksdb://", **COMMON)


def raw_topic(app: faust.App, name: str) -> Any:
    """Return a topic whose keys and values are bytes for stock Faust, too."""
    return app.topic(
        name,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )


def run(app: faust.App) -> None:
    """Run a worker until it is stopped."""
    faust.Worker(app, loglevel="info").execute_from_commandline()


def note(text: str) -> None:
    """Append to the notes in one write, which a kill can't tear."""
    with NOTES.open("ab", buffering=0) as notes:
        notes.write(f"{text}\n".encode())


def die_once() -> None:
    """Die at once, unless this was done before on this disk."""
    mark = NOTES.with_suffix(".died")
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def die_after(owner: type, method: str, *, calls: int = 1) -> None:
    """Make the process die right after the given call of a method has returned."""
    original: Callable[..., Any] = getattr(owner, method)
    count = 0

    def finish() -> None:
        nonlocal count
        count += 1
        if count == calls:
            die_once()

    async def asynchronous(*args: Any, **kwargs: Any) -> Any:
        result = await original(*args, **kwargs)
        finish()
        return result

    def synchronous(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        finish()
        return result

    is_async = original.__code__.co_flags & 0x80
    setattr(owner, method, asynchronous if is_async else synchronous)
