"""Worlds of people with truth, and the whole core run on them in one process."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tests.support.graph import DictGraph, DictLookups, DictOwnership

from idweave_graph.boundary import admit, check_answer, check_call
from idweave_graph.events import IdentityEvent
from idweave_graph.evidence import Cause
from idweave_graph.holds import Hold
from idweave_graph.ids import (
    Asset,
    BusinessId,
    BusinessToken,
    LinkingCode,
    Member,
    ScopedId,
)
from idweave_graph.lookups import Lookup
from idweave_graph.messages import (
    Answer,
    AssetChanged,
    Command,
    CommandKind,
    LogMessage,
    Outcome,
    Refusal,
    RefusalReason,
    Sighting,
)
from idweave_graph.ownership import Ownership, home
from idweave_graph.resolve import LookupPolicy, ResolveMessage
from idweave_graph.resolve import handle as resolve
from idweave_graph.weave import handle as weave

POLICY = LookupPolicy()

Human = frozenset[ScopedId]
"""Somebody, as all apps and Pages of the world see them."""


@dataclass(frozen=True)
class World:
    """What is true, which no part of the core ever sees whole."""

    assets: tuple[Ownership, ...]
    people: tuple[Human, ...]

    def whose(self, scoped: ScopedId) -> Human:
        """Return the human behind an id."""
        return next(human for human in self.people if scoped in human)


@dataclass
class Core:
    """Sightings and answers in, graphs out: everything but Kafka."""

    ownership: DictOwnership
    lookups: DictLookups = field(default_factory=DictLookups)
    graph: DictGraph = field(default_factory=DictGraph)
    log: deque[LogMessage] = field(default_factory=deque)
    events: list[IdentityEvent] = field(default_factory=list)
    messages: int = 0

    def cause(self) -> Cause:
        """Name the next record."""
        self.messages += 1
        return Cause("records", 0, self.messages)

    def see(
        self,
        scoped: ScopedId,
        at_ms: int,
        token: BusinessToken | None = None,
        *,
        code: LinkingCode | None = None,
        is_unlinked: bool = False,
    ) -> Sighting | None:
        """Let an event name *scoped*."""
        sighting = admit(
            self.ownership,
            scoped,
            at_ms=at_ms,
            cause=self.cause(),
            token=token,
            code=code,
            is_unlinked=is_unlinked,
        )
        if sighting is not None:
            self._resolve(sighting)
        return sighting

    def answer(
        self,
        lookup: Lookup,
        links: Iterable[ScopedId],
        *,
        at_ms: int,
        made_by: Asset | None = None,
        token: BusinessToken | None = None,
        probed: Hold | None = None,
    ) -> RefusalReason | None:
        """Let the API answer *lookup*, if the call may be made with that token."""
        maker = lookup.seen.id.asset if made_by is None else made_by
        asked, business = lookup.seen, lookup.business
        reason = check_call(self.ownership, business, asked, maker)
        answer = Answer(business, asked, at_ms, Outcome.FORBIDDEN, probed=probed)
        if reason is None:
            checked = check_answer(self.ownership, business, asked.id, links)
            answer = replace(
                answer,
                outcome=Outcome.ANSWERED,
                links=checked.links,
                refusals=checked.refusals,
                token=token,
            )
        else:
            answer = replace(answer, refusals=(Refusal(reason, asked.id, maker),))
        self._resolve(answer)
        return reason

    def erase(self, scoped: ScopedId, at_ms: int) -> None:
        """Let the whole person of *scoped* be forgotten, wherever it is owned now."""
        known = admit(self.ownership, scoped, at_ms=at_ms, cause=self.cause())
        if known is not None:
            kind = CommandKind.ERASE_PERSON
            self._resolve(
                Command(known.business, known.seen, kind, at_ms, known.cause, "R1")
            )

    def _resolve(self, message: ResolveMessage) -> None:
        effects = resolve(self.lookups, message, policy=POLICY)
        self.log += self.lookups.apply(effects)

    def open(self) -> list[Lookup]:
        """List the lookups that wait for an answer."""
        return [each for each in self.lookups.lookups.values() if each.is_open]

    def deliver(self, limit: int = 1 << 30) -> None:
        """Handle up to *limit* messages of the evidence log."""
        while self.log and limit > 0:
            effects = weave(self.graph, self.log.popleft())
            self.events += self.graph.apply(effects)
            self.log += self.graph.told
            self.graph.told.clear()
            while self.graph.forgotten:
                self._resolve(self.graph.forgotten.pop(0))
            limit -= 1

    def transfer(self, asset: Asset, owner: BusinessId | None, at_ms: int) -> None:
        """Let *asset* change hands, or leave them; both sides are told."""
        known = self.ownership.known[asset]
        epoch = known.epoch + (owner is not None)
        previous = known.business or known.previous
        self.ownership = DictOwnership(
            {
                **self.ownership.known,
                asset: replace(known, business=owner, epoch=epoch, previous=previous),
            }
        )

        def told(business: BusinessId, epoch: int, *, owned: bool) -> AssetChanged:
            return AssetChanged(business, asset, epoch, owned, at_ms, self.cause())

        if known.business is not None:
            self.log.append(told(known.business, known.epoch, owned=False))
        if owner is not None:
            self.log.append(told(owner, epoch, owned=True))


def people_of(
    world: World, core: Core, business: BusinessId, seen: Iterable[ScopedId]
) -> set[frozenset[Member]]:
    """Return who is one person in *business*, if only *seen* and their answers count."""
    humans = {
        world.whose(scoped) for scoped in seen if _owner(core, scoped) == business
    }
    return {
        frozenset(
            home(core.ownership, scoped)[0]
            for scoped in human
            if _owner(core, scoped) == business
        )
        for human in humans
    }


def _owner(core: Core, scoped: ScopedId) -> BusinessId | None:
    _, ownership = home(core.ownership, scoped)
    return None if ownership is None else ownership.business
