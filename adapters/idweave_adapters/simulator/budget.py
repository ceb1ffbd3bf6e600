"""Counts calls in a rolling window, as Meta's rate limits do.

Calls made while limited are counted too, so they lengthen the wait.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass

_STEPS = 60  # the window moves on in sixtieths
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Usage:
    """Where one app or Page stands."""

    percent: int
    is_over: bool
    regain_minutes: int


class CallBudget:
    """One rolling count per key (an app or a Page)."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: dict[str, deque[tuple[int, int]]] = defaultdict(deque)

    def count(self, key: str, *, now_s: float, window_s: float) -> None:
        """Count one call."""
        steps, now = self._current(key, now_s, window_s)
        before = steps.pop()[1] if steps and steps[-1][0] == now else 0
        steps.append((now, before + 1))

    def usage(self, key: str, *, now_s: float, calls: int, window_s: float) -> Usage:
        """Where the key stands against a budget of `calls` per `window_s`."""
        steps, now = self._current(key, now_s, window_s)
        used = sum(count for _, count in steps)
        wait_s = _wait_steps(steps, now, used - calls) * window_s / _STEPS
        return Usage(used * 100 // calls, used > calls, math.ceil(wait_s / _MINUTE_S))

    def forget(self) -> None:
        """Start all windows anew."""
        self._steps.clear()

    def _current(
        self, key: str, now_s: float, window_s: float
    ) -> tuple[deque[tuple[int, int]], int]:
        now = math.floor(now_s * _STEPS / window_s)
        steps = self._steps[key]
        while steps and steps[0][0] <= now - _STEPS:
            steps.popleft()
        return steps, now


def _wait_steps(steps: deque[tuple[int, int]], now: int, excess: int) -> int:
    """Steps until enough old calls have left the window for one more to pass."""
    if excess < 0:
        return 0
    for step, count in steps:
        excess -= count
        if excess < 0:
            return step + _STEPS - now
    return _STEPS
