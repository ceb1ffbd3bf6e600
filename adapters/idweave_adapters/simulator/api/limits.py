"""Rate limits: what a call counts for, the headers that say so, and the refusals.

An app's own token counts for the app, a Page's for the Page and, where there is one,
for the limit of its business. System users count by themselves. Headers and codes:
Meta, Rate Limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from idweave_adapters.simulator.api import errors
from idweave_adapters.simulator.api.callers import Caller
from idweave_adapters.simulator.budget import Usage
from idweave_adapters.simulator.state import State

_BY_USE_CASE = ("page", "system_user")
"""Tokens that the business-use-case limits count (Meta, Rate Limits)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with each limit that its calls count for."""

    own: Usage
    business: Usage | None = None

    @property
    def is_over(self) -> bool:
        """Whether any of them is passed."""
        return self.own.is_over or (self.business is not None and self.business.is_over)


def spend(state: State, caller: Caller, *, now_s: float) -> Mapping[str, str]:
    """Count one call; the headers that say where the caller stands then.

    Raises:
        GraphError: a limit is passed. The call counts all the same.
    """
    window_s = state.faults.window_s
    for key, _ in _limits(state, caller):
        state.budget.count(key, now_s=now_s, window_s=window_s)
    standing = _standing(state, caller, now_s=now_s)
    headers = _headers(state, caller, standing)
    if standing.is_over:
        state.stats.injected["throttled"] += 1
        is_by_use = caller.kind in _BY_USE_CASE
        fault = errors.page_limit() if is_by_use else errors.app_limit()
        fault.headers = headers
        raise fault
    state.stats.by_caller[caller.asset] += 1
    return headers


def headers_of(state: State, caller: Caller, *, now_s: float) -> Mapping[str, str]:
    """The documented headers that say where *caller* stands."""
    return _headers(state, caller, _standing(state, caller, now_s=now_s))


def _limits(state: State, caller: Caller) -> list[tuple[str, int]]:
    """The limits that a call counts for, the caller's own first, with their budgets."""
    stated, faults = state.budgets, state.faults
    limits = [(caller.asset, stated.get(caller.asset, faults.budget_calls))]
    if caller.page is not None:
        owner = f"business:{caller.business}"
        calls = stated.get(owner, faults.business_calls)
        if calls:
            limits.append((f"pages of {owner}", calls))
    return limits


def _standing(state: State, caller: Caller, *, now_s: float) -> Standing:
    window_s = state.faults.window_s
    return Standing(
        *(
            state.budget.usage(key, now_s=now_s, calls=calls, window_s=window_s)
            for key, calls in _limits(state, caller)
        )
    )


def _headers(state: State, caller: Caller, standing: Standing) -> dict[str, str]:
    if caller.kind not in _BY_USE_CASE:
        return {"X-App-Usage": _shares(standing.own)}
    owner = caller.business or caller.app.owner or "0"
    if standing.business is not None:
        return {
            "X-Page-Usage": _shares(standing.own),
            "X-Business-Use-Case-Usage": _of_business(owner, standing.business),
        }
    if state.faults.page_header and caller.page is not None:
        return {"X-Page-Usage": _shares(standing.own)}
    return {"X-Business-Use-Case-Usage": _of_business(owner, standing.own)}


def _shares(usage: Usage) -> str:
    shares = {"call_count": usage.percent, "total_time": 0, "total_cputime": 0}
    return orjson.dumps(shares).decode()


def _of_business(owner: str, usage: Usage) -> str:
    entry = {
        "type": "pages",
        "call_count": usage.percent,
        "total_cputime": 0,
        "total_time": 0,
        "estimated_time_to_regain_access": usage.regain_minutes,
    }
    return orjson.dumps({owner: [entry]}).decode()
