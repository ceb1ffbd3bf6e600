"""The overlay that a handler computes against. Nothing here has a side effect."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from .errors import WrongUse
from .records import Output

# Keys that belong to the machinery, in the same file as the handler's keys:
# Faust's changelog offset, and our progress record.
FAUST_PREFIX = b"__faust\0"
OWN_PREFIX = b"__reliable\0"
RESERVED = (FAUST_PREFIX, OWN_PREFIX)


class Readable(Protocol):
    """One partition of a table, as it is stored."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        ...

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with ``prefix``, ordered by key.

        Those before ``start`` are left out, and cost nothing.
        """
        ...


class NoTable:
    """The state of a stage that has no table: every read is a mistake."""

    def get(self, key: bytes) -> bytes | None:
        """Refuse."""
        raise WrongUse("this stage has no table; give it one with table=")

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Refuse."""
        raise WrongUse("this stage has no table; give it one with table=")


class Unit:
    """What one run of the handler read, wants written and wants sent.

    Reads see the unit's own writes over the local store of this partition. A unit may
    be computed again from scratch, or be dropped: only what is asked for through
    ``put``, ``delete``, ``send`` and ``afterwards`` takes effect, and only as a whole.
    """

    __slots__ = ("_actions", "_changes", "_outputs", "_state", "partition")

    def __init__(self, partition: int, state: Readable) -> None:
        self.partition = partition
        self._state = state
        self._changes: dict[bytes, bytes | None] = {}
        self._outputs: list[Output] = []
        self._actions: list[Callable[[], None]] = []

    def get(self, key: bytes) -> bytes | None:
        """Return the value as this unit sees it, or None."""
        if key in self._changes:
            return self._changes[key]
        return self._state.get(key)

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield pairs by key prefix, in key order, as they were when the scan began.

        Those before ``start`` are left out.
        """
        overlay = _overlay(self._changes, prefix, start)
        return _merged(self._state.scan(prefix, start), overlay)

    def put(self, key: bytes, value: bytes) -> None:
        """Set a key. The last write of a unit is the one that is stored."""
        _check_key(key)
        self._changes[key] = value

    def delete(self, key: bytes) -> None:
        """Remove a key; removing a missing one is allowed."""
        _check_key(key)
        self._changes[key] = None

    def send(self, output: Output) -> None:
        """Send a record, before the state changes and at least once.

        It may have neither key nor value: Kafka keeps such records, so one may have to
        be passed on.
        """
        self._outputs.append(output)

    def afterwards(self, action: Callable[[], None]) -> None:
        """Call ``action`` once the unit is durable; never, if it is dropped or crashes.

        For work beside the stream that starts from the new state. What such an action
        starts must be found again in the state after a crash.
        """
        self._actions.append(action)

    @property
    def changes(self) -> Mapping[bytes, bytes | None]:
        """Keys to write, None for a delete."""
        return self._changes

    @property
    def outputs(self) -> Sequence[Output]:
        """Records to send, in order."""
        return self._outputs

    @property
    def actions(self) -> Sequence[Callable[[], None]]:
        """What to call once the unit is durable, in order."""
        return self._actions


def _check_key(key: bytes) -> None:
    if not key or key.startswith(RESERVED):
        raise WrongUse("a table key may not be empty or start with a reserved prefix")


def _overlay(
    changes: Mapping[bytes, bytes | None], prefix: bytes, start: bytes
) -> list[tuple[bytes, bytes | None]]:
    found = ((k, v) for k, v in changes.items() if k.startswith(prefix) and k >= start)
    return sorted(found)


def _merged(
    stored: Iterator[tuple[bytes, bytes]],
    overlay: Sequence[tuple[bytes, bytes | None]],
) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for key, value in stored:
        while at < len(overlay) and overlay[at][0] < key:
            yield from _present(overlay[at])
            at += 1
        if at < len(overlay) and overlay[at][0] == key:
            yield from _present(overlay[at])
            at += 1
        else:
            yield key, value
    for pair in overlay[at:]:
        yield from _present(pair)


def _present(pair: tuple[bytes, bytes | None]) -> Iterator[tuple[bytes, bytes]]:
    key, value = pair
    if value is not None:
        yield key, value
