"""A real server on loopback over a read model in memory, and keys for it."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from tests.support.published import Workers, in_turn

from idweave_adapters.api import (
    ApiKeys,
    ApiServer,
    Audit,
    Credentials,
    EitherCredentials,
    Freshness,
    KeyFile,
    Limits,
    Origin,
    Served,
    Verb,
    new_key,
)
from idweave_adapters.read_model import MemoryStore, StoredReadModel, Writer
from idweave_adapters.secret import Secret
from idweave_graph.messages import LogMessage

DAY_MS = 86_400_000
AUDIT_KEY = Secret("a" * 64)


@dataclass
class Clock:
    """Time that a test moves."""

    now: float = 1_000_000.0

    def seconds(self) -> float:
        return self.now

    def milliseconds(self) -> int:
        return int(self.now * 1000)


@dataclass
class Desk:
    """What a test needs of it."""

    url: str
    http: aiohttp.ClientSession
    keys: KeyFile
    book: ApiKeys
    workers: Workers
    writer: Writer
    model: StoredReadModel
    clock: Clock
    fresh: list[Freshness] = field(default_factory=list)

    def bearer(
        self,
        *businesses: str,
        verbs: Iterable[Verb] = Verb,
        life_ms: int = DAY_MS,
    ) -> dict[str, str]:
        """Make a key and return the header that shows it."""
        key, shown = new_key(
            "a test",
            businesses or ("900",),
            verbs,
            now_ms=self.clock.milliseconds(),
            life_ms=life_ms,
        )
        self.keys.add(key)
        self.book.reload()
        return {"Authorization": f"Bearer {shown.reveal()}"}

    def publish(self, messages: Sequence[LogMessage]) -> None:
        """Let the workers handle *messages*, and the model read what they tell."""
        self.workers.handle(messages)
        self.writer.apply(in_turn(self.workers.places()))


@asynccontextmanager
async def desk(
    folder: Path, limits: Limits | None = None, tokens: Credentials | None = None
) -> AsyncIterator[Desk]:
    """Serve inside, for keys and, if they are given, for tokens."""
    clock, store, keys = Clock(), MemoryStore(), KeyFile(folder / "keys.json")
    book, model = ApiKeys(keys, clock.milliseconds), StoredReadModel(store)
    fresh = [Freshness(Origin.SNAPSHOT, 0, is_ready=True)]
    credentials = EitherCredentials(book, tokens) if tokens else book
    served = Served(model, credentials, Audit(AUDIT_KEY), lambda: fresh[-1])
    server = ApiServer(
        served, limits=limits or Limits(poll_s=0.01), clock=clock.seconds
    )
    url = await server.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(url) as http:
            workers, writer = Workers(), Writer(store)
            yield Desk(url, http, keys, book, workers, writer, model, clock, fresh)
    finally:
        await server.stop()
