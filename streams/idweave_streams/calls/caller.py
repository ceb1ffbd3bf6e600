"""Asks the Graph API what is due: in batches per business, bounded, fair.

Nothing is written here. What comes back is published as messages, and the stage that
owns the table takes them up. A batch may hold lookups of several assets, never of two
businesses; what each asset's limits and holds let pass is counted when it is gathered.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId
from idweave_graph.messages import Answer
from idweave_streams.calls.asking import Asking
from idweave_streams.calls.board import DueBoard, DueLookup
from idweave_streams.calls.gates import Gate, Heard
from idweave_streams.calls.pacing import Pacing
from idweave_streams.calls.slots import CallLimits, Slots
from idweave_streams.tables import Lane
from idweave_streams.views import HoldBook

TICK_S = 0.05
"""How often due times are looked at when nothing else happens."""
PUT_OFF_MS = 500
"""How often it is seen whether what is held or stopped may be asked again."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A lookup that was taken from the board, and the limits it was let pass."""

    due: DueLookup
    gates: tuple[Gate, ...]


@dataclass(slots=True)
class _Business:
    """What is gathered and under way for one business."""

    gathered: list[_Taken] = field(default_factory=list)
    since_ms: int = 0
    """When the first of them was gathered."""
    in_flight: Counter[Asset] = field(default_factory=Counter)
    """Lookups under way."""

    def has(self, asset: Asset) -> bool:
        """Say whether any lookup of *asset*'s ids is gathered or under way."""
        gathered = (taken.due.lane.asset for taken in self.gathered)
        return self.in_flight[asset] > 0 or asset in gathered


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
        pacing: Pacing,
        limits: CallLimits | None = None,
    ) -> None:
        self._board = board
        self._asking = asking
        self._holds = holds
        self._publish = publish
        self._clock_ms = clock_ms
        self._pacing = pacing
        self._limits = limits or CallLimits()
        self._slots = Slots(self._limits)
        self._businesses: dict[BusinessId, _Business] = {}
        self._under_way: dict[asyncio.Task[None], list[_Taken]] = {}

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is gathered and nothing under way."""
        return not self._under_way and not any(
            business.gathered for business in self._businesses.values()
        )

    def opens_ms(self, lane: Lane) -> int:
        """Return until when a rate limit keeps *lane* from being asked; 0 if none ever did."""
        return self._pacing.stopped_until_ms(self._asking.gates(lane))

    def dropped(self, partition: int) -> None:
        """Forget what was gathered for a partition that has gone."""
        self._board.revoke(partition)
        for business in self._businesses.values():
            gone = [t for t in business.gathered if t.due.partition == partition]
            self._return(business, gone)

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
        for business in self._businesses.values():
            self._return(business, business.gathered)
        for taken in self._under_way.values():
            self._board.give_back(each.due for each in taken)
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
        for lane in self._board.due_lanes(now_ms):
            business = self._businesses.setdefault(lane.business, _Business())
            self._gather(lane, business, now_ms)
        for name, business in list(self._businesses.items()):
            self._let_go(name, business, now_ms)
            if self._is_ready(name, business, now_ms):
                self._start(name, business, now_ms)
            elif not business.gathered and not business.in_flight:
                del self._businesses[name]

    def _gather(self, lane: Lane, business: _Business, now_ms: int) -> None:
        room = self._limits.batch - len(business.gathered)
        if room <= 0:
            return
        holds = self._holds.all_of(lane.business, lane.asset)
        gates = self._asking.gates(lane)
        is_held = not _may_probe(holds, business, lane.asset, now_ms)
        if is_held or now_ms < self._pacing.stopped_until_ms(gates):
            self._board.put_off(lane, now_ms + PUT_OFF_MS)
            return
        room = min(room, self._pacing.room(gates, now_ms), 1 if holds else room)
        taken = self._board.take(lane, now_ms, room) if room > 0 else []
        if not taken:
            return
        self._pacing.take(gates, len(taken), now_ms)
        if not business.gathered:
            business.since_ms = now_ms
        business.gathered += [_Taken(due, gates) for due in taken]

    def _let_go(self, name: BusinessId, business: _Business, now_ms: int) -> None:
        """Give back what was gathered and may not be asked any more."""
        if not business.gathered:
            return
        gathered, business.gathered = business.gathered, []
        gone: list[_Taken] = []
        for taken in gathered:
            asset = taken.due.lane.asset
            holds = self._holds.all_of(name, asset)
            is_held = not _may_probe(holds, business, asset, now_ms)
            is_stopped = now_ms < self._pacing.stopped_until_ms(taken.gates)
            (gone if is_held or is_stopped else business.gathered).append(taken)
        self._return(business, gone)

    def _return(self, business: _Business, gone: Sequence[_Taken]) -> None:
        """Give *gone* back to the board, unasked."""
        back = {id(taken) for taken in gone}
        for taken in gone:
            self._pacing.give_back(taken.gates, 1)
        self._board.give_back(taken.due for taken in gone)
        business.gathered = [t for t in business.gathered if id(t) not in back]

    def _is_ready(self, name: BusinessId, business: _Business, now_ms: int) -> bool:
        is_full = len(business.gathered) >= self._limits.batch
        is_old = now_ms - business.since_ms >= self._limits.linger_ms
        if not business.gathered or not (is_full or is_old):
            return False
        return self._slots.may_begin(name, now_ms)

    def _start(self, name: BusinessId, business: _Business, now_ms: int) -> None:
        batch, business.gathered = business.gathered, []
        assets = Counter(taken.due.lane.asset for taken in batch)
        holds = {asset: self._holds.of(name, asset) for asset in assets}
        probed = {asset: hold for asset, hold in holds.items() if hold}
        business.in_flight += assets
        ticket = self._slots.begin(name, now_ms)

        async def ask() -> None:
            try:
                await self._ask(name, batch, probed, ticket)
            finally:
                business.in_flight -= assets
                self._slots.end(ticket)

        self._under_way[asyncio.create_task(ask())] = batch
        # Behind the others, or a few that always have work would leave no room.
        self._businesses[name] = self._businesses.pop(name)

    async def _ask(
        self,
        name: BusinessId,
        batch: Sequence[_Taken],
        probed: Mapping[Asset, Hold],
        ticket: int,
    ) -> None:
        began_ms = self._clock_ms()
        heard: Sequence[Heard | None] = [None] * len(batch)
        try:
            lookups = [taken.due.lookup for taken in batch]
            asked = await self._asking.ask(name, lookups, probed=probed)
            heard = asked.heard
        finally:
            now_ms = self._clock_ms()
            self._slots.answered(ticket, now_ms)
            passed = [(t.gates, h) for t, h in zip(batch, heard, strict=True)]
            self._pacing.ended(passed, began_ms=began_ms, now_ms=now_ms)
        for asset in asked.called & probed.keys():
            self._holds.probe_at(probed[asset], now_ms + self._asking.probe_again_ms)
        for hold in asked.holds:
            self._holds.put(hold)
        partitions = [taken.due.partition for taken in batch]
        await self._publish(list(zip(partitions, asked.answers, strict=True)))


def _may_probe(
    holds: Sequence[Hold], business: _Business, asset: Asset, now_ms: int
) -> bool:
    """Say whether one lookup of *asset*'s ids may be tried, to see if *holds* are over.

    Only when the time of all has come and nothing else is under way that they stop: a
    refused token would say nothing of its business.
    """
    is_idle = not business.gathered and not business.in_flight
    return all(
        now_ms >= hold.probe_ms
        and (is_idle if hold.asset is None else not business.has(asset))
        for hold in holds
    )
