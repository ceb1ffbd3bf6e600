"""Which offset may be committed: never one past a record that is still in work.

Every record is entered here when it is taken from the client, in log order and before
anybody can handle it. Holes in the log (compaction, transaction markers) are never
entered, so they need no treatment.
"""

from collections import deque
from collections.abc import Iterable


class OffsetTracker:
    """Records of one topic-partition that were handed out, and what came back."""

    __slots__ = ("_acked", "_bytes", "_delivered", "_last", "_next")

    def __init__(self) -> None:
        self._delivered: deque[tuple[int, int]] = deque()  # (offset, size)
        self._acked: set[int] = set()
        self._bytes = 0
        self._last = -1
        self._next: int | None = None

    def deliver(self, offset: int, size_bytes: int = 0) -> bool:
        """Enter a record; False, and no change, if it was entered before."""
        if offset <= self._last:
            return False
        self._last = offset
        self._delivered.append((offset, size_bytes))
        self._bytes += size_bytes
        return True

    def ack(self, offsets: Iterable[int]) -> None:
        """Mark single records as done, in any order; unknown ones are ignored."""
        if not self._delivered:
            return
        head = self._delivered[0][0]
        self._acked.update(o for o in offsets if head <= o <= self._last)
        while self._delivered and self._delivered[0][0] in self._acked:
            self._acked.discard(self._pop())

    def release(self, through: int) -> None:
        """Mark every record up to and with ``through`` as done."""
        while self._delivered and self._delivered[0][0] <= through:
            self._acked.discard(self._pop())
        self.ack(())

    @property
    def committable(self) -> int | None:
        """Offset to resume at: after the last record before the oldest unfinished one.

        None as long as nothing was finished.
        """
        return self._next

    @property
    def resume_at(self) -> int | None:
        """Oldest offset that is not finished, or None if all delivered ones are."""
        return self._delivered[0][0] if self._delivered else None

    @property
    def outstanding(self) -> int:
        """How many records are handed out and not yet finished."""
        return len(self._delivered)

    @property
    def outstanding_bytes(self) -> int:
        """Sum of their sizes."""
        return self._bytes

    def _pop(self) -> int:
        offset, size_bytes = self._delivered.popleft()
        self._bytes -= size_bytes
        self._next = offset + 1
        return offset
