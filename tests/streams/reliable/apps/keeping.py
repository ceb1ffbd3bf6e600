"""Keeps each key once: a new key goes into the table and is announced, an old one not.

An idempotent handler, as is often said to be enough. FAULT names where it dies.
"""

from collections.abc import Sequence
from typing import Any

import faust

from idweave_streams.reliable import Output, Record, ReliableApp, Stage, Unit
from idweave_streams.reliable.commit import Commit

from .common import (
    FAULT,
    IS_OURS,
    PARTITIONS,
    SOURCE,
    TARGET,
    die_after,
    die_once,
    make_app,
    raw_topic,
    run,
)

# Each unit has ten records, so the second unit has others before and after it.
OUR_FAULTS = {
    "computed": (Commit, "_prepare"),
    "sent": (Commit, "_send_outputs"),
    "logged": (Commit, "_write_changelog"),
    "stored": (Commit, "_write_locally"),
    "released": (Commit, "_release"),
}


def keep(unit: Unit, records: Sequence[Record]) -> None:
    """Keep and announce what is new."""
    for record in records:
        assert record.key is not None
        if unit.get(record.key) is None:
            unit.put(record.key, record.value or b"")
            unit.send(Output(TARGET, record.key, record.value))


def ours(app: ReliableApp) -> None:
    """The stage."""
    if FAULT in OUR_FAULTS:
        owner, method = OUR_FAULTS[FAULT]
        die_after(owner, method, calls=2)
    Stage(app, "keep", [SOURCE], keep, table="kept", max_records=10)


def stock(app: faust.App) -> None:
    """The same as a plain Faust agent."""
    table: Any = app.Table(
        "kept", key_type=bytes, value_type=bytes, partitions=PARTITIONS
    )
    source, target = raw_topic(app, SOURCE), raw_topic(app, TARGET)
    written = 0

    async def agent(stream: Any) -> None:
        nonlocal written
        async for key, value in stream.items():
            if key not in table:
                table[key] = value
                written += 1
                if FAULT == "written" and written == 15:
                    die_once()
                await target.send(key=key, value=value)

    app.agent(source, name="keep")(agent)


if __name__ == "__main__":
    app = make_app()
    if IS_OURS:
        assert isinstance(app, ReliableApp)
        ours(app)
    else:
        stock(app)
    run(app)
