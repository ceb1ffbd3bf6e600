"""A small vocabulary for stories, told on the whole core: boundary, lookups, graph.

What a story says goes through the check of ownership and the lookups onto the log, as
in a worker, and waits there until the story looks at something with `then`. How the
log is delivered is the story's `Manner`: as told, with repetitions, or in any order.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from tests.scenarios.places import ownerships, scoped
from tests.support.graph import DictGraph, DictLookups, DictOwnership, step
from tests.support.world import Core

from idweave_graph.events import IdentityEvent
from idweave_graph.evidence import EvidenceKind, evidence
from idweave_graph.holds import Hold
from idweave_graph.ids import (
    Asset,
    BusinessId,
    BusinessToken,
    LinkingCode,
    Member,
    ScopedId,
    member,
)
from idweave_graph.lookups import Lookup
from idweave_graph.messages import (
    Answer,
    BanCommand,
    Command,
    CommandKind,
    LogMessage,
    Outcome,
    Proved,
)
from idweave_graph.ownership import OwnedId, Ownership, home
from idweave_graph.resolve import ResolveMessage
from idweave_graph.weave import handle

TICK_MS = 10
"""Between two things that happen, so that something may have happened in between."""


@dataclass(frozen=True)
class Manner:
    """How what was said comes."""

    name: str
    is_twice: bool = False
    """Each message comes twice, to the lookups as well as to the graph."""
    is_again: bool = False
    """All that was said since the story looked last comes once more, as a whole."""
    seed: int | None = None
    """Each message comes twice, and all of them in any order."""

    def deliver(self, told: list[LogMessage]) -> list[LogMessage]:
        """Return *told* as it comes."""
        if self.seed is not None:
            return Random(self.seed).sample(told * 2, k=2 * len(told))
        if self.is_twice:
            return [message for message in told for _ in range(2)]
        return told * 2 if self.is_again else told


AS_TOLD = Manner("as told")
IN_ORDER = [AS_TOLD, Manner("twice", is_twice=True), Manner("again", is_again=True)]
IN_ANY_ORDER = [Manner(f"shuffled {n}", seed=n, is_twice=True) for n in range(3)]


@dataclass
class _Core(Core):
    """The core, told everything once or twice."""

    times: int = 1

    def _resolve(self, message: ResolveMessage) -> None:
        for _ in range(self.times):
            super()._resolve(message)


@dataclass
class Story:
    """What happens, in the order in which it is said; each takes its time."""

    manner: Manner = AS_TOLD
    now_ms: int = 0
    core: _Core = field(init=False)
    told: list[LogMessage] = field(default_factory=list)
    """All that the log has held so far."""
    events: list[IdentityEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        times = 2 if self.manner.is_twice else 1
        self.core = _Core(DictOwnership(ownerships()), times=times)

    def sees(
        self, who: str, at: int | None = None, token: str = "", code: str = ""
    ) -> None:
        """An event names *who*, maybe with a business token or a linking code."""
        self.core.see(
            scoped(who),
            self._at(at),
            BusinessToken(token) if token else None,
            code=LinkingCode.of(code) if code else None,
        )

    def unlinks(self, who: str, at: int | None = None) -> None:
        """A webhook tells that the account linkings of *who* are over."""
        self.core.see(scoped(who), self._at(at), is_unlinked=True)

    def proves(
        self, one: str, two: str, at: int | None = None, by: str = "ids_for_apps"
    ) -> None:
        """Evidence between two ids, or an id and a token, comes onto the log."""
        at_ms = self._at(at)
        ends = (self._end(one), self._end(two))
        cause = self.core.cause()
        proof = evidence(EvidenceKind(by), *ends, at_ms=at_ms, cause=cause)
        business = self._owner(one if one.count(":") > 1 else two)
        self.core.log.append(Proved(business, (proof,), at_ms, cause))

    def answers(
        self,
        who: str,
        *links: str,
        at: int | None = None,
        made_by: str = "",
        token: str = "",
        to: Lookup | None = None,
    ) -> None:
        """The Graph API answers the lookup of *who*, and names *links*.

        *to* is the question, where it was asked earlier than what was said last. If
        the id's business is held, it was asked to see whether that is over.
        """
        asked = to or self.lookup(who)
        self.core.answer(
            asked,
            map(scoped, links),
            at_ms=self._at(at),
            made_by=Asset.parse(made_by) if made_by else None,
            token=BusinessToken(token) if token else None,
            probed=self._hold(asked),
        )

    def fails(self, who: str, outcome: Outcome, wait: int = 0) -> None:
        """The lookup of *who* brings no answer; maybe we are told how long to wait."""
        asked = self.lookup(who)
        answer = Answer(
            asked.business,
            asked.seen,
            self._at(None),
            outcome,
            retry_after_ms=wait,
            probed=self._hold(asked),
        )
        self.core._resolve(answer)

    def bans(self, one: str, two: str, at: int | None = None) -> None:
        """An analyst says that the two are not one person."""
        self._rules(one, two, at, is_lifted=False)

    def lifts_ban(self, one: str, two: str, at: int | None = None) -> None:
        """An analyst says that the two may be one person after all."""
        self._rules(one, two, at, is_lifted=True)

    def erases(self, who: str, at: int | None = None, receipt: str = "R1") -> None:
        """Somebody wants this id forgotten."""
        self._commands(CommandKind.ERASE_ID, who, at, receipt)

    def erases_person(
        self, who: str, at: int | None = None, receipt: str = "R1"
    ) -> None:
        """Meta's deletion callback wants the whole person forgotten."""
        self._commands(CommandKind.ERASE_PERSON, who, at, receipt)

    def deauthorizes(self, who: str) -> None:
        """The person has taken the app away."""
        self._commands(CommandKind.DEAUTHORIZE, who, None, "")

    def transfers(self, asset: str, to: BusinessId | None) -> None:
        """An app or Page changes hands, or has no owner for now."""
        self.core.transfer(Asset.parse(asset), to, self._at(None))

    def owns(self, business: BusinessId, *assets: str) -> None:
        """More assets, owned from the beginning."""
        more = {Asset.parse(a): Ownership(Asset.parse(a), business, 1) for a in assets}
        self.core.ownership = DictOwnership({**self.core.ownership.known, **more})

    @contextmanager
    def held_back(self) -> Iterator[list[LogMessage]]:
        """What is said here is not on the log before `comes_late` says so."""
        before = len(self.core.log)
        late: list[LogMessage] = []
        yield late
        while len(self.core.log) > before:
            late.insert(0, self.core.log.pop())

    def comes_late(self, late: list[LogMessage]) -> None:
        """What was held back comes onto the log."""
        self.core.log += late

    def waits(self, ms: int) -> None:
        """So much time passes in which nothing happens."""
        self.now_ms += ms

    def replays_the_log(self) -> None:
        """All that the log has ever held comes once more, from its start."""
        self.settle()
        self.core.log += self.told

    def settle(self) -> None:
        """Let all that was said come, in the story's manner.

        After each message the graph must be sound, and to handle it again at once must
        change nothing.
        """
        waiting = deque(self.manner.deliver(list(self.core.log)))
        self.core.log.clear()
        while waiting:
            message = waiting.popleft()
            self.told.append(message)
            self.events += step(message, self.graph)
            while self.graph.forgotten:
                self.core._resolve(self.graph.forgotten.pop(0))
            waiting += [*self.graph.told, *self.core.log]
            self.graph.told.clear()
            self.core.log.clear()

    @property
    def graph(self) -> DictGraph:
        """What was woven so far."""
        return self.core.graph

    @property
    def lookups(self) -> DictLookups:
        """What is asked, and what was answered."""
        return self.core.lookups

    def lookup(self, who: str) -> Lookup:
        """Return the lookup of *who*."""
        return self.lookups.lookups[home(self.core.ownership, scoped(who))[0]]

    def rebuilt(self) -> DictGraph:
        """Return the graph that the log gives when it is read from its start."""
        return self._read_again()[0]

    def told_again(self) -> list[IdentityEvent]:
        """Return the events that the log gives when it is read from its start."""
        return self._read_again()[1]

    def _read_again(self) -> tuple[DictGraph, list[IdentityEvent]]:
        graph, events = DictGraph(), list[IdentityEvent]()
        for message in self.told:
            events += graph.apply(handle(graph, message))
        return graph, events

    def _at(self, at: int | None) -> int:
        if at is not None:
            return at
        self.now_ms += TICK_MS
        return self.now_ms

    def _end(self, text: str) -> tuple[Member, int]:
        found = member(text)
        if not isinstance(found, ScopedId):
            return found, 0
        found, ownership = home(self.core.ownership, found)
        assert ownership is not None
        return found, ownership.epoch

    def _owned(self, text: str) -> OwnedId:
        found, epoch = self._end(text)
        assert isinstance(found, ScopedId)
        return OwnedId(found, epoch)

    def _owner(self, text: str) -> BusinessId:
        _, ownership = home(self.core.ownership, scoped(text))
        assert ownership is not None
        assert ownership.business is not None
        return ownership.business

    def _hold(self, asked: Lookup) -> Hold | None:
        of_asset = f"{asked.business}/{asked.seen.id.asset}"
        found = (self.lookups.holds.get(key) for key in (asked.business, of_asset))
        return next((hold for hold in found if hold is not None and hold.held), None)

    def _rules(self, one: str, two: str, at: int | None, *, is_lifted: bool) -> None:
        ends = self._owned(one), self._owned(two)
        why = ("ann the analyst", "two people with one telephone")
        at_ms, cause = self._at(at), self.core.cause()
        said = BanCommand(self._owner(one), *ends, is_lifted, *why, at_ms, cause)
        self.core._resolve(said)

    def _commands(
        self, kind: CommandKind, who: str, at: int | None, receipt: str
    ) -> None:
        business, seen = self._owner(who), self._owned(who)
        at_ms, cause = self._at(at), self.core.cause()
        self.core._resolve(Command(business, seen, kind, at_ms, cause, receipt))
