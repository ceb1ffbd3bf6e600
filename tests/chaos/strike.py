"""Carries faults out, and puts right afterwards what a fault has broken."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.chaos.crew import RESTART_S, Hand, last_words
from tests.chaos.journal import Journal
from tests.chaos.meta import MetaProcess
from tests.chaos.plan import OTHER_KINDS, Fault, Kind
from tests.support.kafka import KafkaBroker

NOTICED_S = 90.0
"""How long a worker may go on with a full disk: until it has something to write."""
MOVED_ON_S = 45.0
"""How long the group may take to notice that a worker is frozen."""
FULL_TEXT = "Free space"
"""In the error of a worker whose disk is full: what the operator is to do."""
OF_THE_BROKER = ("no broker answers", "no acknowledgement", "the group went on")
"""In errors that a worker may end with before it notices its disk."""
ATTEMPTS = 8
AT_START = "at its start"

Members = Callable[[], Awaitable[int | None]]
"""How many workers the broker counts; None while it can't tell."""


@dataclass(frozen=True, slots=True)
class Striker:
    """Has everything that can be struck."""

    hands: Mapping[int, Hand]
    broker: KafkaBroker
    meta: MetaProcess
    journal: Journal
    members: Members

    async def run(self, lane: list[Fault], duration_s: float) -> None:
        """All faults of a lane have struck and are over.

        On a slow machine the last ones come too late: those are left out, unless
        nothing of their kind has struck yet.
        """
        for fault in lane:
            await asyncio.sleep(max(0.0, fault.at_s - self.journal.now_s))
            is_known = self.journal.struck[fault.kind] > 0
            if is_known and self.journal.now_s > duration_s:
                self.journal.counts["faults left out for lack of time"] += 1
            else:
                await self.strike(fault)

    async def strike(self, fault: Fault) -> None:
        """The fault is over: what it struck runs again."""
        if fault.kind in OTHER_KINDS:
            await self._strike_other(fault)
            return
        hand = self.hands[fault.worker]
        act = {
            Kind.KILL: self._kill,
            Kind.TERM: self._term,
            Kind.FREEZE: self._freeze,
            Kind.WIPE: self._wipe,
            Kind.FULL: self._fill,
        }[fault.kind]
        self.journal.tell(hand.name, f"{fault.kind}, {fault.lasts_s:.1f} s")
        await act(hand, fault)

    async def _strike_other(self, fault: Fault) -> None:
        broker, meta, lasts_s = self.broker, self.meta, fault.lasts_s
        self.journal.tell("surroundings", f"{fault.kind}, {lasts_s:.1f} s")
        self.journal.struck[fault.kind] += 1
        if fault.kind is Kind.META_DOWN:
            await meta.stop()
            await asyncio.sleep(lasts_s)
            await meta.start()
        else:
            end = broker.kill if fault.kind is Kind.BROKER_KILL else broker.stop
            await asyncio.to_thread(end)
            await asyncio.sleep(lasts_s)
            await asyncio.to_thread(broker.start)
        self.journal.tell("surroundings", f"{fault.kind}: is there again")

    async def _kill(self, hand: Hand, fault: Fault) -> None:
        self.journal.struck[fault.kind] += 1
        await hand.end(signal.SIGKILL)
        await asyncio.sleep(fault.lasts_s)
        await hand.start()

    async def _term(self, hand: Hand, fault: Fault) -> None:
        self.journal.struck[fault.kind] += 1
        code = await hand.end(signal.SIGTERM)
        self.journal.counts[f"SIGTERM ended with code {code}"] += 1
        if code != 0:
            self.journal.tell(hand.name, f"code {code} after SIGTERM")
        await asyncio.sleep(fault.lasts_s)
        await hand.start()

    async def _freeze(self, hand: Hand, fault: Fault) -> None:
        """So long that its partitions are others'; longer, if the broker is away too."""
        hand.signal(signal.SIGSTOP)
        await asyncio.sleep(fault.lasts_s)
        has_moved_on = await self._has_moved_on()
        hand.signal(signal.SIGCONT)
        self.journal.struck[fault.kind] += has_moved_on
        words = (
            "its partitions are others'" if has_moved_on else "it kept its partitions"
        )
        self.journal.tell(hand.name, f"goes on; {words}")

    async def _has_moved_on(self) -> bool:
        ends = self.journal.now_s + MOVED_ON_S
        while self.journal.now_s < ends:
            members = await self.members()
            if members is not None and 0 < members < len(self.hands):
                return True
            await asyncio.sleep(0.5)
        return False

    async def _wipe(self, hand: Hand, fault: Fault) -> None:
        self.journal.struck[fault.kind] += 1
        signs = (signal.SIGTERM, signal.SIGKILL)
        await hand.end(Random(fault.at_s).choice(signs))
        hand.disk.wipe()
        await asyncio.sleep(fault.lasts_s)
        await hand.start()

    async def _fill(self, hand: Hand, fault: Fault) -> None:
        """The worker stops by itself, says why, can't be started, and then can."""
        if hand.disk.why_not:
            self.journal.tell(hand.name, f"not tried: {hand.disk.why_not}")
            self.journal.counts["full disks that could not be tried"] += 1
            return
        self.journal.struck[fault.kind] += 1
        await hand.let_go()
        hand.disk.fill()
        await self._must_end(hand, "under way")
        await hand.start_once()
        await self._must_end(hand, AT_START)
        await asyncio.sleep(fault.lasts_s)
        hand.disk.free()
        await hand.start()

    async def _must_end(self, hand: Hand, when: str) -> None:
        for _ in range(ATTEMPTS):
            code = await hand.ended(NOTICED_S)
            if code is None:
                await self._went_on(hand, when)
                return
            words = last_words(hand.said())
            self.journal.tell(hand.name, f"ended with {code} {when}: {words}")
            if code == 1 and FULL_TEXT in words:
                return
            if not any(each in words for each in OF_THE_BROKER):
                self.journal.find(f"{hand.name}: full disk, not told as such: {words}")
                return
            await asyncio.sleep(RESTART_S)
            await hand.start_once()

    async def _went_on(self, hand: Hand, when: str) -> None:
        """Without anything to write it may; a start opens files."""
        self.journal.tell(hand.name, f"went on with a full disk, {when}")
        self.journal.counts["full disks noticed at a start only"] += 1
        if when == AT_START:
            self.journal.find(f"{hand.name} started with a full disk, and went on")
        await hand.end(signal.SIGTERM)
