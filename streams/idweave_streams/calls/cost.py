"""What one lookup costs of a rate limit, in percent of its window."""

from collections.abc import Sequence

FIRST_COST = 0.5
"""Percent, before it is measured: the smallest budget is 200 calls an hour (Meta)."""
LOWEST_COST = 1e-5
MEASURED_RISE = 4.0
"""Percents come in whole numbers, so the cost is taken from a rise of several."""
STALE_MS = 60_000
"""A rise that took longer says nothing of the cost: too much has left meanwhile."""


class Cost:
    """The percentage that a lookup adds, with all the calls that it needs.

    Best seen within one request, from its first answer to its last: nothing leaves
    meanwhile and others hardly call. Where all answers of a request carry the same
    reading, it is taken from one request to another.
    """

    def __init__(self, percent: float, now_ms: int) -> None:
        """Begin with the first reading."""
        self.percent = FIRST_COST
        self._low = (percent, now_ms)
        self._lookups = 0
        """Asked since then."""
        self._risen_within = 0.0
        self._steps_within = 0

    def asked(self, lookups: int) -> None:
        """Count *lookups* that came back."""
        self._lookups += lookups

    def read(self, percents: Sequence[float], now_ms: int, *, is_low: bool) -> None:
        """Take over the readings of one request.

        Args:
            percents: at least one, in the order of the answers.
            now_ms: the time.
            is_low: whether the window is so empty that hardly anything can have left.
        """
        self._read_between(max(percents), now_ms, is_low=is_low)
        self._read_within(percents)
        if self._risen_within >= MEASURED_RISE:
            self.percent = self._risen_within / max(1, self._steps_within)
        self.percent = max(self.percent, LOWEST_COST)

    def _read_within(self, percents: Sequence[float]) -> None:
        self._risen_within += max(percents) - min(percents)
        self._steps_within += len(percents) - 1
        if self._risen_within > 4 * MEASURED_RISE:  # the newer half counts more
            self._risen_within /= 2
            self._steps_within //= 2

    def _read_between(self, percent: float, now_ms: int, *, is_low: bool) -> None:
        low, since_ms = self._low
        risen = percent - low
        if risen >= MEASURED_RISE and self._lookups:
            seen = risen / self._lookups
            self.percent += (seen - self.percent) * (
                0.5 if seen > self.percent else 0.25
            )
        elif risen >= 0 and now_ms - since_ms < STALE_MS:
            if is_low and self._lookups:
                self.percent = min(self.percent, (risen + 1) / self._lookups)
            return
        self._low, self._lookups = (percent, now_ms), 0
