"""A Graph API in memory: what it answers follows from the truth and from its moods."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from tests.simulation.ground import (
    ASSETS,
    FIRST_OWNERS,
    MAKERS,
    PARENTS,
    person_of,
    scoped,
    token_of,
)

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    CredentialRefused,
    Facts,
    GraphApiError,
    Lookup,
    LookupAnswer,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
    Transient,
    Usage,
)
from idweave_adapters.secret import Secret
from idweave_graph.ids import Asset, AssetKind, BusinessId, ScopedId
from idweave_graph.ownership import Ownership

Result = LookupAnswer | GraphApiError


@dataclass(slots=True)
class Platform:
    """Who owns what, who is who, and how the platform is disposed."""

    leaky: bool
    owners: dict[Asset, Ownership] = field(
        default_factory=lambda: {
            asset: Ownership(asset, owner, 1, PARENTS.get(asset))
            for asset, owner in FIRST_OWNERS.items()
        }
    )
    reviewed: set[BusinessId] = field(default_factory=set)
    tokens: dict[Asset, str] = field(default_factory=dict)
    """What is wrong with the token of an asset."""
    gone: set[int] = field(default_factory=set)
    troubles: deque[str] = field(default_factory=deque)
    held_calls: list[ScopedId] = field(default_factory=list)
    """Who was asked about though the asker knew of a hold that was not to be tried."""
    answered: list[tuple[ScopedId, tuple[BusinessId, Asset], bool]] = field(
        default_factory=list
    )
    """What was really answered: the id, who asked with whose token, and whether that
    should be the last time."""
    history: dict[Asset, set[BusinessId]] = field(
        default_factory=lambda: {a: {owner} for a, owner in FIRST_OWNERS.items()}
    )
    """Who has ever owned each asset."""

    def transfer(self, asset: Asset, owner: BusinessId | None, now_ms: int) -> bool:
        """Let *asset* change hands, or leave them; False: it is so already."""
        known = self.owners[asset]
        if known.business == owner:
            return False
        self.owners[asset] = Ownership(
            asset,
            owner,
            known.epoch + (owner is not None),
            known.parent,
            known.business or known.previous,
            now_ms,
        )
        self.history[asset] |= {owner} if owner else set()
        return True

    def owner(self, asset: Asset) -> BusinessId | None:
        """Return who owns *asset*, or the app whose ids it shares."""
        return self.owners[PARENTS.get(asset, asset)].business

    def answer(self, question: Lookup) -> Result:
        """Answer one question as things are now."""
        asked, business = question.scoped, question.credential.business
        if business in self.reviewed:
            return PolicyHold()
        match self.tokens.get(asked.asset):
            case "refused":
                return CredentialRefused()
            case "denied":
                return PermissionDenied()
            case _:
                pass
        trouble = self.troubles.popleft() if self.troubles else ""
        if error := _ERRORS.get(trouble):
            return error()
        person = person_of(asked)
        if person in self.gone:
            return LookupRefused(facts=Facts(http_status=400))
        told = self._told(question, person, trouble)
        asker = (business, question.credential.made_by)
        is_whole = told.is_whole and any(
            self.owner(x.asset) == business for x in told.links
        )
        self.answered.append((asked, asker, is_whole))
        return told

    def _told(self, question: Lookup, person: int, trouble: str) -> LookupAnswer:
        asked = question.scoped
        owner = self.owner(question.credential.made_by)
        found = tuple(
            scoped(person, asset)
            for asset in ASSETS
            if self.leaky or self.owner(asset) == owner
        )
        links = tuple(each for each in found if each != asked)
        if trouble == "empty":
            links = ()
        elif trouble == "partial":
            links = tuple(x for x in links if x.asset.kind is AssetKind.APP)
        token = None if owner is None or trouble else token_of(person, owner)
        is_whole = trouble != "partial"
        return LookupAnswer(links, True, is_whole, 1, Usage(), None, token)

    # What the pipeline knows of credentials.

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        """Return the credential of an asset that *business* owns or has owned."""
        if self.tokens.get(asset) == "missing":
            return None
        made_by = MAKERS.get(asset, asset)
        secret = Secret(f"token-{business}-{asset}")
        return Credential(business, asset, made_by, secret, Secret("secret"))

    def pages_made_by(self, business: BusinessId, app: Asset) -> tuple[Asset, ...]:
        """Return none: no Page's token is needed here."""
        return ()

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        """Return the secret of the app."""
        return (Secret("secret"),)


_ERRORS: dict[str, Callable[[], GraphApiError]] = {
    "transient": Transient,
    "protocol": ProtocolFault,
    "throttled": lambda: Throttled(retry_after_s=40.0),
}


class Caller(Protocol):
    """Who asks: a process that may stand still."""

    is_paused: bool

    def is_held(self, scoped: ScopedId) -> bool:
        """Say whether it knows of a hold on *scoped* whose time has not come."""
        ...


@dataclass(eq=False, slots=True)
class _Call:
    caller: Caller
    questions: Sequence[Lookup]
    heard: asyncio.Future[list[Result]]
    results: list[Result] | None = None


@dataclass(slots=True)
class Wire:
    """Calls on their way to the platform and back."""

    platform: Platform
    _calls: list[_Call] = field(default_factory=list)

    async def call(self, caller: Caller, questions: Sequence[Lookup]) -> list[Result]:
        """Ask, and wait for the answers."""
        loop = asyncio.get_running_loop()
        heard: asyncio.Future[list[Result]] = loop.create_future()
        self._calls.append(_Call(caller, questions, heard))
        return await heard

    def step(self, random: Random) -> bool:
        """Move one call on: the platform answers, or its asker hears it."""
        self._calls = [call for call in self._calls if not call.heard.done()]
        movable = [
            call
            for call in self._calls
            if call.results is None or not call.caller.is_paused
        ]
        if not movable:
            return False
        call = random.choice(movable)
        if call.results is None:
            call.results = [self.platform.answer(each) for each in call.questions]
        else:
            call.heard.set_result(call.results)
        return True

    @property
    def is_empty(self) -> bool:
        """Say whether nobody waits for an answer."""
        return all(call.heard.done() for call in self._calls)


@dataclass(frozen=True, slots=True)
class Line:
    """The Graph API as one process reaches it."""

    wire: Wire
    caller: Caller

    async def look_up(self, lookups: Sequence[Lookup]) -> list[Result]:
        """Answer each question, or say why not, in their order."""
        self.wire.platform.held_calls += filter(
            self.caller.is_held, map(_asked, lookups)
        )
        return await self.wire.call(self.caller, lookups) if lookups else []


def _asked(question: Lookup) -> ScopedId:
    return question.scoped
