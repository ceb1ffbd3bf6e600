"""Counts records per key and announces each count. FAULT chooses how it misbehaves."""

import os
from collections.abc import Sequence

from idweave_streams.reliable import Output, Record, ReliableApp, Stage, Unit

from .common import FAULT, PARTITIONS, SOURCE, TARGET, make_app, run

BLOB = b"b" * 1000


def count(unit: Unit, records: Sequence[Record]) -> None:
    """Count, and announce."""
    for record in records:
        assert record.key is not None
        if record.value == b"poison":
            raise ValueError(f"secret of {record.key.decode()}")
        count = int(unit.get(record.key) or 0) + 1
        unit.put(record.key, str(count).encode())
        unit.send(Output(TARGET, record.key, str(count).encode()))
        if record.value == b"large":  # about 200 kB of state each: four fit a batch
            for i in range(200):
                unit.put(b"%s-%d" % (record.key, i), BLOB)
        if record.value == b"huge":
            unit.put(record.key + b"-huge", BLOB * 1000)


def main() -> None:
    """Run it."""
    app = make_app()
    assert isinstance(app, ReliableApp)
    if FAULT == "other-table-count":
        Stage(app, "count", [SOURCE], count, table="kept", partitions=PARTITIONS + 1)
    else:
        Stage(app, "count", [SOURCE], count, table="kept", partitions=PARTITIONS)
    run(app)


if __name__ == "__main__":
    os.environ.setdefault("FLAVOUR", "ours")
    main()
