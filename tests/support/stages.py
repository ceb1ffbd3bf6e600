"""Runs the handler of a stage on records: no engine, no broker, nothing but the unit."""

from collections.abc import Callable, Iterable, Sequence

from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.secret import Secret
from idweave_streams.dead_letters import PREFIX
from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.topics import TopicNames

NAMES = TopicNames.build()
KEY = ErasureKey(Secret("0123456789abcdef" * 4))
"""Erasures are remembered, as the core alone does."""
PARTITIONS = 8

Handle = Callable[[Unit, Sequence[Record]], None]


def record(
    topic: str, value: bytes | None, offset: int = 0, *, partition: int = 0
) -> Record:
    """One input record with a key and a header, which must not be lost."""
    headers = (("trace", b"\x00\xff"),)
    return Record(topic, partition, offset, 1_000 + offset, b"key", value, headers)


def handled(
    handle: Handle,
    records: Sequence[Record],
    table: LocalTable | None = None,
    partition: int = 0,
) -> Unit:
    """The unit after *handle* has seen *records*; nothing has taken effect yet."""
    unit = Unit(partition, LocalTable() if table is None else table)
    handle(unit, records)
    return unit


def committed(
    handle: Handle, records: Sequence[Record], table: LocalTable, partition: int = 0
) -> Unit:
    """The unit after its changes were stored and its actions carried out."""
    unit = handled(handle, records, table, partition)
    table.write(unit.changes)
    for action in unit.actions:
        action()
    return unit


def sent(unit: Unit, topic: str) -> list[Output]:
    """What goes to one topic, in order."""
    return [output for output in unit.outputs if output.topic == topic]


def values(outputs: Iterable[Output]) -> list[bytes]:
    """The values of outputs that have one."""
    return [output.value for output in outputs if output.value is not None]


def letters(unit: Unit) -> list[tuple[str, int]]:
    """Code and count of each dead letter, in order."""
    headers = [dict(output.headers) for output in sent(unit, NAMES.dead_letters)]
    return [
        (each[f"{PREFIX}code"].decode(), int(each[f"{PREFIX}count"]))
        for each in headers
    ]


def latest(outputs: Iterable[Output]) -> dict[bytes | None, bytes]:
    """What a compacted topic comes down to: the last value of each key."""
    found: dict[bytes | None, bytes] = {}
    for output in outputs:
        if output.value is None:
            found.pop(output.key, None)
        else:
            found[output.key] = output.value
    return found


def chunks(records: Sequence[Record], sizes: Sequence[int]) -> list[Sequence[Record]]:
    """*records* in pieces of *sizes*, and the rest in one."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append(records[at : at + size])
        at += size
    return [piece for piece in (*pieces, records[at:]) if piece]
