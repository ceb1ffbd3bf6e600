"""What goes in and what comes out: plain values, raw bytes, no Faust."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One input record as the broker stores it."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @classmethod
    def of(cls, raw: Any) -> "Record":
        """Return one of aiokafka's records."""
        return cls(
            raw.topic,
            raw.partition,
            raw.offset,
            raw.timestamp,
            raw.key,
            raw.value,
            tuple(raw.headers),
        )

    @property
    def size_bytes(self) -> int:
        """About what the record costs in memory and on the wire."""
        return len(self.key or b"") + len(self.value or b"")


@dataclass(frozen=True, slots=True)
class Output:
    """One output record.

    Without ``partition`` it goes where Kafka's default partitioner (murmur2 of the key)
    puts it. Give ``timestamp_ms`` from the input where a replay must be byte-identical;
    without it the record gets the time of sending.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive records of one topic-partition, in offset order, never empty.

    ``generation`` names the group assignment under which they were read: under any
    other one they belong to nobody and are dropped unacked.
    """

    topic: str
    partition: int
    generation: int
    records: Sequence[Record]

    @property
    def last_offset(self) -> int:
        """Offset of the last record."""
        return self.records[-1].offset
