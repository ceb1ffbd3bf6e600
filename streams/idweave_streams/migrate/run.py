"""A whole migration: entries in, one call after the other, evidence out.

One call is under way at a time. Its answer is in the journal before it is published,
so a process that dies repeats that one call at the most, and repeats evidence only with
the same content, which changes nothing in the graph.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import GraphApiError
from idweave_adapters.graph_api.pages_id_mapping import (
    MAX_ASIDS,
    InvalidAsids,
    MappingAnswer,
)
from idweave_graph.messages import LogMessage
from idweave_graph.ownership import OwnershipView
from idweave_graph.resolve import LookupPolicy
from idweave_streams.migrate.aside import AsideFile
from idweave_streams.migrate.entries import Entry, Input, Position
from idweave_streams.migrate.figures import Figures
from idweave_streams.migrate.holding import Holding, Holds, TellHold
from idweave_streams.migrate.journal import Aside, Batch, Journal, Pair
from idweave_streams.migrate.patience import Patience
from idweave_streams.migrate.proofs import Route, messages
from idweave_streams.migrate.seen import Seen
from idweave_streams.migrate.stops import MigrationStoppedError, Reason
from idweave_streams.migrate.terms import Terms

MAX_QUIET = 10_000
"""Entries without news after which the position is written all the same."""


class MappingApi(Protocol):
    """What is asked: the client, or what stands in for it."""

    async def map_asids(
        self, credential: Credential, asids: Sequence[str], *, ignore_invalid: bool
    ) -> MappingAnswer | GraphApiError:
        """Map the ids, or say why not."""


Publish = Callable[[Sequence[LogMessage]], Awaitable[None]]
"""Returns once all of it is on the evidence log."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a migration needs of the world."""

    api: MappingApi
    ownership: OwnershipView
    holds: Holds
    tell_hold: TellHold
    policy: LookupPolicy
    """How long a hold lasts before it is tried."""
    publish: Publish
    clock: Callable[[], float]
    """Wall-clock time in seconds since 1970."""
    today: Callable[[], date]
    """The day as the platform has it, in UTC."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    tell: Callable[[Figures], None] = lambda _: None
    """Told after each step."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done."""

    route: Route
    credential: Credential
    terms: Terms
    ignore_invalid: bool
    patience_s: float


@dataclass(frozen=True, slots=True)
class Books:
    """What is remembered."""

    journal: Journal
    seen: Seen
    aside: AsideFile
    figures: Figures

    def enter(self, batch: Batch) -> None:
        """Keep *batch* beyond the death of the process, and everywhere else."""
        self.journal.append(batch)
        self.know(batch)

    def know(self, batch: Batch) -> None:
        """Take over what stands in the journal."""
        self.seen.add(batch.asids)
        self.aside.add(batch.aside)
        self.figures.know(batch)


@dataclass(slots=True)
class _Draft:
    """Entries that are not in the journal yet."""

    position: Position
    asked: dict[str, Entry] = field(default_factory=dict, repr=False)
    unreadable: list[Aside] = field(default_factory=list)
    entries: int = 0

    def take(self, entry: Entry) -> None:
        self.position = {**self.position, **entry.after}
        self.entries += 1
        if entry.asid is None:
            self.unreadable.append(Aside("unreadable", place=str(entry.place)))
        else:
            self.asked.setdefault(entry.asid, entry)

    def skip(self, entry: Entry) -> None:
        self.position = {**self.position, **entry.after}
        self.entries += 1

    @property
    def is_full(self) -> bool:
        is_quiet = self.entries >= MAX_QUIET or len(self.unreadable) >= MAX_ASIDS
        return len(self.asked) >= MAX_ASIDS or is_quiet


class Migration:
    """Maps all ids of an input, once each."""

    def __init__(self, plan: Plan, outside: Surroundings, books: Books) -> None:
        self._plan = plan
        self._outside = outside
        self._books = books
        self._figures = books.figures
        self._figures.quota = plan.terms.quota
        self._holding = Holding(
            plan.route,
            outside.holds,
            outside.policy,
            outside.clock,
            outside.tell_hold,
        )

    async def run(self, source: Input) -> None:
        """Return once every id of *source* is mapped or set aside, and published.

        Raises:
            MigrationStoppedError: the rest can't be asked for now.
        """
        await self._publish()  # what an earlier run had no time for
        self._check()
        draft = _Draft(self._books.journal.position)
        async for entry in source.entries(draft.position):
            self._figures.read += 1
            if entry.asid in draft.asked or self._is_done(entry):
                self._figures.repeated += 1
                draft.skip(entry)
            else:
                draft.take(entry)
            if draft.is_full:
                await self._carry_out(draft)
                draft = _Draft(draft.position)
        if draft.entries:
            await self._carry_out(draft)

    def _is_done(self, entry: Entry) -> bool:
        return entry.asid is not None and entry.asid in self._books.seen

    async def _carry_out(self, draft: _Draft) -> None:
        waiting = list(draft.asked)
        while waiting:
            asked = waiting[: self._room()]
            answer, epochs = await self._ask(asked)
            match answer:
                case InvalidAsids(ids=ids):
                    bad = [Aside("invalid", each) for each in asked if each in ids]
                    self._enter(epochs, aside=bad)
                    waiting = [each for each in waiting if each not in ids]
                case MappingAnswer() as answer:
                    left = [Aside("left-out", each) for each in answer.left_out]
                    self._enter(epochs, _pairs(draft, answer), left)
                    waiting = waiting[len(asked) :]
            await self._publish()
        self._enter((0, 0), aside=draft.unreadable, position=draft.position)
        self._outside.tell(self._figures)

    def _enter(
        self,
        epochs: tuple[int, int],
        pairs: Sequence[Pair] = (),
        aside: Sequence[Aside] = (),
        position: Position | None = None,
    ) -> None:
        at_ms = int(self._outside.clock() * 1000)
        batch = Batch(at_ms, epochs, tuple(pairs), tuple(aside), position)
        self._books.enter(batch)

    async def _publish(self) -> None:
        """Bring to the evidence log whatever is not known to be there."""
        journal, route = self._books.journal, self._plan.route
        if not journal.unpublished:
            return
        for batch in journal.unpublished:
            told = list(messages(self._outside.ownership, route, batch))
            await self._outside.publish(told)
            self._figures.count(told)
        journal.mark_published()
        self._outside.tell(self._figures)

    def _check(self) -> tuple[int, int]:
        """Return the epochs that hold now.

        Raises:
            MigrationStoppedError: nothing may be asked now.
        """
        plan, today = self._plan, self._outside.today()
        self._figures.days_left = plan.terms.days_left(today)
        check_terms(plan.terms, today)
        self._holding.admit()
        epochs = plan.route.epochs(self._outside.ownership)
        if epochs is None:
            raise MigrationStoppedError(Reason.SETUP, _NOT_ONE_BUSINESS)
        return epochs

    def _room(self) -> int:
        room = min(MAX_ASIDS, self._figures.quota_left)
        if room <= 0:
            text = (
                f"the quota of {self._figures.quota:,} ids is used up; give a larger"
                " --quota or --fans if the platform allows more"
            )
            raise MigrationStoppedError(Reason.LATER, text)
        return room

    async def _ask(
        self, asids: Sequence[str]
    ) -> tuple[MappingAnswer | InvalidAsids, tuple[int, int]]:
        """Ask until there is an answer, and wait as long as the platform says.

        Returns:
            The answer, and the ownership epochs under which it was asked for.

        Raises:
            MigrationStoppedError: there will be none now.
        """
        plan, outside, patience = self._plan, self._outside, Patience()
        while True:
            epochs, tried = self._check(), self._holding.admit()
            self._figures.calls += 1
            answer = await outside.api.map_asids(
                plan.credential, asids, ignore_invalid=plan.ignore_invalid
            )
            await self._holding.learn(answer, tried)
            if isinstance(answer, MappingAnswer | InvalidAsids):
                return answer, epochs
            wait_s = patience.after(answer, most_s=plan.patience_s)
            self._figures.waiting_s = wait_s
            outside.tell(self._figures)
            await outside.sleep(wait_s)
            self._figures.waiting_s = 0


def check_terms(terms: Terms, today: date) -> None:
    """Nothing is against asking *today*.

    Raises:
        MigrationStoppedError: something is.
    """
    if objection := terms.objection(today):
        raise MigrationStoppedError(Reason.NOT_THERE, objection)


def _pairs(draft: _Draft, answer: MappingAnswer) -> list[Pair]:
    found = []
    for asid, psid in answer.psids.items():
        place = draft.asked[asid].place
        found.append(Pair(asid, psid, place.topic, place.partition, place.offset))
    return found


_NOT_ONE_BUSINESS = (
    "app and Page are not both owned by one business, as the assets topic says; run"
    " `idweave assets sync`"
)
