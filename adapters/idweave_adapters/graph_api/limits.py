"""How near the rate limits are, from the headers of an answer.

Meta, Rate Limits document: `X-App-Usage` counts an app's own token,
`X-Business-Use-Case-Usage` the Page tokens of the businesses that it names,
`X-Page-Usage` is an older form and counts one Page. They come only after enough calls,
keys may be missing, and their absence says nothing. So reading is lenient: what is not
understood counts as not there.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import orjson

_PERCENTAGES = ("call_count", "total_time", "total_cputime")
_REGAIN = "estimated_time_to_regain_access"

MAX_REGAIN_MINUTES = 24 * 60
"""The longest window of any limit is a day; a longer wait is a mistake."""

MAX_BUSINESSES = 32
"""So many entries a header may have (Meta, Rate Limits)."""


class LimitScope(StrEnum):
    """What a limit is a limit of."""

    APP = "app"
    """What an app asks with its own token."""
    PAGE = "page"
    """What is asked with the tokens of one Page."""
    BUSINESS = "business"
    """What is asked with the tokens of all Pages of one business."""


_FLAT = {"x-app-usage": LimitScope.APP, "x-page-usage": LimitScope.PAGE}
_BY_BUSINESS = "x-business-use-case-usage"


@dataclass(frozen=True, slots=True)
class PartUsage:
    """What a header says of one limit."""

    scope: LimitScope
    of: str = ""
    """The id that the header names; empty where it means whoever asked."""
    percent: float = 0.0
    regain_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer's headers say: the worst, and each limit by itself."""

    percent: float = 0.0
    """The highest of all percentages; over 100 when calls go on in spite of a limit."""
    regain_minutes: float = 0.0
    """How long until calls are taken again; 0 when they are, or when it isn't said."""
    parts: tuple[PartUsage, ...] = ()
    """Each limit once."""


NO_USAGE = Usage()


def parse_usage(headers: Mapping[str, str]) -> Usage:
    """The usage in *headers*, whose names are in lower case. Never fails."""
    return _of(_parts(headers))


def worst_usage(*usages: Usage) -> Usage:
    """The worst of several, limit by limit."""
    whole = _of(part for usage in usages for part in usage.parts)
    return Usage(
        percent=max((usage.percent for usage in usages), default=0.0),
        regain_minutes=max((usage.regain_minutes for usage in usages), default=0.0),
        parts=whole.parts,
    )


def _of(parts: Iterator[PartUsage]) -> Usage:
    worst: dict[tuple[LimitScope, str], PartUsage] = {}
    for part in parts:
        known = worst.get((part.scope, part.of), part)
        worst[part.scope, part.of] = PartUsage(
            part.scope,
            part.of,
            max(part.percent, known.percent),
            max(part.regain_minutes, known.regain_minutes),
        )
    found = tuple(worst.values())
    return Usage(
        percent=max((part.percent for part in found), default=0.0),
        regain_minutes=max((part.regain_minutes for part in found), default=0.0),
        parts=found,
    )


def _parts(headers: Mapping[str, str]) -> Iterator[PartUsage]:
    for name, scope in _FLAT.items():
        entry = _parsed(headers.get(name))
        if isinstance(entry, dict):
            yield _part(scope, "", entry)
    by_business = _parsed(headers.get(_BY_BUSINESS))
    if not isinstance(by_business, dict):
        return
    for business, entries in list(by_business.items())[:MAX_BUSINESSES]:
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield _part(LimitScope.BUSINESS, business, entry)


def _part(scope: LimitScope, of: str, entry: Mapping[str, object]) -> PartUsage:
    percent = max(_number(entry.get(key)) for key in _PERCENTAGES)
    minutes = min(_number(entry.get(_REGAIN)), MAX_REGAIN_MINUTES)
    return PartUsage(scope, of, percent, minutes)


def _parsed(header: str | None) -> object:
    try:
        return orjson.loads(header) if header else None
    except ValueError:
        return None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return max(0.0, float(value)) if math.isfinite(value) else 0.0
