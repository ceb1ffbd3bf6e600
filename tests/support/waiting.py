"""Waiting for what comes true by itself."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(
    claim: Callable[[], Awaitable[bool]], timeout_s: float = 120, every_s: float = 0.1
) -> None:
    """The claim has come true.

    Raises:
        TimeoutError: it did not. The time is far above need: it ends hangs only.
    """
    async with asyncio.timeout(timeout_s):
        while not await claim():  # noqa: ASYNC110 - nobody tells us when it does
            await asyncio.sleep(every_s)
