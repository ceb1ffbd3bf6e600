"""Lets nothing leave the process once its partitions may be somebody else's.

Stock: an idempotent batch is sent again until the broker has it, however long that
takes. A process that stood still meanwhile, or whose broker did, would append to a
changelog that has a new owner, and the next recovery would take its state for newer.
So the last look is at the last moment: connected, and about to write to the socket.
"""

from collections.abc import Callable
from typing import Any

from aiokafka.errors import NodeNotReadyError
from aiokafka.protocol.produce import ProduceRequest


def only_while(client: Any, may_write: Callable[[], bool]) -> None:
    """Let the producer's ``AIOKafkaClient`` send records only while it may.

    Records that may not be sent wait, as for a broker that is not there.
    """
    send = client.send

    async def leased(node: Any, request: Any, **options: Any) -> Any:
        if isinstance(request, ProduceRequest):
            await client.ready(node, **options)  # takes long, if anything does
            if not may_write():
                raise NodeNotReadyError("the lease on the partitions has run out")
        return await send(node, request, **options)

    client.send = leased
