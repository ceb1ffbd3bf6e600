"""Holds and a migration: it keeps to them, tries those that are due, and tells of them.

The workers and the migration ask for the same businesses, so what stops one of them
stops the other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from idweave_adapters.graph_api import GraphApiError, PolicyHold
from idweave_adapters.graph_api.pages_id_mapping import InvalidAsids, MappingAnswer
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_graph.messages import Answer, Outcome
from idweave_graph.ownership import OwnedId
from idweave_graph.resolve import LookupPolicy
from idweave_streams.migrate.proofs import Route
from idweave_streams.migrate.stops import MigrationStoppedError, Reason

TellHold = Callable[[Hold], Awaitable[None]]
"""Returns once the workers and people can know of the hold, or of its end."""


class Holds(Protocol):
    """What is held."""

    def all_of(self, business: BusinessId, asset: Asset) -> tuple[Hold, ...]:
        """Return what stops the asset's calls: the business's hold, the token's."""

    def put(self, hold: Hold) -> None:
        """Take over a hold, or its end, unless there is later news."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The holds that concern one migration."""

    route: Route
    view: Holds
    policy: LookupPolicy
    clock: Callable[[], float]
    """Wall-clock time in seconds since 1970."""
    tell: TellHold

    def admit(self) -> Hold | None:
        """Return the hold of the business that the next call tries, None without one.

        Raises:
            MigrationStoppedError: nothing may be asked before a hold is to be tried.
        """
        holds = self.view.all_of(self.route.business, self.route.page)
        now_ms = self._now_ms()
        for hold in holds:
            if now_ms < hold.probe_ms:
                text = _BUSINESS if hold.asset is None else _PAGE
                raise MigrationStoppedError(Reason.LATER, text + _NEXT)
        return next((hold for hold in holds if hold.asset is None), None)

    async def learn(
        self, result: MappingAnswer | GraphApiError, tried: Hold | None
    ) -> None:
        """Tell what *result*, of a call made under *tried*, begins, prolongs or ends.

        The hold of a token is left to the workers: one that serves this call need not
        be permitted to look people up.
        """
        if isinstance(result, PolicyHold):
            news = self.policy.hold(self._answer(Outcome.HOLD, tried, "policy-hold"))
        elif isinstance(result, MappingAnswer | InvalidAsids):
            news = self.policy.release(self._answer(Outcome.ANSWERED, tried))
        else:
            news = None
        if news is not None:
            self.view.put(news)
            await self.tell(news)

    def _answer(self, outcome: Outcome, tried: Hold | None, detail: str = "") -> Answer:
        """Put it as the answer of a lookup, which the policy goes by; no id is in it."""
        asked, now_ms = OwnedId(ScopedId(self.route.page, "0"), 0), self._now_ms()
        business = self.route.business
        return Answer(business, asked, now_ms, outcome, probed=tried, detail=detail)

    def _now_ms(self) -> int:
        return int(self.clock() * 1000)


_BUSINESS = (
    "Meta reviews or blocks this business, so nothing is asked for it; follow the review"
    " in its Business Manager"
)
_PAGE = "the token of this Page can't be used as it is, so nothing is asked with it"
_NEXT = "; `idweave holds` says when it is tried next, run this again then"
