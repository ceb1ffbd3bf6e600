"""Makes a failing scenario smaller: whatever can be left out is."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from tests.simulation.scenario import Scenario, Step

Fails = Callable[[Scenario], bool]

_PLAINER: tuple[dict[str, Any], ...] = (
    {"workers": 1},
    {"partitions": 1},
    {"unit_records": 1},
    {"unit_records": 500},
    {"leaky": False},
    {"sweep_step": 200},
    {"tick_ms": 1_000},
)
_PLAINER_STEPS: tuple[dict[str, Any], ...] = (
    {"copies": 1},
    {"back": 0},
    {"token": False},
    {"code": 0},
    {"receipt": 0},
    {"whole": False},
    {"wipe": False},
    {"count": 1},
)


def shrink(scenario: Scenario, fails: Fails, *, tries: int = 400) -> Scenario:
    """Return a small scenario that still *fails*.

    Args:
        scenario: one that fails.
        fails: whether a scenario fails in the same way.
        tries: how many runs it may cost.
    """
    budget = _Budget(fails, tries)
    while True:
        before = scenario
        scenario = _fewer(scenario, budget)
        for plainer in _PLAINER:
            scenario = budget.better(scenario, replace(scenario, **plainer))
        for plainer in _PLAINER_STEPS:
            scenario = _plainer(scenario, plainer, budget)
        if scenario == before or not budget.left:
            return scenario


class _Budget:
    def __init__(self, fails: Fails, tries: int) -> None:
        self._fails = fails
        self.left = tries

    def better(self, known: Scenario, other: Scenario) -> Scenario:
        """Return *other* if it fails as well, else what is known to."""
        if other == known or not self.left:
            return known
        self.left -= 1
        return other if self._fails(other) else known


def _fewer(scenario: Scenario, budget: _Budget) -> Scenario:
    """Leave out runs of steps, ever shorter ones."""
    size = max(1, len(scenario.steps) // 2)
    while size:
        at = 0
        while at < len(scenario.steps):
            steps = (*scenario.steps[:at], *scenario.steps[at + size :])
            fewer = budget.better(scenario, replace(scenario, steps=steps))
            if fewer is scenario:
                at += size
            scenario = fewer
        size //= 2
    return scenario


def _plainer(scenario: Scenario, plainer: dict[str, Any], budget: _Budget) -> Scenario:
    [(name, _)] = plainer.items()
    for number, step in enumerate(scenario.steps):
        if name in {field.name for field in fields(step)}:
            changed: Step = replace(step, **plainer)
            steps = (*scenario.steps[:number], changed, *scenario.steps[number + 1 :])
            scenario = budget.better(scenario, replace(scenario, steps=steps))
    return scenario
