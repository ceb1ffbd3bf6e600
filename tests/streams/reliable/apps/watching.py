"""Notes when its stage's callbacks are called; two source topics, one table."""

import asyncio
from collections.abc import Sequence
from functools import partial

from idweave_streams.reliable import Output, Record, ReliableApp, Stage, Unit

from .common import FAULT, PREFIX, SOURCE, TARGET, make_app, note, run


def watch(unit: Unit, records: Sequence[Record]) -> None:
    """Remember the last value of each key."""
    for record in records:
        assert record.key is not None
        assert record.value is not None
        unit.put(b"last:" + record.key, record.value)
        unit.afterwards(partial(note, f"afterwards:{record.key.decode()}"))


def main() -> None:
    """Run it."""
    app = make_app()
    assert isinstance(app, ReliableApp)
    is_open = asyncio.Event()

    async def gate() -> None:
        if FAULT == "shut":
            await is_open.wait()

    def assigned(partitions: frozenset[int]) -> None:
        note(f"assigned:{sorted(partitions)}")
        for partition in partitions:
            for key, value in stage.state(partition).scan(b"last:"):
                note(f"found:{key.decode()}={value.decode()}")

    stage = Stage(
        app,
        "watch",
        [SOURCE, f"{PREFIX}in2"],
        watch,
        table="kept",
        assigned=assigned,
        revoked=lambda partitions: note(f"revoked:{sorted(partitions)}"),
        committed=lambda partition: note(f"committed:{partition}"),
        gate=gate,
    )

    async def announce() -> None:
        await app.outbox.publish([Output(TARGET, b"hello", b"from a task")])

    app.task(announce)
    run(app)


if __name__ == "__main__":
    main()
