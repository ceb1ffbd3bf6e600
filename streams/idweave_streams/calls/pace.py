"""How fast one rate limit lets lookups pass, told by percentages alone.

The platform counts calls in a window that rolls on, of a length and a size that nobody
states, and other workers fill it too. All that comes back is how full it is, in whole
percents, with answers only (Meta, Rate Limits). Nothing here does IO, time is an
argument, and what is decided rests on three observations:

- the long-run rate is the average fullness times what the limit allows, whatever the
  order of calls: so keep the window nearly full, and notice soon when it empties;
- what leaves the window may enter it again at once;
- a window that was filled in a burst empties in a burst: so the upper part of the room
  is first used up slowly, which also keeps answers coming that tell of the fullness.
"""

from collections.abc import Sequence

from idweave_streams.calls.cost import Cost

TARGET_PERCENT = 95.0
"""The fullness that is settled at. Beyond 100 calls are refused and count all the same."""
LOWEST_TARGET_PERCENT = 85.0
KNEE_PERCENT = 75.0
"""Up to here an unknown window is filled at once."""
CLIMB_PERCENT_PER_MS = (TARGET_PERCENT - KNEE_PERCENT) / 3_600_000
"""From there on in an hour, the documented window, where nothing is seen leaving."""
CLIMB_PER_LEAVING = 0.25
"""So much is climbed for what is seen leaving: all of it within one window."""
SPREAD_MS = 2_000
"""Over so much time the room is spread: more than an answer takes to come."""
LONGEST_SPREAD_MS = 16_000
"""Where many workers overfill one window together."""
SHORTEST_LOOK_MS = 1_000
LONGEST_LOOK_MS = 600_000
"""Bounds for the time between two calls made only to see how full the window is."""
MOST_CAUTION = 8
"""How much longer that time is where the next call might be one too many."""
WHOLE_WINDOW = 100.0


class Pace:
    """One limit, as far as its percentages have told since it was last overfilled."""

    def __init__(self, percent: float, *, began_ms: int, now_ms: int) -> None:
        """Begin with the first reading, of a request that was begun at *began_ms*."""
        self._cost = Cost(percent, now_ms)
        self._spread_ms = SPREAD_MS
        self.restart(percent, began_ms=began_ms, now_ms=now_ms)

    def restart(self, percent: float, *, began_ms: int, now_ms: int) -> None:
        """Begin anew; what a lookup costs and how many crowd here is still known."""
        self._percent = percent
        self._level = min(KNEE_PERCENT, self._target)
        self._credit = 0.0
        self._left = 0.0
        self._at_ms = self._fell_ms = self._passed_ms = now_ms
        self._read_began_ms = began_ms

    def overfilled(self) -> None:
        """Go slower from now on: the limit was passed in spite of all."""
        self._spread_ms = min(2 * self._spread_ms, LONGEST_SPREAD_MS)

    def room(self, in_flight: int, now_ms: int) -> int:
        """Return how many lookups may begin now, with *in_flight* under way."""
        self._advance(in_flight, now_ms)
        if self._credit >= 1:
            return int(self._credit)
        return int(not in_flight and now_ms >= self._passed_ms + self._look_ms)

    def took(self, lookups: int, now_ms: int) -> None:
        """Count *lookups* as begun."""
        self._credit = max(0.0, self._credit - lookups)
        self._passed_ms = now_ms

    def read(
        self, lookups: int, percents: Sequence[float], *, began_ms: int, now_ms: int
    ) -> None:
        """Take over the readings that a request brought which held so many *lookups*.

        Readings of a request that was begun before the last one that was read are
        older, and passed over.
        """
        expected = self._percent + self._cost.percent * lookups
        self._cost.asked(lookups)
        if not percents or began_ms < self._read_began_ms:
            self._percent = expected
            return
        percent, self._read_began_ms = max(percents), began_ms
        if percent < int(self._percent):
            self._fell_ms = now_ms
        self._has_left(max(0.0, expected - percent - 1))
        # A whole number may stand for anything up to the next.
        self._percent = min(max(expected, percent), percent + 0.99)
        self._cost.read(percents, now_ms, is_low=percent < KNEE_PERCENT / 2)

    def _has_left(self, percent: float) -> None:
        self._level = min(self._target, self._level + CLIMB_PER_LEAVING * percent)
        self._left += percent
        if self._left > WHOLE_WINDOW:
            self._left = 0.0
            self._spread_ms = max(SPREAD_MS, self._spread_ms * 3 // 4)

    @property
    def _target(self) -> float:
        """Lower where single lookups are dear, since some are made only to look."""
        return max(TARGET_PERCENT - 4 * self._cost.percent, LOWEST_TARGET_PERCENT)

    @property
    def _look_ms(self) -> int:
        """How long nothing is asked where there seems to be no room.

        The longer nothing was seen leaving, the longer: a tenth of that time, more
        where a lookup is dear and where the window is nearly full.
        """
        quiet_ms = self._passed_ms - self._fell_ms
        share = min(max(self._cost.percent, 0.1), 0.5)
        beyond = min(max(0.0, self._percent - self._target), MOST_CAUTION)
        wait_ms = max(quiet_ms * share, SHORTEST_LOOK_MS) * 2**beyond
        longest_ms = max(quiet_ms / 2, MOST_CAUTION * SHORTEST_LOOK_MS)
        return int(min(wait_ms, longest_ms, LONGEST_LOOK_MS))

    def _advance(self, in_flight: int, now_ms: int) -> None:
        passed_ms = max(0, now_ms - self._at_ms)
        self._at_ms += passed_ms
        climbed = self._level + CLIMB_PERCENT_PER_MS * passed_ms
        self._level = min(self._target, climbed)
        cost = self._cost.percent
        room = max(0.0, (self._level - self._percent) / cost - in_flight)
        self._credit = min(room, self._credit + room * passed_ms / self._spread_ms)
