"""Which rate limits a lookup passes, and what an answer says of them.

Meta, Rate Limits: what an app asks with its own token counts for the app; what is
asked with a Page's token counts for the Page and for its business.
"""

from collections.abc import Iterator, Sequence
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
_PAGE_CODES = range(80_000, 80_015)
"""Said to tokens of Pages and system users (Meta, Rate Limits)."""


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


def gates_of(
    credential: Credential, page: Credential | None = None
) -> tuple[Gate, ...]:
    """Return the limits that a lookup with *credential* passes, the narrowest last.

    Those of *page* follow, where a part of the lookup is asked with its token.
    """
    if page is not None:
        return (*gates_of(credential), *gates_of(page))
    asset = credential.asset
    if asset.kind is AssetKind.APP:
        return (Gate(LimitScope.APP, asset.id),)
    business = Gate(LimitScope.BUSINESS, credential.business)
    return (business, Gate(LimitScope.PAGE, asset.id))


def heard(
    question: Lookup, result: LookupAnswer | GraphApiError, *, by_page: bool = False
) -> Heard:
    """Return what *result* says of the limits that *question* met.

    Args:
        question: as it was asked.
        result: what came back.
        by_page: whether it was let pass the limits of its Page's token too.
    """
    passed = gates_of(
        question.credential, question.page_credential if by_page else None
    )
    parts = [(_gate(question, part), part) for part in result.usage.parts]
    percents = tuple((gate, part.percent) for gate, part in parts)
    stops = tuple(
        (gate, int(part.regain_minutes * MINUTE_MS))
        for gate, part in parts
        if part.regain_minutes > 0
    )
    is_told = any(gate in passed for gate, _ in stops)
    if isinstance(result, Throttled) and not is_told:
        stops += tuple(_stopped(question, result, passed))
    return Heard(percents, stops)


def _stopped(
    question: Lookup, error: Throttled, passed: Sequence[Gate]
) -> Iterator[tuple[Gate, int]]:
    """Yield the limits that were reached: those that are full, else the narrowest."""
    wait_ms = int((error.retry_after_s or 0) * 1000)
    parts = (part for part in error.usage.parts if part.percent >= FULL_PERCENT)
    full = {_gate(question, part) for part in parts}
    for gate in full.intersection(passed) or {_narrowest(question, error, passed)}:
        yield gate, wait_ms


def _narrowest(question: Lookup, error: Throttled, passed: Sequence[Gate]) -> Gate:
    """Return the narrowest limit of the token that was refused."""
    is_page = error.facts.code in _PAGE_CODES and passed[-1].scope is LimitScope.PAGE
    return passed[-1] if is_page else gates_of(question.credential)[-1]


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
            is_of_page = part.scope is LimitScope.BUSINESS and page is not None
            return gates_of(page if page and is_of_page else own)[-1]
