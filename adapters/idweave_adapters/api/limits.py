"""How much one credential may ask, and how much the server takes at once."""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_REMEMBERED: Final = 10_000
"""Buckets; whoever was not seen for longest begins with a full one again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes."""

    per_second: float = 100.0
    """Requests of one credential, in the long run."""
    burst: int = 200
    """Requests at once after a rest."""
    body_bytes: int = 1024 * 1024
    """A thousand of the longest ids."""
    read_s: float = 5.0
    """For a whole body."""
    linger_s: float = 2.0
    """For the rest of a body that nobody reads, so that its sender gets the answer."""
    idle_s: float = 75.0
    """For the next request of a connection; longer than proxies keep theirs."""
    stop_s: float = 5.0
    """For requests in work when it is stopped."""
    connections: int = 1024
    """More are cut as they come."""
    streams: int = 4
    """Streams of changes of one credential at once."""
    stream_s: float = 3600.0
    """For one stream; it is resumed with the id of its last event."""
    write_s: float = 30.0
    """For somebody to take what is sent; who reads no more is cut."""
    poll_s: float = 0.5
    """Between two looks for changes."""
    beat_s: float = 15.0
    """Between two signs of life in a stream without changes."""


class Buckets:
    """One token bucket for each name."""

    def __init__(
        self, per_second: float, burst: int, clock: Callable[[], float]
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, name: str) -> int:
        """Take one; return 0, or how many seconds to wait where there is none."""
        now = self._clock()
        left, seen = self._known.pop(name, (float(self._burst), now))
        left = min(float(self._burst), left + (now - seen) * self._per_second)
        is_served = left >= 1
        self._known[name] = (left - 1 if is_served else left, now)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return 0 if is_served else math.ceil((1 - left) / self._per_second)
