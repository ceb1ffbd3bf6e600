"""How near the rate limits are, from the headers of an answer.

Meta, Rate Limits document: `X-App-Usage` counts app tokens,
`X-Business-Use-Case-Usage` Page tokens, `X-Page-Usage` is an older form. They come
only after enough calls, keys may be missing, and their absence says nothing. So
reading is lenient: what is not understood counts as not there.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

_FLAT = ("x-app-usage", "x-page-usage")
_BY_BUSINESS = "x-business-use-case-usage"
_PERCENTAGES = ("call_count", "total_time", "total_cputime")
_REGAIN = "estimated_time_to_regain_access"

MAX_REGAIN_MINUTES = 24 * 60
"""The longest window of any limit is a day; a longer wait is a mistake."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The worst that an answer's headers say."""

    percent: float = 0.0
    """The highest of all percentages; over 100 when calls go on in spite of a limit."""
    regain_minutes: float = 0.0
    """How long until calls are taken again; 0 when they are, or when it isn't said."""


NO_USAGE = Usage()


def parse_usage(headers: Mapping[str, str]) -> Usage:
    """The worst usage in *headers*, whose names are in lower case. Never fails."""
    entries = list(_entries(headers))
    percents = (_number(entry.get(key)) for entry in entries for key in _PERCENTAGES)
    regains = (_number(entry.get(_REGAIN)) for entry in entries)
    return Usage(
        percent=max(percents, default=0.0),
        regain_minutes=min(max(regains, default=0.0), MAX_REGAIN_MINUTES),
    )


def _entries(headers: Mapping[str, str]) -> Iterator[Mapping[str, object]]:
    for name in _FLAT:
        entry = _parsed(headers.get(name))
        if isinstance(entry, dict):
            yield entry
    by_business = _parsed(headers.get(_BY_BUSINESS))
    if isinstance(by_business, dict):
        for entries in by_business.values():
            if isinstance(entries, list):
                yield from (entry for entry in entries if isinstance(entry, dict))


def _parsed(header: str | None) -> object:
    try:
        return orjson.loads(header) if header else None
    except ValueError:
        return None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return max(0.0, float(value)) if math.isfinite(value) else 0.0
