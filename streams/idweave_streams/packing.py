"""Several internal messages in one Kafka record, so that they share its cost.

Messages for one key stay in the order in which they were added.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar

from idweave_streams.reliable import partition_for

T = TypeVar("T")
K = TypeVar("K", str, int)

MESSAGES_PER_RECORD = 200
"""About 60 KiB if they are of usual size."""
RECORD_BYTES = 512 * 1024
"""More is spread over several records: the producer's record batch takes 900 KiB."""


def partition_of(key: str, partitions: int) -> int:
    """Return the partition of *key*, as Kafka's own Java clients place it."""
    return partition_for(key.encode(), partitions)


class Packer(Generic[K, T]):
    """Gathers messages by key and gives them back in records' worth."""

    def __init__(self) -> None:
        self._by_key: dict[K, list[T]] = {}

    def add(self, key: K, message: T) -> None:
        """Put *message* behind all others of *key*."""
        self._by_key.setdefault(key, []).append(message)

    def records(
        self, encode: Callable[[Iterable[T]], bytes]
    ) -> Iterator[tuple[K, bytes]]:
        """Yield (key, value) of each record."""
        for key, messages in self._by_key.items():
            remaining = iter(messages)
            while chunk := list(islice(remaining, MESSAGES_PER_RECORD)):
                for value in _values(chunk, encode):
                    yield key, value


def _values(
    messages: Sequence[T], encode: Callable[[Iterable[T]], bytes]
) -> Iterator[bytes]:
    """Encode *messages* in order, halved until each value is small or holds but one."""
    value = encode(messages)
    if len(value) <= RECORD_BYTES or len(messages) == 1:
        yield value
        return
    middle = len(messages) // 2
    yield from _values(messages[:middle], encode)
    yield from _values(messages[middle:], encode)
