"""Which lookups are to be asked, read from the tables of this worker's partitions.

The table is the queue: however many lookups wait, only those that are being asked are
in memory. A crash forgets who is being asked, and they are asked again. Those of one
asset stand in a lane of their own, so that none waits behind another asset's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from idweave_graph.ids import ScopedId
from idweave_graph.lookups import Lookup
from idweave_streams.tables import Lane, LookupTable

Place = tuple[int, ScopedId]
"""Where a lookup stands in its lane: its due time, then its id."""


@dataclass(frozen=True, slots=True)
class DueLookup:
    """A lookup to be asked now, and the partition it belongs to."""

    partition: int
    lookup: Lookup

    @property
    def lane(self) -> Lane:
        """The lane it stands in."""
        return Lane.of(self.lookup)


@dataclass(slots=True)
class _Queue:
    """What waits in one lane of one partition."""

    wake_ms: int
    """When to look into the table again."""
    start: Place | None
    """Nobody who is not being asked stands before this; None is the beginning."""


class DueBoard:
    """Hands out due lookups, each to one asker at a time."""

    def __init__(self) -> None:
        self._tables: dict[int, LookupTable] = {}
        # Where nothing waits, nothing stands here.
        self._waiting: dict[Lane, dict[int, _Queue]] = {}
        self._asked: dict[ScopedId, DueLookup] = {}

    def assign(self, partition: int, table: LookupTable) -> None:
        """Take up the partition whose lookups are in *table*, in whatever state."""
        self._tables[partition] = table
        for lane in table.waiting_lanes():
            self._waiting.setdefault(lane, {})[partition] = _Queue(0, None)

    def revoke(self, partition: int) -> None:
        """Forget the partition; it is somebody else's now."""
        self._tables.pop(partition, None)
        for lane, queues in list(self._waiting.items()):
            queues.pop(partition, None)
            if not queues:
                del self._waiting[lane]
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
            self._wake(DueLookup(partition, after))

    def due_lanes(self, now_ms: int) -> list[Lane]:
        """List the lanes in which something may be due; the last served stand last."""
        return [
            lane
            for lane, queues in self._waiting.items()
            if any(queue.wake_ms <= now_ms for queue in queues.values())
        ]

    def put_off(self, lane: Lane, until_ms: int) -> None:
        """Leave *lane* out of the due ones for a while, unless something new comes.

        Thousands of lanes may be held or stopped; they are not looked at all the time.
        """
        for queue in self._waiting.get(lane, {}).values():
            queue.wake_ms = max(queue.wake_ms, until_ms)

    def take(self, lane: Lane, now_ms: int, limit: int) -> list[DueLookup]:
        """Take up to *limit* due lookups of *lane*; nobody else gets them.

        A partition that has given some stands behind the others the next time.
        """
        taken: list[DueLookup] = []
        queues = self._waiting.pop(lane, {})
        for partition, queue in list(queues.items()):
            if queue.wake_ms > now_ms or len(taken) >= limit:
                continue
            del queues[partition]
            room = limit - len(taken)
            found, rest = self._take_from(partition, lane, queue, now_ms, room)
            taken += found
            if rest is not None:
                queues[partition] = rest
        if queues:
            self._waiting[lane] = queues
        return taken

    def give_back(self, lookups: Iterable[DueLookup]) -> None:
        """Let lookups that were taken but not asked be taken again.

        One that has changed since it was taken is left to whoever has it now.
        """
        for due in lookups:
            if self._asked.get(due.lookup.seen.id) is due:
                del self._asked[due.lookup.seen.id]
                self._wake(due)

    def _wake(self, due: DueLookup) -> None:
        queues = self._waiting.setdefault(due.lane, {})
        due_ms, place = due.lookup.due_ms, (due.lookup.due_ms, due.lookup.seen.id)
        queue = queues.setdefault(due.partition, _Queue(due_ms, place))
        queue.wake_ms = min(queue.wake_ms, due_ms)
        if queue.start is not None and _order(place) < _order(queue.start):
            queue.start = place

    def _take_from(
        self, partition: int, lane: Lane, queue: _Queue, now_ms: int, limit: int
    ) -> tuple[list[DueLookup], _Queue | None]:
        """Return what was taken, and what still waits; None if nothing does."""
        table = self._tables[partition]
        taken: list[DueLookup] = []
        for due_ms, scoped in table.due(lane, queue.start):
            if scoped in self._asked:
                continue
            if due_ms > now_ms or len(taken) >= limit:
                return taken, _Queue(due_ms, (due_ms, scoped))
            lookup = table.lookup(scoped)
            if lookup is not None:
                due = self._asked[scoped] = DueLookup(partition, lookup)
                taken.append(due)
        return taken, None


def _order(place: Place) -> tuple[int, bytes]:
    """As the table orders its keys."""
    return place[0], place[1].user.encode()


def _asking(lookup: Lookup) -> tuple[object, ...]:
    return (lookup.seen, lookup.phase, lookup.attempts, lookup.due_ms)
