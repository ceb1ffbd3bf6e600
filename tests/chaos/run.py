"""One chaos run: everything is set up, struck, left to settle, and examined."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aiokafka.errors import KafkaError
from tests.chaos import findings
from tests.chaos.crew import Hand
from tests.chaos.findings import Line
from tests.chaos.journal import Journal
from tests.chaos.load import Load, write_credentials
from tests.chaos.meta import MetaProcess
from tests.chaos.plan import Kind, draw
from tests.chaos.strike import Striker
from tests.chaos.town import draw_town
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand

from idweave_streams.settings import Settings

WORKERS = 3
PARTITIONS = 8
EVENTS_PER_S = 40
START_MS = 1_767_225_600_000
PROBE_S = 3.0
SETTLE_S = 300.0
ASK_S = 5.0


@dataclass(frozen=True, slots=True)
class Want:
    """What was asked for."""

    duration_s: float
    seed: int
    folder: Path
    """For disks and logs; the broker's data too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended."""

    lines: Sequence[Line]
    journal: Journal
    verified: str

    @property
    def is_clean(self) -> bool:
        """Nothing was found to be wrong."""
        return not self.journal.findings and not any(x.is_wrong for x in self.lines)

    def missed(self) -> list[Kind]:
        """Kinds of faults that did not take place."""
        return [kind for kind in Kind if not self.journal.struck[kind]]


async def run(want: Want, journal: Journal) -> Outcome:
    """Carry out one run; nothing of it runs any more afterwards.

    Raises:
        KafkaUnavailableError: this machine has no Java, Maven or Kafka.
    """
    events = max(1, int(want.duration_s * EVENTS_PER_S))
    town = draw_town(events=events, seed=want.seed, start_ms=START_MS)
    async with AsyncExitStack() as stack:
        broker = KafkaBroker(data_dir=want.folder / "kafka")
        await asyncio.to_thread(broker.start)
        stack.push_async_callback(asyncio.to_thread, broker.stop)
        meta = MetaProcess(town.whole, town.faults, want.folder)
        stack.push_async_callback(meta.stop)
        await meta.start()
        settings = _settings(broker, meta, want.folder)
        write_credentials(settings, town.whole.credentials())
        load = Load(town, settings, meta, journal)
        stack.push_async_callback(load.close)
        hands = _hands(settings, want.folder, journal, stack)
        await _storm(want, Scene(broker, meta, hands, load, settings, journal))
        return await _afterwards(load, settings, want.folder, journal)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that takes part in a run."""

    broker: KafkaBroker
    meta: MetaProcess
    hands: dict[int, Hand]
    load: Load
    settings: Settings
    journal: Journal


async def _storm(want: Want, scene: Scene) -> None:
    """Load and faults are over, and everything that was struck runs again."""
    journal = scene.journal
    async with watching(scene.settings, want.folder) as stand:
        await scene.load.begin()
        for hand in scene.hands.values():
            await hand.start()
        journal.began = journal.clock()
        journal.tell("run", f"seed {want.seed}, {want.duration_s:.0f} s of faults")
        striker = Striker(
            scene.hands, scene.broker, scene.meta, journal, lambda: _members(stand)
        )
        lanes = draw(seed=want.seed, duration_s=want.duration_s, workers=WORKERS)
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(striker.run(lane, want.duration_s))
            group.create_task(scene.load.run(want.duration_s, stand.tally))
        journal.tell("run", f"faults are over, {scene.load.sent} events sent")


async def _afterwards(
    load: Load, settings: Settings, folder: Path, journal: Journal
) -> Outcome:
    """Let everything settle, and examine what came of it."""
    async with AsyncExitStack() as stack:
        stand = Stand(settings, folder)
        await stand.connect(stack)
        try:
            async with asyncio.timeout(SETTLE_S):
                await stand.settle(SETTLE_S)
                while not await load.ask(stand.tally):
                    await stand.look()
            await stand.settle(SETTLE_S)
            await load.remind()
            await stand.settle(SETTLE_S)
        except (TimeoutError, AssertionError) as error:
            journal.find(f"it does not settle: {error}")
        journal.tell("run", "settled")
        lines = await findings.examine(stand, load)
        code, said = await findings.verify(stand)
        if code != 0:
            journal.find(f"idweave verify ended with {code}: {said[-1_000:]}")
        return Outcome(lines, journal, said)


@asynccontextmanager
async def watching(settings: Settings, folder: Path) -> AsyncIterator[Stand]:
    """A stand whose tally follows the topics, through all outages."""
    async with AsyncExitStack() as stack:
        stand = Stand(settings, folder)
        await stand.connect(stack)
        following = asyncio.create_task(_follow(stand))
        try:
            yield stand
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


async def _follow(stand: Stand) -> None:
    while True:
        with suppress(KafkaError, OSError):
            await stand.look()
        await asyncio.sleep(0.1)


async def _members(stand: Stand) -> int | None:
    try:
        async with asyncio.timeout(ASK_S):
            return await stand.members()
    except (KafkaError, OSError, TimeoutError):
        return None


def _hands(
    settings: Settings, folder: Path, journal: Journal, stack: AsyncExitStack
) -> dict[int, Hand]:
    hands = {}
    for number in range(1, WORKERS + 1):
        hand = Hand(f"worker {number}", settings, folder, journal)
        hand.disk.mount()
        stack.callback(hand.disk.unmount)
        stack.push_async_callback(hand.end, signal.SIGKILL)
        hands[number] = hand
    return hands


def _settings(broker: KafkaBroker, meta: MetaProcess, folder: Path) -> Settings:
    return Settings(
        app_id="chaos",
        kafka=broker.bootstrap,
        partitions=PARTITIONS,
        replication=1,
        graph_api_url=meta.base_url,
        credentials_file=folder / "credentials.json",
        erasure_key_file=_erasure_key(folder),
        lookup_linger_ms=200,
        hold_probe_hours=PROBE_S / 3600,
        hold_next_probe_hours=PROBE_S / 3600,
        credential_retry_minutes=PROBE_S / 60,
        credentials_reload_seconds=1,
    )


def _erasure_key(folder: Path) -> Path:
    path = folder / "erasure-key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32))
    return path


def summary(outcome: Outcome) -> list[str]:
    """The table at the end."""
    journal = outcome.journal
    rows = [(f"fault: {kind}", journal.struck[kind], "") for kind in Kind]
    rows += [(name, count, "") for name, count in sorted(journal.counts.items())]
    marks = {True: "WRONG", False: ""}
    rows += [(line.what, line.found, marks[line.is_wrong]) for line in outcome.lines]
    rows.append(("other findings", len(journal.findings), ""))
    width = max(len(name) for name, _, _ in rows)
    table = [
        f"{name:<{width}}  {count:>7,}  {mark}".rstrip() for name, count, mark in rows
    ]
    return [*table, *(f"FINDING: {each}" for each in journal.findings)]
