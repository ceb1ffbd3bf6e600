"""Which lookups are to be asked, read from the tables of this worker's partitions.

The table is the queue: however many lookups wait, only those that are being asked are
in memory. A crash forgets who is being asked, and they are asked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from idweave_graph.ids import BusinessId, ScopedId
from idweave_graph.lookups import Lookup
from idweave_streams.tables import LookupTable


@dataclass(frozen=True, slots=True)
class DueLookup:
    """A lookup to be asked now, and the partition it belongs to."""

    partition: int
    lookup: Lookup


class DueBoard:
    """Hands out due lookups, each to one asker at a time."""

    def __init__(self) -> None:
        self._tables: dict[int, LookupTable] = {}
        # When to look into the table again. Where nothing waits, nothing stands here.
        self._wake_ms: dict[BusinessId, dict[int, int]] = {}
        self._asked: dict[ScopedId, DueLookup] = {}

    def assign(self, partition: int, table: LookupTable) -> None:
        """Take up the partition whose lookups are in *table*, in whatever state."""
        self._tables[partition] = table
        for business in table.waiting_businesses():
            self._wake(business, partition, 0)

    def revoke(self, partition: int) -> None:
        """Forget the partition; it is somebody else's now."""
        self._tables.pop(partition, None)
        for business, by_partition in list(self._wake_ms.items()):
            by_partition.pop(partition, None)
            if not by_partition:
                del self._wake_ms[business]
        self._asked = {
            scoped: due
            for scoped, due in self._asked.items()
            if due.partition != partition
        }

    def changed(self, partition: int, after: Lookup, before: Lookup | None) -> None:
        """Take notice of a written lookup: it is answered, or to be asked again.

        A lookup that is being asked stays so if the change says nothing of asking,
        like a token that came with an event meanwhile.
        """
        if partition not in self._tables:
            return
        if before is not None and _asking(before) == _asking(after):
            return
        self._asked.pop(after.seen.id, None)
        if after.is_open:
            self._wake(after.business, partition, after.due_ms)

    def due_businesses(self, now_ms: int) -> list[BusinessId]:
        """List the businesses for which something may be due."""
        return [
            business
            for business, by_partition in self._wake_ms.items()
            if any(due_ms <= now_ms for due_ms in by_partition.values())
        ]

    def take(self, business: BusinessId, now_ms: int, limit: int) -> list[DueLookup]:
        """Take up to *limit* due lookups of *business*; nobody else gets them.

        A partition that has given some stands behind the others the next time.
        """
        taken: list[DueLookup] = []
        waiting = self._wake_ms.pop(business, {})
        for partition, due_ms in list(waiting.items()):
            if due_ms > now_ms or len(taken) >= limit:
                continue
            del waiting[partition]
            room = limit - len(taken)
            found, next_ms = self._take_from(partition, business, now_ms, room)
            taken += found
            if next_ms is not None:
                waiting[partition] = next_ms
        if waiting:
            self._wake_ms[business] = waiting
        return taken

    def give_back(self, lookups: Iterable[DueLookup]) -> None:
        """Let lookups that were taken but not asked be taken again.

        One that has changed since it was taken is left to whoever has it now.
        """
        for due in lookups:
            if self._asked.get(due.lookup.seen.id) is due:
                del self._asked[due.lookup.seen.id]
                self._wake(due.lookup.business, due.partition, due.lookup.due_ms)

    def _wake(self, business: BusinessId, partition: int, due_ms: int) -> None:
        by_partition = self._wake_ms.setdefault(business, {})
        by_partition[partition] = min(due_ms, by_partition.get(partition, due_ms))

    def _take_from(
        self, partition: int, business: BusinessId, now_ms: int, limit: int
    ) -> tuple[list[DueLookup], int | None]:
        """Return what was taken, and when to look again; None if nothing waits."""
        table = self._tables[partition]
        taken: list[DueLookup] = []
        for due_ms, scoped in table.due(business):
            if scoped in self._asked:
                continue
            if due_ms > now_ms or len(taken) >= limit:
                return taken, due_ms
            lookup = table.lookup(scoped)
            if lookup is not None:
                due = self._asked[scoped] = DueLookup(partition, lookup)
                taken.append(due)
        return taken, None


def _asking(lookup: Lookup) -> tuple[object, ...]:
    return (lookup.seen, lookup.phase, lookup.attempts, lookup.due_ms)
