"""Notes every record it gets. With SLOW=1 the lookup of committed offsets takes 1.3 s.

A busy coordinator answers that slowly. Stock un-pauses the sources before that lookup
and empties its queues after it, so whatever is fetched in between is gone.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from typing import Any

import faust
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from idweave_streams.reliable import Record, ReliableApp, Stage, Unit

from .common import PARTITIONS, SOURCE, make_app, note, raw_topic, run

COST_S = 0.001  # of a record: there is a backlog when the lookup ends


def read(unit: Unit, records: Sequence[Record]) -> None:
    """Note what was handed out."""
    note("\n".join(f"{record.partition}:{record.offset}" for record in records))
    time.sleep(COST_S * len(records))


def stock(app: faust.App) -> None:
    """The same as an agent; the table makes it recover like any stateful app."""
    app.Table("kept", partitions=PARTITIONS)

    async def agent(stream: Any) -> None:
        async for event in stream.events():
            note(f"{event.message.partition}:{event.message.offset}")
            await asyncio.sleep(COST_S)  # as in most agents, others run meanwhile

    app.agent(raw_topic(app, SOURCE), name="read")(agent)


def slow_down() -> None:
    """Make the lookup of committed offsets slow."""
    lookup = AIOKafkaConsumerThread.seek_to_committed

    async def slow(self: AIOKafkaConsumerThread) -> Any:
        await asyncio.sleep(1.3)
        return await lookup(self)

    AIOKafkaConsumerThread.seek_to_committed = slow  # type: ignore[method-assign]


if __name__ == "__main__":
    if os.environ.get("SLOW") == "1":
        slow_down()
    app = make_app()
    if isinstance(app, ReliableApp):
        Stage(app, "read", [SOURCE], read, table="kept", partitions=PARTITIONS)
    else:
        stock(app)
    run(app)
