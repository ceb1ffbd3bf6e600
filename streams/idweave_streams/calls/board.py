"""Which lookups are to be asked, read from the tables of this worker's partitions.

The table is the queue: however many lookups wait, only those that are being asked are
in memory. A crash forgets who is being asked, and they are asked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from idweave_graph.ids import BusinessId, ScopedId
from idweave_graph.lookups import Lookup
from idweave_streams.tables import LookupTable

NEVER_MS = 1 << 62


@dataclass(frozen=True, slots=True)
class DueLookup:
    """A lookup to be asked now, and the partition it belongs to."""

    partition: int
    lookup: Lookup


class DueBoard:
    """Hands out due lookups, each to one asker at a time."""

    def __init__(self) -> None:
        self._tables: dict[int, LookupTable] = {}
        self._wake: dict[BusinessId, dict[int, int]] = {}
        self._asked: dict[ScopedId, int] = {}

    def assign(self, partition: int, table: LookupTable) -> None:
        """Take up the partition whose lookups are in *table*, in whatever state."""
        self._tables[partition] = table
        for business in table.waiting_businesses():
            self._wake.setdefault(business, {})[partition] = 0

    def revoke(self, partition: int) -> None:
        """Forget the partition; it is somebody else's now."""
        self._tables.pop(partition, None)
        for by_partition in self._wake.values():
            by_partition.pop(partition, None)
        self._asked = {k: p for k, p in self._asked.items() if p != partition}

    def changed(self, partition: int, after: Lookup, before: Lookup | None) -> None:
        """Take notice of a written lookup: it is answered, or to be asked again.

        A lookup that is being asked stays so if the change says nothing of asking,
        like a token that came with an event meanwhile.
        """
        if before is not None and _asking(before) == _asking(after):
            return
        self._asked.pop(after.seen.id, None)
        if after.is_open:
            by_partition = self._wake.setdefault(after.business, {})
            due = by_partition.get(partition, NEVER_MS)
            by_partition[partition] = min(due, after.due_ms)

    def due_businesses(self, now_ms: int) -> list[BusinessId]:
        """List the businesses for which something may be due."""
        return [
            business
            for business, by_partition in self._wake.items()
            if any(due_ms <= now_ms for due_ms in by_partition.values())
        ]

    def take(self, business: BusinessId, now_ms: int, limit: int) -> list[DueLookup]:
        """Take up to *limit* due lookups of *business*; nobody else gets them."""
        taken: list[DueLookup] = []
        by_partition = self._wake.get(business, {})
        for partition, due_ms in sorted(by_partition.items()):
            if due_ms > now_ms or len(taken) >= limit:
                continue
            found, by_partition[partition] = self._take_from(
                partition, business, now_ms, limit - len(taken)
            )
            taken += found
        return taken

    def give_back(self, lookups: Iterable[DueLookup]) -> None:
        """Let lookups that were taken but not asked be taken again."""
        for due in lookups:
            if self._asked.pop(due.lookup.seen.id, None) is not None:
                by_partition = self._wake.setdefault(due.lookup.business, {})
                by_partition[due.partition] = 0

    def _take_from(
        self, partition: int, business: BusinessId, now_ms: int, limit: int
    ) -> tuple[list[DueLookup], int]:
        table = self._tables[partition]
        taken: list[DueLookup] = []
        for due_ms, scoped in table.due(business):
            if due_ms > now_ms:
                return taken, due_ms
            if scoped in self._asked:
                continue
            if len(taken) >= limit:
                return taken, due_ms
            lookup = table.lookup(scoped)
            if lookup is None:
                continue
            self._asked[scoped] = partition
            taken.append(DueLookup(partition, lookup))
        return taken, NEVER_MS


def _asking(lookup: Lookup) -> tuple[object, ...]:
    return (lookup.seen, lookup.phase, lookup.attempts, lookup.due_ms)
