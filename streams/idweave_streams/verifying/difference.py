"""One place where two copies differ, without anybody's id but the person's."""

from collections import Counter
from dataclasses import dataclass, field

from idweave_graph.ids import BusinessId
from idweave_graph.person import PersonId

KEPT = 100
"""So many differences of each source are told one by one; all are counted."""

TABLES = "tables"
PERSONS = "persons topic"
ALIASES = "aliases topic"
REPLAY = "replay"
SNAPSHOT = "snapshot"
STORE = "store"
READ_MODEL = "read model"

MISSING = "is in the tables alone"
EXTRA = "is not in the tables"
ALTERED = "is not as in the tables"


@dataclass(frozen=True, slots=True)
class Difference:
    """What *source* says otherwise than the tables do."""

    source: str
    business: BusinessId | None
    kind: str
    """What it is about: `person`, `alias`, `member`, `ban`, a file, ..."""
    what: str
    person: PersonId | None = None
    place: str = ""
    """A file or partition, where that helps."""

    @property
    def order(self) -> tuple[str, str, str]:
        """Sort key within a source."""
        return (self.business or "", self.person or "", self.kind)

    def __str__(self) -> str:
        of = f" of business {self.business}" if self.business is not None else ""
        whose = f" {self.person}" if self.person is not None else ""
        if self.kind not in {"person", "file"} and self.person is not None:
            whose = f" (person {self.person})"
        where = f" [{self.place}]" if self.place else ""
        return f"{self.source}{where}: {self.kind}{whose}{of} {self.what}"


@dataclass(slots=True)
class Findings:
    """All that differs, source by source, in the order in which they were looked at."""

    counts: Counter[str] = field(default_factory=Counter)
    """By source."""
    told: dict[str, list[Difference]] = field(default_factory=dict)
    touched: set[tuple[str, BusinessId | None]] = field(default_factory=set)
    """Which source differs about which business."""

    def add(self, found: Difference) -> None:
        """Take over one difference."""
        self.counts[found.source] += 1
        self.touched.add((found.source, found.business))
        kept = self.told.setdefault(found.source, [])
        if len(kept) < KEPT:
            kept.append(found)

    @property
    def total(self) -> int:
        """How many there are."""
        return self.counts.total()

    def all(self) -> list[Difference]:
        """Return those that are kept, each source's by business and person."""
        return [
            each
            for found in self.told.values()
            for each in sorted(found, key=lambda difference: difference.order)
        ]
