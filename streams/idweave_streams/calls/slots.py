"""Who may send the next request: shares of the places, so that nobody blocks others.

A request that takes long says that its business is slow for now. Slow businesses share
places of their own, so that however many they are, the others find theirs free.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import count

from idweave_graph.ids import BusinessId


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How much is asked at once."""

    batch: int = 50
    """Lookups in one request: Meta's limit for a batch (Graph API, Batch Requests)."""
    linger_ms: int = 2_000
    """How long a batch waits to be filled."""
    in_flight: int = 8
    """Batches under way at once, those of slow businesses not counted."""
    in_flight_per_business: int = 4
    """Of these for one business."""
    slow_ms: int = 3_000
    """A batch that takes longer makes its business a slow one, until one is faster."""

    @property
    def slow_in_flight(self) -> int:
        """Batches of slow businesses under way at once."""
        return 2 * self.in_flight

    @property
    def total(self) -> int:
        """Batches that are ever under way at once; some turn out slow on their way."""
        return 2 * self.slow_in_flight


@dataclass(frozen=True, slots=True)
class _Running:
    business: BusinessId
    began_ms: int
    is_slow: bool


class Slots:
    """The places, and who has them."""

    def __init__(self, limits: CallLimits) -> None:
        self._limits = limits
        self._running: dict[int, _Running] = {}
        self._slow: set[BusinessId] = set()
        self._tickets = count()

    def may_begin(self, business: BusinessId, now_ms: int) -> bool:
        """Say whether there is a place for *business* now.

        The last quarter of the places is for those who have nothing under way.
        """
        limits = self._limits
        owners = Counter(each.business for each in self._running.values())
        mine = owners[business]
        if len(self._running) >= limits.total or mine >= limits.in_flight_per_business:
            return False
        is_slow = self._is_slow(business, now_ms)
        places = limits.slow_in_flight if is_slow else limits.in_flight
        running = self._running.values()
        used = sum(self._counts_as_slow(each, now_ms) is is_slow for each in running)
        kept_free = places // 4 if mine else 0
        return used < places - kept_free

    def begin(self, business: BusinessId, now_ms: int) -> int:
        """Take a place; the ticket gives it back."""
        ticket = next(self._tickets)
        is_slow = self._is_slow(business, now_ms)
        self._running[ticket] = _Running(business, now_ms, is_slow)
        return ticket

    def answered(self, ticket: int, now_ms: int) -> None:
        """Judge a business by how long its request took. The place stays taken."""
        running = self._running[ticket]
        (self._slow.add if self._is_late(running, now_ms) else self._slow.discard)(
            running.business
        )

    def end(self, ticket: int) -> None:
        """Give the place back."""
        del self._running[ticket]

    def _is_slow(self, business: BusinessId, now_ms: int) -> bool:
        return business in self._slow or any(
            each.business == business and self._is_late(each, now_ms)
            for each in self._running.values()
        )

    def _counts_as_slow(self, running: _Running, now_ms: int) -> bool:
        return running.is_slow or self._is_late(running, now_ms)

    def _is_late(self, running: _Running, now_ms: int) -> bool:
        return now_ms - running.began_ms >= self._limits.slow_ms
