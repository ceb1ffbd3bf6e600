"""Forwards each record; some outputs are refused by the broker as too large."""

from collections.abc import Sequence
from typing import Any

from idweave_streams.reliable import Output, Record, ReliableApp, Stage, Unit

from .common import SOURCE, TARGET, make_app, note, raw_topic, run


def forward(unit: Unit, records: Sequence[Record]) -> None:
    """Pass records on."""
    for record in records:
        unit.send(Output(TARGET, record.key, record.value))


def main() -> None:
    """Run it."""
    app = make_app()
    if isinstance(app, ReliableApp):
        Stage(app, "forward", [SOURCE], forward, table=None)
    else:
        target = raw_topic(app, TARGET)

        async def agent(stream: Any) -> None:
            async for key, value in stream.items():
                await target.send(key=key, value=value)
                note("sent")

        app.agent(raw_topic(app, SOURCE), name="forward")(agent)
    run(app)


if __name__ == "__main__":
    main()
