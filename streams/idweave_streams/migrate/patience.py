"""How long to wait after a call that brought nothing, and when to give up."""

from dataclasses import dataclass

from idweave_adapters.graph_api import (
    GraphApiError,
    PolicyHold,
    ProtocolFault,
    Throttled,
    Transient,
)
from idweave_streams.migrate.stops import MigrationStoppedError, Reason

ATTEMPTS = 5
"""How often a call is made that fails in passing."""
FIRST_PAUSE_S = 1.0
FIRST_WAIT_S = 60.0
"""After a limit, where the platform does not say: its own waits are whole minutes."""
LONGEST_WAIT_S = 3600.0
"""The window of most limits (Meta, Rate Limits)."""


@dataclass(slots=True)
class Patience:
    """Of one call and its repetitions."""

    _failures: int = 0
    _limits: int = 0
    _waited_s: float = 0.0

    def after(self, error: GraphApiError, *, most_s: float) -> float:
        """How many seconds to wait before the same call is made again.

        Args:
            error: what came instead of an answer.
            most_s: how long may be waited for limits to end, all in all.

        Raises:
            MigrationStoppedError: it is not to be made again now.
        """
        if isinstance(error, Throttled):
            return self._after_limit(error, most_s)
        if not isinstance(error, Transient | ProtocolFault):
            is_held = isinstance(error, PolicyHold)
            reason = Reason.LATER if is_held else Reason.SETUP
            raise MigrationStoppedError(reason, str(error)) from error
        self._failures += 1
        if self._failures >= ATTEMPTS:
            raise MigrationStoppedError(Reason.FAILED, str(error)) from error
        return FIRST_PAUSE_S * 2.0 ** (self._failures - 1)

    def _after_limit(self, error: Throttled, most_s: float) -> float:
        grown_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**self._limits)
        wait_s = error.retry_after_s or grown_s
        self._limits += 1
        self._waited_s += wait_s
        if self._waited_s > most_s:
            text = f"{error}; it takes longer than --patience, so run this again later"
            raise MigrationStoppedError(Reason.LATER, text) from error
        return wait_s
