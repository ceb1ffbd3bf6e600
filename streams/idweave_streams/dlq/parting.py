"""Ends a client of a broker that may be gone."""

import asyncio
from collections.abc import Coroutine
from typing import Any

PARTING_S = 5.0


async def part(client: Any) -> None:
    """Stop a producer or consumer, and close its connections whether that worked or not.

    A producer that still has what can't be sent would connect again, and again.
    """
    await tried(client.stop())
    sender = getattr(client, "_sender", None)
    if sender is not None:
        await tried(sender.close())
    # Both have one, under two names.
    connections = getattr(client, "client", None) or client._client  # noqa: SLF001
    await tried(connections.close())


async def tried(work: Coroutine[Any, Any, None]) -> None:
    """Return when *work* is done, has failed, or has had its time.

    In a task of its own: where the broker is gone, aiokafka lets the cancellation of
    its own tasks out, which would end the caller without a word.
    """
    task = asyncio.ensure_future(work)
    await asyncio.wait([task], timeout=PARTING_S)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
