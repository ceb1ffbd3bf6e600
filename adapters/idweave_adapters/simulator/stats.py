"""Counts what was asked and what was injected, so that a run can be checked after it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Stats:
    """Running counts since the start or the last reset.

    Args:
        requests: HTTP requests to the API; a batch is one.
        calls: single calls; each item of a batch is one.
        by_route: calls by endpoint (`ids_for_apps`, `expanded`, `token_for_business`, ...).
        by_business: calls by the business whose asset was asked about.
        by_caller: calls that the rate limits let through, by the asset whose token asked.
        errors: calls by the error number they ended with.
        injected: faults by kind.
        violations: mapping calls by service providers, by the business they were for.
        lookups: how often an id was asked about and answered, by route; following
            pages and failed calls don't count.
    """

    requests: int = 0
    batches: int = 0
    calls: int = 0
    by_route: Counter[str] = field(default_factory=Counter)
    by_business: Counter[str] = field(default_factory=Counter)
    by_caller: Counter[str] = field(default_factory=Counter)
    errors: Counter[int] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    lookups: dict[str, Counter[str]] = field(default_factory=dict, repr=False)

    def looked_up(self, scoped_id: str, route: str) -> None:
        """An id was asked about, and the answer is on its way."""
        self.lookups.setdefault(scoped_id, Counter())[route] += 1

    def lookups_of(self, scoped_id: str) -> int:
        """How often this id was answered, by the route it was answered on most."""
        return max(self.lookups.get(scoped_id, Counter({"": 0})).values())

    def summary(self) -> dict[str, Any]:
        """Everything but the ids themselves, ready for JSON."""
        repeats = Counter(self.lookups_of(each) for each in self.lookups)
        return {
            "requests": self.requests,
            "batches": self.batches,
            "calls": self.calls,
            "by_route": dict(self.by_route),
            "by_business": dict(self.by_business),
            "by_caller": dict(self.by_caller),
            "errors": {str(code): count for code, count in self.errors.items()},
            "injected": dict(self.injected),
            "violations": dict(self.violations),
            "distinct_ids": len(self.lookups),
            "ids_by_lookups": {
                str(times): ids for times, ids in sorted(repeats.items())
            },
        }
