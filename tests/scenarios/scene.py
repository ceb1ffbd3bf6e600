"""Where a story goes on: the core, what it was told, and what came of that."""

from collections import deque
from dataclasses import dataclass, field

from tests.scenarios.manner import AS_TOLD, Manner
from tests.scenarios.places import ownerships, scoped
from tests.support.graph import DictGraph, DictLookups, DictOwnership, step
from tests.support.world import Core

from idweave_graph.events import IdentityEvent
from idweave_graph.holds import Hold
from idweave_graph.ids import BusinessId, Member, ScopedId, member
from idweave_graph.lookups import Lookup
from idweave_graph.messages import LogMessage
from idweave_graph.ownership import OwnedId, home
from idweave_graph.resolve import ResolveMessage
from idweave_graph.weave import handle

TICK_MS = 10
"""Between two things that happen, so that something may have happened in between."""


@dataclass
class _Core(Core):
    """The core, told everything once or twice."""

    times: int = 1

    def _resolve(self, message: ResolveMessage) -> None:
        for _ in range(self.times):
            super()._resolve(message)


@dataclass
class Scene:
    """The core in one process, and all that its log has held."""

    manner: Manner = AS_TOLD
    now_ms: int = 0
    core: _Core = field(init=False)
    told: list[LogMessage] = field(default_factory=list)
    """All that the log has held so far."""
    events: list[IdentityEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        times = 2 if self.manner.is_twice else 1
        self.core = _Core(DictOwnership(ownerships()), times=times)

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
            self._forget_lookups()
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

    def _forget_lookups(self) -> None:
        graph = self.graph
        told: list[ResolveMessage] = [*graph.forgotten_assets, *graph.forgotten]
        graph.forgotten_assets.clear()
        graph.forgotten.clear()
        for each in told:
            self.core._resolve(each)
