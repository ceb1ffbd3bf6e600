"""Keeps aiokafka from asking a broker that is not there without a pause.

Stock: a client with a batch for a partition whose leader it does not know asks for
metadata, is refused a connection, and asks again at once. A broker that goes down just
after it came up leaves it in that state: 5,000 connects and two log lines each per
second, for as long as the broker is away.
"""

# ruff: noqa: SLF001 - the client offers no setting for it

import asyncio
from typing import Any

_PAUSE_S = 0.2


def with_patience(client: Any) -> None:
    """Let the ``AIOKafkaClient`` pause after each time that no broker answered it."""
    update = client._metadata_update

    async def patient(*args: Any, **kwargs: Any) -> bool:
        is_known: bool = await update(*args, **kwargs)
        if not is_known:
            await asyncio.sleep(_PAUSE_S)
        return is_known

    client._metadata_update = patient
