"""Makes sure that a process that must end does end.

A clean stop waits for brokers and threads that may never answer. A process that has
stopped working but lives on keeps its place in the group for nothing.
"""

import os
import sys
import threading

from aiokafka.errors import KafkaConnectionError

from .errors import ReliableError


def last_words(reason: BaseException) -> str:
    """Say in one line why the process ends, for whoever reads the end of its log."""
    if isinstance(reason, ReliableError):
        return str(reason)
    if isinstance(reason, KafkaConnectionError):
        return (
            f"no broker answers ({reason}). See that it runs and that its address is "
            "right, and start again; nothing is lost."
        )
    return f"{type(reason).__name__}: see the log for where it came from."


class ExitWatch:
    """Ends the process the hard way if it is still there after a while."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def arm(self, why: str) -> None:
        """Start the clock; a clock that runs already is left alone."""
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(self._timeout_s, _end, [why])
                self._timer.daemon = True
                self._timer.start()

    def disarm(self) -> None:
        """Stop the clock: the end was reached in good order."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None


def _end(why: str) -> None:
    sys.stderr.write(f"still running after {why}; exiting now\n")
    sys.stderr.flush()
    os._exit(1)
