"""What must hold when everything has come to its end."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.simulation import Run


def findings(run: "Run") -> list[str]:
    return []
