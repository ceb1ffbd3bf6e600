"""What an export is to hold, in which forms, and who is told how far it is."""

from dataclasses import dataclass
from typing import Protocol

from idweave_adapters.snapshots.formats import VERSIONS
from idweave_adapters.snapshots.pseudonyms import Pseudonyms
from idweave_graph.ids import BusinessId

JSONL = "jsonl"
"""Lines of JSON: the only format from which the tables can be made again."""
JSONL_VERSION = 1
FORMATS = (JSONL, *VERSIONS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to write."""

    formats: tuple[str, ...] = (JSONL,)
    businesses: tuple[BusinessId, ...] = ()
    """None named: all."""
    pseudonyms: Pseudonyms | None = None

    @property
    def with_tables(self) -> bool:
        """The tables themselves are written too; they hold all, under real names."""
        is_all = not self.businesses and self.pseudonyms is None
        return JSONL in self.formats and is_all

    @property
    def versions(self) -> dict[str, int]:
        """Which version of each format is written."""
        known = {JSONL: JSONL_VERSION, **VERSIONS}
        return {name: known[name] for name in FORMATS if name in self.formats}


class Watch(Protocol):
    """Is told how far the writing is."""

    def begin(self, what: str, total: int | None) -> None:
        """Something is being written, of so many steps if that is known."""

    def step(self) -> None:
        """One of them is done."""


class Unwatched:
    """Tells nobody."""

    def begin(self, what: str, total: int | None) -> None:
        """Pass over it."""

    def step(self) -> None:
        """Pass over it."""
