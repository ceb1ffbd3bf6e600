"""Which rate limits a lookup passes, and what an answer says of them.

Meta, Rate Limits: what an app asks with its own token counts for the app; what is
asked with a Page's token counts for the Page and for its business.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    GraphApiError,
    Lookup,
    LookupAnswer,
    Throttled,
)
from idweave_adapters.graph_api.limits import LimitScope, PartUsage
from idweave_graph.ids import AssetKind

FULL_PERCENT = 100
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, order=True)
class Gate:
    """One limit: of an app's token, of a Page's tokens, or of all Pages' of a business."""

    scope: LimitScope
    of: str

    def __str__(self) -> str:
        return f"{self.scope}:{self.of}"


@dataclass(frozen=True, slots=True)
class Heard:
    """What one answer says of the limits that its calls passed."""

    percents: tuple[tuple[Gate, float], ...] = ()
    stops: tuple[tuple[Gate, int], ...] = ()
    """For how long nothing more may pass; 0 where the platform does not say."""


def gates_of(credential: Credential) -> tuple[Gate, ...]:
    """Return the limits that a lookup with *credential* passes, the narrowest last."""
    asset = credential.asset
    if asset.kind is AssetKind.APP:
        return (Gate(LimitScope.APP, asset.id),)
    business = Gate(LimitScope.BUSINESS, credential.business)
    return (business, Gate(LimitScope.PAGE, asset.id))


def heard(question: Lookup, result: LookupAnswer | GraphApiError) -> Heard:
    """Return what *result* says of the limits that *question* met."""
    parts = [(_gate(question, part), part) for part in result.usage.parts]
    percents = tuple((gate, part.percent) for gate, part in parts)
    stops = tuple(
        (gate, int(part.regain_minutes * MINUTE_MS))
        for gate, part in parts
        if part.regain_minutes > 0
    )
    is_told = any(gate in gates_of(question.credential) for gate, _ in stops)
    if isinstance(result, Throttled) and not is_told:
        stops += tuple(_stopped(question, result))
    return Heard(percents, stops)


def _stopped(question: Lookup, error: Throttled) -> Iterator[tuple[Gate, int]]:
    """Yield the limits that were reached: those that are full, else the narrowest."""
    wait_ms = int((error.retry_after_s or 0) * 1000)
    own = gates_of(question.credential)
    parts = (part for part in error.usage.parts if part.percent >= FULL_PERCENT)
    full = {_gate(question, part) for part in parts}
    for gate in full.intersection(own) or own[-1:]:
        yield gate, wait_ms


def _gate(question: Lookup, part: PartUsage) -> Gate:
    """Return the limit that *part* is about.

    A business that is not the asker's is a limit of somebody all the same; it is taken
    for the narrowest one of who asked, and so stops nobody else.
    """
    own = question.credential
    page = own if own.asset.kind is AssetKind.PAGE else question.page_credential
    match part.scope:
        case LimitScope.APP:
            return Gate(LimitScope.APP, own.made_by.id)
        case LimitScope.BUSINESS if part.of == own.business:
            return Gate(LimitScope.BUSINESS, part.of)
        case LimitScope.PAGE if page is not None:
            return Gate(LimitScope.PAGE, page.asset.id)
        case _:
            return gates_of(own)[-1]
