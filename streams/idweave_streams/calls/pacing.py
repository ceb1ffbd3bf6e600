"""How many lookups may pass each rate limit now.

Every worker keeps its own; they share the limits without talking, by what the platform
tells each of them. Nothing here does IO, and time is an argument.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from idweave_streams.calls.gates import Gate, Heard
from idweave_streams.calls.pace import Pace

UNLIMITED = 1 << 30
FIRST_TRUST = 20
"""Lookups under way before anything was heard: a tenth of the smallest budget."""
TRUST_GROWTH = 4
SILENT_REQUESTS = 3
"""After so many without a percentage, the last one that was heard says nothing more:
the headers come only where there is much to tell (Meta, Rate Limits)."""
SHORTEST_STOP_MS = 60_000
LONGEST_STOP_MS = 3_600_000
"""Bounds of a stop where the platform states no time."""

Passed = tuple[tuple[Gate, ...], Heard | None]
"""The limits that a lookup passed, and what its answer said; None without an answer."""


@dataclass(slots=True)
class _Stop:
    """When a limit was last reached."""

    until_ms: int = 0
    length_ms: int = 0
    count: int = 0
    """How many came one soon after the other."""

    def begin(self, told_ms: int, draw: float, *, began_ms: int, now_ms: int) -> bool:
        """Stop, as long as was told or twice as long as the last time.

        Returns:
            Whether it is a new stop: of requests that were under way together, all
            but one only confirm it.
        """
        is_new = began_ms >= self.until_ms
        if is_new:
            is_next = now_ms < self.until_ms + self.length_ms
            self.count = self.count + 1 if is_next else 1
        if told_ms or is_new:
            length_ms = told_ms or _stop_ms(self.count, draw)
            if now_ms + length_ms > self.until_ms:
                self.until_ms, self.length_ms = now_ms + length_ms, length_ms
        return is_new


@dataclass(slots=True)
class _GateState:
    """What is known of one limit."""

    in_flight: int = 0
    trust: int = FIRST_TRUST
    """Lookups that may be under way while no percentage was heard."""
    is_unread: bool = True
    silent: int = 0
    """Requests in a row that told no percentage."""
    pace: Pace | None = None
    stop: _Stop = field(default_factory=_Stop)

    def room(self, now_ms: int) -> int:
        if now_ms < self.stop.until_ms:
            return 0
        if self.pace is None or self.is_unread:
            return max(0, self.trust - self.in_flight)
        return self.pace.room(self.in_flight, now_ms)

    def ended(
        self, lookups: int, percents: Sequence[float], *, began_ms: int, now_ms: int
    ) -> None:
        self.in_flight -= lookups
        self.silent = 0 if percents else self.silent + 1
        if self.silent == SILENT_REQUESTS and not self.is_unread:
            self.trust, self.is_unread = 1, True
        if self.pace is not None and not self.is_unread:
            self.pace.read(lookups, percents, began_ms=began_ms, now_ms=now_ms)
        elif percents and began_ms >= self.stop.until_ms:
            self.is_unread, percent = False, max(percents)
            if self.pace is None:
                self.pace = Pace(percent, began_ms=began_ms, now_ms=now_ms)
            else:
                self.pace.restart(percent, began_ms=began_ms, now_ms=now_ms)
        elif began_ms >= self.stop.until_ms:
            self.trust = min(UNLIMITED, self.trust * TRUST_GROWTH)

    def stopped(self, told_ms: int, draw: float, *, began_ms: int, now_ms: int) -> None:
        """Let nothing pass for a while, and begin with a single one after it."""
        is_new = self.stop.begin(told_ms, draw, began_ms=began_ms, now_ms=now_ms)
        if is_new and self.pace is not None:
            self.pace.overfilled()
        self.trust, self.is_unread = 1, True


class Pacing:
    """All limits that lookups of this worker pass."""

    def __init__(self, draw: Callable[[], float]) -> None:
        """*draw* gives the jitter: any number from 0 to 1."""
        self._draw = draw
        self._gates: defaultdict[Gate, _GateState] = defaultdict(_GateState)

    def room(self, gates: Iterable[Gate], now_ms: int) -> int:
        """Return how many lookups may begin that pass all *gates*."""
        rooms = (self._gates[gate].room(now_ms) for gate in gates)
        return min(rooms, default=UNLIMITED)

    def stopped_until_ms(self, gates: Iterable[Gate]) -> int:
        """Return when the last of *gates* opens again; 0 where none was ever shut."""
        return max((self._gates[gate].stop.until_ms for gate in gates), default=0)

    def take(self, gates: Iterable[Gate], lookups: int, now_ms: int) -> None:
        """Count *lookups* that pass *gates* as begun."""
        for gate in gates:
            state = self._gates[gate]
            state.in_flight += lookups
            if state.pace is not None:
                state.pace.took(lookups, now_ms)

    def give_back(self, gates: Iterable[Gate], lookups: int) -> None:
        """Count *lookups* as not begun after all."""
        for gate in gates:
            self._gates[gate].in_flight -= lookups

    def ended(self, passed: Sequence[Passed], *, began_ms: int, now_ms: int) -> None:
        """Take over what the lookups of one request heard, in their order."""
        counts: defaultdict[Gate, int] = defaultdict(int)
        percents: defaultdict[Gate, list[float]] = defaultdict(list)
        stops: dict[Gate, int] = {}
        for gates, heard in passed:
            for gate in gates:
                counts[gate] += 1
            for gate, percent in heard.percents if heard else ():
                percents[gate].append(percent)
            for gate, told_ms in heard.stops if heard else ():
                stops[gate] = max(told_ms, stops.get(gate, 0))
        for gate in counts.keys() | percents.keys():
            self._gates[gate].ended(
                counts[gate], percents[gate], began_ms=began_ms, now_ms=now_ms
            )
        for gate, told_ms in stops.items():
            self._gates[gate].stopped(
                told_ms, self._draw(), began_ms=began_ms, now_ms=now_ms
            )


def _stop_ms(count: int, draw: float) -> int:
    base_ms = min(SHORTEST_STOP_MS << min(count - 1, 10), LONGEST_STOP_MS // 2)
    return int(base_ms * (1 + draw))
