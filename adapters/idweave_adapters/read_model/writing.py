"""The one writer of a read model."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from idweave_adapters.read_model.copies import ModelCopy
from idweave_adapters.read_model.draft import Draft
from idweave_adapters.read_model.earlier import forget_earlier_life
from idweave_adapters.read_model.forgetting import forget_one, note_left
from idweave_adapters.read_model.keys import Area, key, parts_of, prefix
from idweave_adapters.read_model.membership import Membership
from idweave_adapters.read_model.records import Entry, Source, UnreadableEntryError
from idweave_adapters.read_model.store import Store
from idweave_adapters.read_model.telling import take_event, take_policy
from idweave_graph.consume.reading import MalformedError

_FAULTS = (MalformedError, ValueError, TypeError, KeyError, AttributeError)


class Writer:
    """Folds records into a store, which is always as after some of the batches.

    Records may repeat and topics come in any order; those of one partition must come in
    theirs. What is in the store then depends on the records alone, but for the numbers
    of changes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def apply(self, entries: Iterable[Entry]) -> None:
        """Take all of *entries* over together with their offsets, or nothing.

        Raises:
            UnreadableEntryError: one of them is not as its schema says.
            ReadModelError: the store can't be written.
        """
        draft = Draft(self._store)
        for entry in entries:
            try:
                _take(draft, entry)
            except _FAULTS:  # cut off: its text may quote the content
                raise UnreadableEntryError(entry) from None
            at = key(Area.OFFSET, entry.source, str(entry.partition))
            draft.put(at, str(entry.offset + 1).encode())
        note_left(draft)
        if draft.changes:
            self._store.write(draft.changes)

    def note_seen(self, at_ms: int) -> None:
        """Remember that the end of the topics was seen at *at_ms*."""
        self._store.write({key(Area.META, "seen"): str(at_ms).encode()})

    def seen_ms(self) -> int | None:
        """Return when the end of the topics was seen last; None: never."""
        found = self._store.get(key(Area.META, "seen"))
        return None if found is None else int(found)

    def topics(self) -> dict[Source, str]:
        """Return which topics it is made from, as far as that is known."""
        found = ((s, self._store.get(key(Area.META, "topic", s))) for s in Source)
        return {source: name.decode() for source, name in found if name is not None}

    def note_topics(self, names: Mapping[Source, str]) -> None:
        """Remember which topics it is made from."""
        noted = {key(Area.META, "topic", s): name.encode() for s, name in names.items()}
        self._store.write(noted)

    def is_owing(self) -> bool:
        """Say whether somebody has left who is not taken out of the history yet."""
        return any(
            next(self._store.scan(prefix(area)), None) is not None
            for area in (Area.LEFT, Area.ERASED)
        )

    def unclean_ms(self) -> int | None:
        """Return since when files may hold what was to be forgotten; None: they don't."""
        return ModelCopy(self._store).unclean_ms()

    def note_unclean(self, since_ms: int | None) -> None:
        """Remember since when, or that they don't."""
        value = None if since_ms is None else str(since_ms).encode()
        self._store.write({key(Area.META, "unclean"): value})

    def mark(self) -> int:
        """Return where the model is now, for `forget`."""
        return int(self._store.get(key(Area.META, "number")) or 0)

    def forget(self, up_to: int) -> int:
        """Take out of the history whoever had left by the mark *up_to* and stayed away.

        To be called when all topics have been read beyond where they ended at that mark,
        and a while later: an id that goes from one person to another may be nobody's
        between two records. May be killed and called again.

        Returns:
            In how many events something was taken out.
        """
        count = 0
        for business, event in self._due(Area.ERASED, up_to):
            count += forget_earlier_life(self._store, business, event)
        for business, member in self._due(Area.LEFT, up_to):
            count += forget_one(self._store, business, member)
        return count

    def _due(self, area: Area, up_to: int) -> list[list[str]]:
        noted = self._store.scan(prefix(area))
        return [parts_of(found) for found, number in noted if int(number) <= up_to]

    def scrub(self) -> None:
        """Leave nothing in files of what is not in the model any more.

        Raises:
            ReadModelError: there is no room to rewrite them.
        """
        self._store.scrub()


def _take(draft: Draft, entry: Entry) -> None:
    document = _document(entry)
    match entry.source:
        case Source.PERSONS:
            Membership(draft).take((entry.key or b"").decode(), document)
        case Source.ALIASES:
            _take_alias(draft, (entry.key or b"").decode(), document)
        case Source.EVENTS if document is not None:
            take_event(draft, document)
        case Source.POLICY if document is not None:
            take_policy(draft, document)
        case _:
            pass  # a tombstone where there is none: nothing is said


def _take_alias(draft: Draft, name: str, document: dict[str, Any] | None) -> None:
    """See whether an id with a tombstone is somebody's; persons say whose it is."""
    business, slash, member = name.partition("/")
    if not slash:
        msg = "the key of an alias must be <business>/<scoped id>"
        raise MalformedError(msg)
    if document is None:
        draft.touched.add((business, member))


def _document(entry: Entry) -> dict[str, Any] | None:
    if entry.value is None:
        return None
    found = orjson.loads(entry.value)
    if not isinstance(found, dict):
        msg = "a record must be an object"
        raise MalformedError(msg)
    return found
