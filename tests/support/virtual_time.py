"""An event loop whose clock jumps: waiting costs nothing and is exact.

When nothing is ready the loop would sleep until the next timer. This one puts its clock
there instead. Only for tests without sockets, pipes and threads.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

P = ParamSpec("P")


class HangError(AssertionError):
    """Everything waits for something that will never come."""


class _Selector(selectors.SelectSelector):
    """Waits by moving the clock."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise HangError("nothing is left that could wake anybody up")
        self.now_s += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0 and passes only in waiting."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now_s


def in_virtual_time(
    test: Callable[P, Coroutine[Any, Any, None]],
) -> Callable[P, None]:
    """Run a coroutine function to its end on a loop of its own."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def now_ms() -> int:
    """The running loop's time, in milliseconds."""
    return round(asyncio.get_running_loop().time() * 1000)
