"""The overview of a business, from what was counted."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from idweave_adapters.read_model.counting import DAY, MEMBERS, PERSONS, SIZE, WAITING

LARGEST: Final = 10
"""So many of the largest persons are named."""

Document = dict[str, Any]


def overview(
    business: str,
    counts: Mapping[str, int],
    largest: Mapping[str, int],
    holds: Iterable[Document],
) -> Document:
    """Return the overview. *counts* are in the order of their names."""
    days = _days(counts)
    return {
        "business": business,
        "persons": counts.get(PERSONS, 0),
        "members": dict(_below(counts, MEMBERS)),
        "sizes": [
            {"size": int(size), "persons": count}
            for size, count in _below(counts, SIZE)
        ],
        "largest": [{"person": name, "size": size} for name, size in largest.items()],
        "quarantined": counts.get(WAITING, 0),
        "events": _totals(days),
        "days": [{"day": day, "events": events} for day, events in days.items()],
        "holds": list(holds),
    }


def _below(counts: Mapping[str, int], what: str) -> Iterable[tuple[str, int]]:
    for name, count in counts.items():
        kind, _, rest = name.partition(":")
        if kind == what and rest:
            yield rest, count


def _days(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    days: dict[str, dict[str, int]] = {}
    for name, count in _below(counts, DAY):
        day, _, kind = name.partition(":")
        days.setdefault(day, {})[kind] = count
    return days


def _totals(days: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for events in days.values():
        for kind, count in events.items():
            totals[kind] = totals.get(kind, 0) + count
    return dict(sorted(totals.items()))
