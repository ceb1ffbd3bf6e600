"""Keeps each key once, with large values; notes how far it commits.

With FAULT=commit stock dies right after a commit that covers a changelog record which
the broker has not acknowledged. Ours has no such moment, so it can't look for one.
"""

from typing import Any

import faust
from faust.types import FutureMessage

from idweave_streams.reliable import ReliableApp

from .common import FAULT, PARTITIONS, SOURCE, die_once, make_app, raw_topic, run
from .keeping import ours


class WatchedTable(faust.Table[bytes, bytes]):
    """Remembers which input offsets have changelog records on their way."""

    underway: dict[int, FutureMessage]

    def send_changelog(self, *args: Any, **kwargs: Any) -> FutureMessage:
        """Send, and remember."""
        future: FutureMessage = super().send_changelog(*args, **kwargs)
        event = faust.current_event()
        assert event is not None
        self.underway[event.message.offset] = future
        return future


def stock(app: faust.App) -> None:
    """Each key once into the table; a commit is checked against what is underway."""
    table = WatchedTable(
        app, name="kept", key_type=bytes, value_type=bytes, partitions=PARTITIONS
    )
    table.underway = {}
    app.tables.add(table)

    async def agent(stream: Any) -> None:
        async for key, value in stream.items():
            if key not in table:
                table[key] = value

    app.agent(raw_topic(app, SOURCE), name="keep")(agent)
    driver: Any = app.transport.Consumer
    commit = driver._commit

    async def watched(self: Any, offsets: Any) -> bool:
        covered = [
            future
            for tp, end in offsets.items()
            for offset, future in table.underway.items()
            if tp.topic == SOURCE and offset < end
        ]
        is_done: bool = await commit(self, offsets)
        if is_done and FAULT == "commit" and any(not f.done() for f in covered):
            die_once()
        return is_done

    driver._commit = watched


if __name__ == "__main__":
    app = make_app()
    if isinstance(app, ReliableApp):
        ours(app)
    else:
        stock(app)
    run(app)
