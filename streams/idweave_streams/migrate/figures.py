"""How far a migration is, in numbers that name nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from idweave_graph.messages import LogMessage, Refused
from idweave_streams.migrate.journal import Batch


@dataclass(slots=True)
class Figures:
    """Counts of one migration, those of earlier runs included where they say `so far`."""

    read: int = 0
    """Entries of the input, in this run."""
    repeated: int = 0
    """Of these, ids that had an answer already, or stood twice in one call."""
    calls: int = 0
    mapped: int = 0
    """So far."""
    aside: int = 0
    """So far: neither mapped nor asked for again."""
    refused: int = 0
    """Pairs that may not be linked, in this run."""
    published: int = 0
    """Pairs that became evidence, in this run."""
    quota: int = 0
    days_left: int | None = None
    waiting_s: float = 0.0
    """How long nothing is asked from now on, because the platform wants it so."""

    @property
    def quota_left(self) -> int:
        """How many ids may still be converted."""
        return self.quota - self.mapped

    def know(self, batch: Batch) -> None:
        """Count what is in the journal."""
        self.mapped += len(batch.pairs)
        self.aside += len(batch.aside)

    def count(self, messages: Sequence[LogMessage]) -> None:
        """Count what was published."""
        refused = sum(isinstance(each, Refused) for each in messages)
        self.refused += refused
        self.published += len(messages) - refused

    def counts(self) -> Iterator[tuple[str, int | None]]:
        """Yield every count by its name."""
        yield "read", self.read
        yield "repeated", self.repeated
        yield "mapped", self.mapped
        yield "set aside", self.aside
        yield "published", self.published
        yield "refused", self.refused
        yield "calls", self.calls
        yield "quota left", self.quota_left
        yield "days left", self.days_left

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield what a person wants to see."""
        for name, count in self.counts():
            if count is not None:
                yield name, f"{count:,}"
        if self.waiting_s:
            yield "waiting", f"{self.waiting_s:.0f} s"
