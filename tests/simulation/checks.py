"""What must hold when everything has come to its end."""

from typing import TYPE_CHECKING

from tests.simulation import check_erased, check_graph, check_lookups, check_truth
from tests.simulation.after import After

if TYPE_CHECKING:
    from tests.simulation.simulation import Run

CHECKS = (
    *check_graph.CHECKS,
    *check_lookups.CHECKS,
    *check_truth.CHECKS,
    *check_erased.CHECKS,
)


def findings(run: "Run") -> list[str]:
    """Say what does not hold; empty: all is well."""
    after = After(run)
    return [
        f"{check.__name__}: {finding}" for check in CHECKS for finding in check(after)
    ]
