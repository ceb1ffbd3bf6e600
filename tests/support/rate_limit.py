"""A rate limit with a window that rolls on, and workers that ask as it lets them."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random

from idweave_adapters.graph_api.limits import LimitScope
from idweave_streams.calls.gates import Gate, Heard
from idweave_streams.calls.pacing import Pacing

GATE = Gate(LimitScope.APP, "10")
STEP_MS = 100
BATCH = 50
AT_ONCE = 4


@dataclass
class Window:
    """Counts calls as the platform does: all of them, also those that it refuses."""

    budget: int
    window_s: int
    _steps: deque[list[int]] = field(default_factory=deque)
    _used: int = 0

    def used(self, now_ms: int) -> int:
        """How many calls stand in the window; it moves on in sixtieths."""
        now = now_ms * 60 // (self.window_s * 1000)
        while self._steps and self._steps[0][0] <= now - 60:
            self._used -= self._steps.popleft()[1]
        return self._used

    def call(self, now_ms: int, calls: int = 1) -> tuple[float, bool]:
        """Make some calls: the fullness after them, and whether they are let through."""
        self.used(now_ms)
        self._steps.append([now_ms * 60 // (self.window_s * 1000), calls])
        self._used += calls
        return float(self._used * 100 // self.budget), self._used <= self.budget


@dataclass
class Worker:
    """Asks in batches, as far as its own pacing lets it."""

    pacing: Pacing
    gathered: int = 0
    since_ms: int = 0
    under_way: int = 0
    answered: int = 0


@dataclass
class Run:
    """Workers that always have something to ask, and one limit for all of them."""

    window: Window
    workers: int = 1
    latency_ms: tuple[int, int] = (200, 400)
    calls_per_lookup: int = 1
    is_same_reading: bool = False
    """Every answer of a request tells the fullness after the last of them."""
    seed: int = 1
    others: Callable[[int], int] = lambda _: 0
    """Calls that strangers have made in all, by the time."""
    refused: int = 0
    let_through: list[int] = field(default_factory=list)
    """Times."""

    def __post_init__(self) -> None:
        self._draw = Random(self.seed)
        self.crew = [Worker(Pacing(self._draw.random)) for _ in range(self.workers)]
        self._numbers = count()
        self._events: list[tuple[int, int, Callable[[int], None]]] = []
        self._by_others = 0

    def until(self, end_s: float) -> "Run":
        """Let so much time pass from the beginning on."""
        for now_ms in range(0, int(end_s * 1000), STEP_MS):
            strangers = self.others(now_ms) - self._by_others
            if strangers:
                self.window.call(now_ms, strangers)
                self._by_others += strangers
            while self._events and self._events[0][0] <= now_ms:
                heapq.heappop(self._events)[2](now_ms)
            for worker in self.crew:
                self._work(worker, now_ms)
        return self

    def share(self, from_s: float, to_s: float) -> float:
        """What was let through between two times, as a share of what is allowed."""
        passed = sum(from_s * 1000 <= at_ms < to_s * 1000 for at_ms in self.let_through)
        allowed = self.window.budget * (to_s - from_s) / self.window.window_s
        return passed * self.calls_per_lookup / allowed

    def _work(self, worker: Worker, now_ms: int) -> None:
        room = min(BATCH - worker.gathered, worker.pacing.room((GATE,), now_ms))
        if room > 0:
            if not worker.gathered:
                worker.since_ms = now_ms
            worker.gathered += room
            worker.pacing.take((GATE,), room, now_ms)
        is_ready = worker.gathered == BATCH or now_ms >= worker.since_ms + 500
        if worker.gathered and is_ready and worker.under_way < AT_ONCE:
            lookups, worker.gathered = worker.gathered, 0
            worker.under_way += 1
            self._later(now_ms, lambda at: self._arrive(worker, lookups, now_ms, at))

    def _later(self, now_ms: int, action: Callable[[int], None]) -> None:
        half = self._draw.randint(*self.latency_ms) // 2
        heapq.heappush(self._events, (now_ms + half, next(self._numbers), action))

    def _arrive(self, worker: Worker, lookups: int, began_ms: int, now_ms: int) -> None:
        calls = [
            self.window.call(now_ms, self.calls_per_lookup) for _ in range(lookups)
        ]
        self.refused += sum(not is_let for _, is_let in calls)
        self.let_through += [now_ms for _, is_let in calls if is_let]
        last = calls[-1][0]
        said = [
            Heard(
                ((GATE, last if self.is_same_reading else percent),),
                () if is_let else ((GATE, 0),),
            )
            for percent, is_let in calls
        ]
        self._later(now_ms, lambda at: self._answer(worker, said, began_ms, at))

    def _answer(
        self, worker: Worker, said: list[Heard], began_ms: int, now_ms: int
    ) -> None:
        worker.under_way -= 1
        worker.answered += len(said)
        passed = [((GATE,), heard) for heard in said]
        worker.pacing.ended(passed, began_ms=began_ms, now_ms=now_ms)
