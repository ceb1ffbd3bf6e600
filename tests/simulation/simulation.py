"""One run: workers, broker and platform under a scheduler that a seed decides.

What is the product's own code here: the stages, codecs, tables and views, the caller
beside the stream with its board, pacing and places, and of `reliable` the unit of work
(`Commit`, step by step), `Unit`, `Lane`, `OffsetTracker`, the progress record, the
grouping of outputs, the partitioner, and what a stage checks before it starts.

What is modelled and not run: Faust, the Kafka client, the broker (a log keeps a batch
whole or not at all, and one producer's batches for a partition in order), RocksDB (a
copy is written whole and outlives its process), recovery (the copy is brought to the
changelog's end before work begins), group membership, heartbeat and lease. Nothing is
compacted and no source is cut.

A zombie is refused where the real one is: by its lease, by its generation, by the
changelog's base offset. The window that remains after the last check of the lease (see
*Limits* in `reliable/README.md`) is closed here, by deciding what becomes of a write on
its way before the partition's next owner starts. Answers, which are not fenced, may
come from the dead and from zombies at any time.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from unittest.mock import patch

from tests.simulation.broker import Broker, Network, NotAcknowledgedError, Trace
from tests.simulation.checks import findings
from tests.simulation.director import Director
from tests.simulation.group import Group, Part
from tests.simulation.lane import CHANGELOG
from tests.simulation.machine import Died, Machine, Surroundings
from tests.simulation.moves import Moves, turned
from tests.simulation.platform import Platform, Wire
from tests.simulation.process import Process
from tests.simulation.scenario import Scenario
from tests.simulation.sources import Sources
from tests.support.virtual_time import VirtualLoop

from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.secret import Secret
from idweave_graph import withdraw
from idweave_streams.agents import assets
from idweave_streams.reliable import lanes
from idweave_streams.reliable.errors import ChangelogShared, DeliveryFailed
from idweave_streams.setting_types import AccountLinking
from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE
from idweave_streams.topics import wanted_topics

TICK_S = 0.05
"""The caller looks for due lookups this often, by the loop's time."""
DRAIN_TICK_MS = 20_000
PATIENCE = 400
"""Ticks within which everything must have come to its end."""
MOST_MOVES = 40_000
"""Moves that no run needs."""
UNIT_RECORDS = 500
"""As in a worker that is past its first units: a run is too short to grow to that."""
BIRTH_MS = 1_767_225_600_000
KEY = ErasureKey(Secret("0123456789abcdef" * 4))
EXPECTED = (DeliveryFailed, ChangelogShared, NotAcknowledgedError)
"""What may end a process; anything else is a finding."""


class StuckError(AssertionError):
    """The run never comes to its end."""


def settings_of(scenario: Scenario) -> Settings:
    """Return settings whose times are short, so that waits end within a run."""
    return Settings(
        partitions=scenario.partitions,
        lookup_linger_ms=0,
        account_linking=AccountLinking.EVIDENCE,
        empty_answer_hours=0.1,
        hold_probe_hours=0.05,
        hold_next_probe_hours=0.02,
        credential_retry_minutes=1,
    )


@dataclass(slots=True)
class Counted:
    """How much happened that explains why somebody is asked twice."""

    deaths: int = 0
    rebalances: int = 0


@dataclass
class Run:
    """Everything of one run, for those who look at it afterwards."""

    scenario: Scenario
    trace: Trace = field(default_factory=Trace)
    counted: Counted = field(default_factory=Counted)
    findings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        scenario = self.scenario
        self.random = Random(f"{scenario.seed}-schedule")
        self.settings = settings_of(scenario)
        self.platform = Platform(scenario.leaky)
        wanted = wanted_topics(
            self.settings.topics,
            scenario.partitions,
            (CHANGELOG + GRAPH_TABLE, CHANGELOG + LOOKUP_TABLE),
        )
        self.broker = Broker({t.name: t.partitions for t in wanted}, self.trace)
        self.network = Network(self.broker, self.now_ms)
        self.wire = Wire(self.platform)
        self.around = Surroundings(
            *(self.settings, self.broker, self.network, self.wire, self.platform),
            *(self.now_ms, self.random, scenario.unit_records),
            KEY if scenario.remembers else None,
        )
        self.machines = [Machine(number) for number in range(scenario.workers)]
        self.sources = Sources(self.broker, self.settings, self.platform, self.now_ms)
        self.group: Group | None = None
        self._doers = Moves(self).doers
        self.moves = 0
        self._passed_ms = self._count = 0
        self._tick_ms = scenario.tick_ms
        self._later: list[tuple[int, int, Callable[[], None]]] = []
        self._ended: list[asyncio.Task[None]] = []

    def now_ms(self) -> int:
        """Return the time that all have."""
        return BIRTH_MS + self._passed_ms

    # Time and what is to happen.

    def later(self, moves: int, action: Callable[[], None]) -> None:
        """Do something so many moves from now."""
        self._count += 1
        self._later.append((self.moves + moves, self._count, action))

    async def pass_time(self, ms: int | None = None) -> None:
        """Let time pass, by one tick of the callers."""
        self._passed_ms += self._tick_ms if ms is None else ms
        await asyncio.sleep(TICK_S)
        for process in self.alive():
            self._see_to_caller(process)

    def _see_to_caller(self, process: Process) -> None:
        """End a process whose caller has ended, as a worker does."""
        calling = process.calling
        if calling.done() and not calling.cancelled():
            process.failed = calling.exception()
            self.kill(process)

    def alive(self) -> list[Process]:
        """List the processes that run, paused or not."""
        return [m.process for m in self.machines if m.process is not None]

    # Processes begin and end.

    def kill(self, process: Process) -> None:
        """Let a process be no more, and what it had on its way be decided."""
        self.counted.deaths += 1
        self.trace.add("dead", process.name)
        process.is_alive = False
        process.calling.cancel()
        self._ended.append(process.calling)
        for runner in process.runners.values():
            runner.close()
        self.network.cut(process, self.random, fenced_only=False)
        if process.failed is not None and not isinstance(process.failed, EXPECTED):
            self.findings.append(f"a process failed: {process.failed!r}")
        machine = process.machine
        machine.process = None
        if machine.is_wiped:
            machine.disk.clear()
            machine.is_wiped = False
        self.later(machine.down_moves, lambda: self.start(machine))
        self.later(self.random.randrange(5, 60), self.share)

    def start(self, machine: Machine) -> None:
        """Start a process on *machine*, which joins the group, if none runs there."""
        if machine.process is not None:
            return
        self.trace.add("start", machine.number)
        machine.process = Process(machine, self.around)
        self.share()

    def share(self) -> None:
        """Share the partitions out among all who are awake."""
        assert self.group is not None
        self.counted.rebalances += 1
        self.trace.add("rebalance")
        while True:
            awake = [p for p in self.alive() if not p.is_paused]
            try:
                return self.group.rebalance(awake)
            except Died as died:
                self._bury(died)

    def _bury(self, died: Died) -> None:
        name = died.args[0]
        for process in self.alive():
            if process.name == name:
                self.kill(process)

    # Moves.

    def _parts(self) -> list[Part]:
        process = self.machines[0].process
        assert process is not None
        parts: list[Part] = []
        for stage in process.specs:
            count = 1 if stage == assets.STAGE else self.scenario.partitions
            parts += [(stage, partition) for partition in range(count)]
        return parts

    def move(self) -> bool:
        """Let somebody do the next thing; False: nobody has anything to do now."""
        self.moves += 1
        if self.moves > MOST_MOVES:
            raise StuckError("the run does not end")
        try:
            return any(do() for do in turned(self._doers, self.random))
        except Died as died:
            self._bury(died)
            return True

    # From the beginning to the end.

    async def play(self) -> None:
        """Carry the scenario out, then let everything come to its end."""
        for asset in self.platform.owners:
            self.sources.own(asset)
        for machine in self.machines:
            machine.process = Process(machine, self.around)
        self.group = Group(self._parts(), self.network, self.random)
        self.share()
        director = Director(self)
        for step in self.scenario.steps:
            await self._until(step.at)
            await director.carry_out(step)
        await self._until(max((at for at, _, _ in self._later), default=0))
        director.calm()
        self._tick_ms = DRAIN_TICK_MS
        await self._drain()
        for process in self.alive():
            process.calling.cancel()
            self._ended.append(process.calling)
        await asyncio.gather(*self._ended, return_exceptions=True)

    async def _until(self, move: int) -> None:
        """Move on up to that move of the run, and do what was put off till then."""
        while True:
            due = min(self._later, default=None)
            if due is not None and due[0] <= self.moves:
                self._later.remove(due)
                due[2]()
            elif self.moves >= move:
                return
            else:
                await self._go_on()

    async def _go_on(self) -> bool:
        has_moved = self.move()
        if not has_moved or self.random.random() < 0.03:
            await self.pass_time()
        elif not self.wire.is_empty or not self.network.is_empty:
            await asyncio.sleep(0)
        return has_moved

    async def _drain(self) -> None:
        ticks = 0
        while not (self._is_done() and self._is_answered()):
            while await self._go_on() or self._later:
                await self._until(self.moves)
            await self.pass_time()
            ticks += 1
            if ticks > PATIENCE:
                self.findings.append("a lookup, or a record, never comes to its end")
                return

    def _is_done(self) -> bool:
        return (
            self.network.is_empty
            and self.wire.is_empty
            and all(p.is_done for p in self.alive())
        )

    def _is_answered(self) -> bool:
        """Say whether no lookup is open but those that no token will ever serve."""
        return all(
            process.pipeline.caller.is_idle
            and all(
                process.is_tokenless(lane.business, lane.asset)
                for lane in process.pipeline.board.due_lanes(1 << 60)
            )
            for process in self.alive()
        )


def run(scenario: Scenario, *, is_traced: bool = False) -> Run:
    """Play *scenario* and look at what came of it."""
    played = Run(scenario)
    played.trace.lines = [] if is_traced else None
    with (
        patch.object(withdraw, "SWEEP_STEP", scenario.sweep_step),
        patch.object(lanes, "_FIRST", UNIT_RECORDS),
    ):
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(played.play())
        played.findings += findings(played)
    return played
