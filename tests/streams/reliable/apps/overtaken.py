"""Counts as `counting` does, but stands still as its second changelog batch is to go.

FAULT=sending: just before the batch is on its way, as in a slow connect to the broker.
"""

import os
import signal
from typing import Any

from aiokafka.producer.sender import Sender

from idweave_streams.reliable import ReliableApp, Stage

from .common import FAULT, PARTITIONS, SOURCE, make_app, note, run
from .counting import count

_send = Sender._send_produce_req
_batches = 0


async def stand_still(self: Any, node: Any, batches: Any) -> None:
    """Stop at the second changelog batch, until the test lets us go on."""
    global _batches  # noqa: PLW0603
    _batches += any(tp.topic.endswith("-changelog") for tp in batches)
    if _batches == 2 and FAULT == "sending":
        _batches += 1
        note("stands still")
        os.kill(os.getpid(), signal.SIGSTOP)
    await _send(self, node, batches)


if __name__ == "__main__":
    Sender._send_produce_req = stand_still
    app = make_app()
    assert isinstance(app, ReliableApp)
    Stage(
        app,
        "count",
        [SOURCE],
        count,
        table="kept",
        partitions=PARTITIONS,
        max_records=10,
    )
    run(app)
