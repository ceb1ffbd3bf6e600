"""Asks the Graph API what is due: in batches per business, bounded, fair.

Nothing is written here. What comes back is published as messages, and the stage that
owns the table takes them up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from idweave_graph.holds import Hold
from idweave_graph.ids import BusinessId
from idweave_graph.messages import Answer
from idweave_streams.calls.asking import Asking
from idweave_streams.calls.board import DueBoard, DueLookup
from idweave_streams.views import HoldBook

TICK_S = 0.05
"""How often due times are looked at when nothing else happens."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How much is asked at once."""

    batch: int = 50
    """Lookups in one request: Meta's limit for a batch (Graph API, Batch Requests)."""
    linger_ms: int = 2_000
    """How long a batch waits to be filled."""
    in_flight: int = 8
    """Batches under way at once."""
    in_flight_per_business: int = 4
    """Of these for one business, so that a slow one delays no other."""


@dataclass(slots=True)
class _Business:
    """What is gathered and under way for one business."""

    gathered: list[DueLookup] = field(default_factory=list)
    since_ms: int = 0
    """When the first of them was gathered."""
    in_flight: int = 0
    paused_until_ms: int = 0


Publish = Callable[[Sequence[tuple[int, Answer]]], Awaitable[None]]
"""Makes answers durable, each in its partition, before it returns."""


class LookupCaller:
    """Runs beside the stream until it is cancelled."""

    def __init__(
        self,
        board: DueBoard,
        asking: Asking,
        holds: HoldBook,
        publish: Publish,
        *,
        clock_ms: Callable[[], int],
        limits: CallLimits | None = None,
    ) -> None:
        self._board = board
        self._asking = asking
        self._holds = holds
        self._publish = publish
        self._clock_ms = clock_ms
        self._limits = limits or CallLimits()
        self._businesses: dict[BusinessId, _Business] = {}
        self._under_way: dict[asyncio.Task[None], list[DueLookup]] = {}

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is gathered and nothing under way."""
        return not self._under_way and not any(
            business.gathered for business in self._businesses.values()
        )

    def dropped(self, partition: int) -> None:
        """Forget what was gathered for a partition that has gone."""
        self._board.revoke(partition)
        for business in self._businesses.values():
            business.gathered = [
                due for due in business.gathered if due.partition != partition
            ]

    async def run(self) -> None:
        """Ask what is due until cancelled, or until publishing fails.

        What was not answered by then can be taken from the board again.

        Raises:
            Exception: whatever made publishing fail; the process should end then.
        """
        try:
            while True:
                self.step()
                await self._rest()
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)
            self._forget_all()

    def _forget_all(self) -> None:
        gathered = (business.gathered for business in self._businesses.values())
        for lookups in (*self._under_way.values(), *gathered):
            self._board.give_back(lookups)
        self._under_way.clear()
        self._businesses.clear()

    async def _rest(self) -> None:
        if not self._under_way:
            await asyncio.sleep(TICK_S)
            return
        done, _ = await asyncio.wait(
            self._under_way, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()
            del self._under_way[task]

    def step(self) -> None:
        """Gather what is due now and start what is full or has waited long enough."""
        now_ms = self._clock_ms()
        for name in self._board.due_businesses(now_ms):
            self._gather(name, self._businesses.setdefault(name, _Business()), now_ms)
        for name, business in list(self._businesses.items()):
            self._let_go(name, business, now_ms)
            if self._is_ready(business, now_ms):
                self._start(name, business)
            elif _is_over(business, now_ms):
                del self._businesses[name]

    def _allowed(self, name: BusinessId, business: _Business, now_ms: int) -> int:
        """Return how many lookups of a business may be asked at once now.

        A business on hold is tried with one lookup, when nothing else is under way.
        """
        if now_ms < business.paused_until_ms:
            return 0
        hold = self._holds.of_business(name)
        if hold is None:
            return self._limits.batch
        return int(now_ms >= hold.probe_ms and not business.in_flight)

    def _gather(self, name: BusinessId, business: _Business, now_ms: int) -> None:
        room = self._allowed(name, business, now_ms) - len(business.gathered)
        taken = self._board.take(name, now_ms, room) if room > 0 else []
        if taken and not business.gathered:
            business.since_ms = now_ms
        business.gathered += taken

    def _let_go(self, name: BusinessId, business: _Business, now_ms: int) -> None:
        """Give back what was gathered and may not be asked any more."""
        allowed = self._allowed(name, business, now_ms)
        self._board.give_back(business.gathered[allowed:])
        del business.gathered[allowed:]

    def _is_ready(self, business: _Business, now_ms: int) -> bool:
        limits = self._limits
        if not business.gathered or len(self._under_way) >= limits.in_flight:
            return False
        if business.in_flight >= limits.in_flight_per_business:
            return False
        is_full = len(business.gathered) >= limits.batch
        return is_full or now_ms - business.since_ms >= limits.linger_ms

    def _start(self, name: BusinessId, business: _Business) -> None:
        batch, business.gathered = business.gathered, []
        business.in_flight += 1
        probed = self._holds.of_business(name)
        ask = self._ask(name, business, batch, probed=probed)
        self._under_way[asyncio.create_task(ask)] = batch
        # Behind the others, or a few that always have work would leave no room.
        self._businesses[name] = self._businesses.pop(name)

    async def _ask(
        self,
        name: BusinessId,
        business: _Business,
        batch: list[DueLookup],
        *,
        probed: Hold | None,
    ) -> None:
        try:
            lookups = [due.lookup for due in batch]
            asked = await self._asking.ask(name, lookups, probed=probed)
            pause_ends_ms = self._clock_ms() + asked.pause_ms
            business.paused_until_ms = max(business.paused_until_ms, pause_ends_ms)
            for hold in asked.holds:
                self._holds.put(hold)
            partitions = [due.partition for due in batch]
            await self._publish(list(zip(partitions, asked.answers, strict=True)))
        finally:
            business.in_flight -= 1


def _is_over(business: _Business, now_ms: int) -> bool:
    is_idle = not business.gathered and not business.in_flight
    return is_idle and now_ms >= business.paused_until_ms
