"""What the read model is made from: records of the output topics."""

from dataclasses import dataclass
from enum import StrEnum

from idweave_adapters.errors import AdapterError


class Source(StrEnum):
    """The output topics, by what they hold; a deployment may name them otherwise."""

    PERSONS = "persons"
    ALIASES = "aliases"
    EVENTS = "events"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a topic. Its key and value name people, so neither is shown."""

    source: Source
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    """None is a tombstone."""

    def __repr__(self) -> str:
        return f"Entry({self.source}-{self.partition}-{self.offset})"


Place = tuple[Source, int]
"""One partition of a topic."""


class ReadModelError(AdapterError):
    """The read model can't go on. The text says what to do, and holds no id."""


class UnreadableEntryError(ReadModelError):
    """A record is not as its schema says. Nothing of its batch was taken over."""

    def __init__(self, entry: Entry) -> None:
        place = f"record {entry.offset} of partition {entry.partition}"
        super().__init__(
            f"{place} of the {entry.source} topic can't be read: find out who else "
            "writes there, or use the idweave that has written it"
        )
