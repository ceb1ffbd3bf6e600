"""Where an id may stand, and what each of these places has of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from idweave_streams.erasing.needle import Needle


class Kind(StrEnum):
    """What a place is, and with it what is to be done where an id is left in it."""

    TABLE = "table"
    COMPACTED = "compacted"
    """A topic that keeps the last record of each key."""
    LOG = "log"
    """A topic that keeps every record for a while."""
    SNAPSHOT = "snapshot"
    DATA_DIR = "data-dir"
    READ_MODEL = "read-model"
    JOURNAL = "journal"
    """What `migrate-asids` remembers. It names users only, not whose they are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How many records of one place hold the id, by how long they will."""

    kind: Kind
    place: str
    stands: int = 0
    """Until something is done about it."""
    until_compaction: int = 0
    """They are out of effect, and the broker removes them when it compacts."""
    until_retention: int = 0
    """The broker removes them when their time is over."""
    until_rewriting: int = 0
    """They are in no answer, and `idweave api` removes them from its files."""
    rewritten_ms: int | None = None
    """By when, if it runs; None: not known yet."""


@dataclass(slots=True)
class CompactedFold:
    """Takes the records of a topic that keeps the last one of each key."""

    needle: Needle
    count: int = 0
    latest: set[tuple[int, bytes | None]] = field(default_factory=set)
    """Partition and key of what holds the id and is in effect."""

    def take(self, partition: int, records: Sequence[Any]) -> None:
        """Take over records of one partition, in order."""
        for record in records:
            place = (partition, record.key)
            is_in = self.needle.is_in_record(record.key, record.value, record.headers)
            self.count += is_in
            if is_in and record.value is not None:
                self.latest.add(place)
            else:
                self.latest.discard(place)

    @property
    def outdated(self) -> int:
        """How many records hold the id, and stand for nothing any more."""
        return self.count - len(self.latest)


@dataclass(slots=True)
class LogFold:
    """Takes the records of a topic that keeps all of them for a while."""

    needle: Needle
    count: int = 0

    def take(self, _: int, records: Iterable[Any]) -> None:
        """Take over records of one partition."""
        for record in records:
            self.count += self.needle.is_in_record(
                record.key, record.value, record.headers
            )
