"""Which person ids an event has ended: the difference to what was told before it."""

from typing import Protocol

from idweave_adapters.snapshots.told import Ended
from idweave_graph.events import IdentityEvent
from idweave_graph.person import PersonId


class Notes(Protocol):
    """Remembers what each person had absorbed; a dictionary, or one on disk."""

    def get(self, key: str, default: str, /) -> str:
        """Return what was noted, or the default."""

    def __setitem__(self, key: str, text: str, /) -> None:
        """Note *text* for *key*."""


class Lineage:
    """Follows the events of one business after another, each in generation order."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def ended_by(self, event: IdentityEvent) -> tuple[Ended, ...]:
        """Return what *event* has ended, and note it for those that come.

        Of a person whose earlier events are gone, all that ended in them until then
        is told with the first event that is left.
        """
        person = event.person
        if person is None:
            return ()
        key = f"{event.business}|{person.id}"
        before = self._absorbed(key)
        now = set(person.absorbed)
        if now == before:
            return ()
        newly = now - before
        along = {
            name
            for each in newly
            for name in self._absorbed(f"{event.business}|{each}")
        }
        self._notes[key] = ",".join(sorted(now))
        return tuple(Ended(name, name in along) for name in sorted(newly))

    def _absorbed(self, key: str) -> set[PersonId]:
        text = self._notes.get(key, "")
        return {PersonId(name) for name in text.split(",")} if text else set()
