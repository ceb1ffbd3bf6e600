"""Single cases of the demo: a contradiction, a ban, a link, an erasure.

What is said in them waits until what it is about is known, so that the story is the
same on every ground.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import AnyRequest, Requested
from idweave_adapters.decision_commands import RequestedDecision
from idweave_adapters.simulator.traffic import Event
from idweave_adapters.simulator.world import Person, Truth, World
from idweave_graph.decisions import Verdict
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.demo.troupe import Troupe
from idweave_streams.tally import Alias, Tally

SOURCE = "operator"
AUTHOR = "mia (support)"
BEFORE_MS = 1_000
"""Whose login was first keeps what both have. Not later: the future counts as now."""

Said = Event | AnyRequest
"""An event of somebody, or a command of an operator."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that is said once all that it is about is known."""

    mark: str
    """What happens, in words."""
    parties: tuple[frozenset[str], ...]
    """Ids that must be one person each by then, and lookups that must be over."""
    said: Callable[[int], tuple[Said, ...]]
    """What is said at a time, in unix milliseconds."""

    def is_due(self, business: str, tally: Tally) -> bool:
        """Say whether it can begin."""
        ids = set(chain.from_iterable(self.parties))
        return ids & tally.sighted.keys() <= tally.closed and all(
            _is_one(tally, business, party) for party in self.parties
        )


@dataclass(frozen=True, slots=True)
class Scenes:
    """All cases, and what must be known of their people in the end."""

    troupe: Troupe
    stage: World
    """Everybody, and the people of the cases: what the Graph API knows."""

    @property
    def business(self) -> str:
        """In whose graph they happen."""
        return self.troupe.house.business

    @property
    def erased(self) -> set[Alias]:
        """Ids that are nobody's in the end."""
        return {(self.business, self._forgotten)}

    @property
    def judged(self) -> set[Alias]:
        """Ids that must be there in the end, those of each human together."""
        everybody = chain.from_iterable(self.troupe.humans)
        return {(self.business, each) for each in everybody} - self.erased

    def with_truth(self, truth: Truth) -> Truth:
        """Add who is who among these people to the *truth* about all others."""
        others = truth.get(self.business, frozenset())
        return {**truth, self.business: others | frozenset(self.troupe.humans)}

    def all(self) -> tuple[Scene, ...]:
        """Return the cases; the people of all of them come in the first one."""
        who = self.troupe
        keeper, visitor, patron, lodger, caller, phone, leaver = map(who.ids, who.all)
        return (
            Scene("seven people come whose cases an operator will see", (), self._come),
            Scene(
                "two people share a browser: the proof contradicts, and waits",
                (keeper, visitor),
                self._contradict,
            ),
            Scene(
                "two people were taken for one: an operator bans that, and they part",
                (patron | lodger,),
                self._ban,
            ),
            Scene(
                "one person has two accounts: an operator links them",
                (caller, phone),
                self._link,
            ),
            Scene("somebody wants an id erased", (leaver,), self._erase),
        )

    @property
    def _forgotten(self) -> str:
        return self.troupe.in_app(self.troupe.leaver, self.troupe.house.other_app)

    def _come(self, at_ms: int) -> tuple[Said, ...]:
        who, house = self.troupe, self.troupe.house
        first, second = house.app, house.other_app
        shared, before_ms = self._token(who.patron), at_ms - BEFORE_MS
        return (
            self._login(who.keeper, first, before_ms, self._token(who.keeper)),
            self._login(who.visitor, second, before_ms),
            self._login(who.patron, first, before_ms, shared),
            self._login(who.lodger, second, at_ms, shared),
            self._login(who.caller, first, before_ms),
            self._message(who.phone, before_ms),
            self._login(who.leaver, first, before_ms),
            self._login(who.leaver, second, at_ms),
        )

    def _contradict(self, at_ms: int) -> tuple[Said, ...]:
        who, token = self.troupe, self._token(self.troupe.keeper)
        return (self._login(who.visitor, who.house.app, at_ms, token),)

    def _ban(self, at_ms: int) -> tuple[Said, ...]:
        who = self.troupe
        told = RequestedBan(
            scoped=_scoped(who.in_app(who.patron, who.house.app)),
            other=_scoped(who.in_app(who.lodger, who.house.other_app)),
            kind=BanKind.BAN,
            at_ms=at_ms,
            source=SOURCE,
            author=AUTHOR,
            reason="they share a flat and a laptop, and both have called",
        )
        return (told,)

    def _link(self, at_ms: int) -> tuple[Said, ...]:
        who = self.troupe
        told = RequestedDecision(
            scoped=_scoped(who.in_app(who.caller, who.house.app)),
            other=_scoped(who.on_page(who.phone)),
            verdict=Verdict.LINK,
            at_ms=at_ms,
            source=SOURCE,
            author=AUTHOR,
            reason="has called, and uses both accounts",
        )
        return (told,)

    def _erase(self, at_ms: int) -> tuple[Said, ...]:
        told = _scoped(self._forgotten)
        return (Requested(told, CommandKind.ERASE_ID, at_ms, SOURCE),)

    def _token(self, who: Person) -> str:
        return self.stage.token_for_business(who, self.business)

    def _login(
        self, who: Person, app: str, at_ms: int, token: str | None = None
    ) -> Event:
        event: dict[str, Any] = {
            "app_id": app,
            "user_id": who.asids[app],
            "time": at_ms,
            "login_kind": "classic",
        }
        carried = {} if token is None else {"token_for_business": token}
        return Event("login", orjson.dumps(event | carried), at_ms)

    def _message(self, who: Person, at_ms: int) -> Event:
        page = self.troupe.house.page
        message: Mapping[str, Any] = {
            "sender": {"id": who.psids[page]},
            "recipient": {"id": page},
            "timestamp": at_ms,
            "message": {"mid": f"m_{at_ms}", "text": "Hi!"},
        }
        entry = {"id": page, "time": at_ms, "messaging": [message]}
        value = orjson.dumps({"object": "page", "entry": [entry]})
        return Event("webhook", value, at_ms)


def _is_one(tally: Tally, business: str, party: frozenset[str]) -> bool:
    owners = {tally.aliases.get((business, each)) for each in party}
    return len(owners) == 1 and None not in owners


def _scoped(text: str) -> ScopedId:
    asset, _, user = text.rpartition(":")
    return ScopedId(Asset.parse(asset), user)
