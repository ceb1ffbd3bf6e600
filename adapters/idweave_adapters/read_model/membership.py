"""Who is whom: records of the persons topic, in whatever order they come.

The four steps of `docs/topics.md`, "Reading the outputs", on stored values; in memory
they are `idweave_graph.consume`.
"""

from collections.abc import Iterable
from typing import Any

from idweave_adapters.read_model.counting import count_person
from idweave_adapters.read_model.draft import Draft
from idweave_adapters.read_model.keys import Area, key
from idweave_graph.consume.reading import Told, member_text, told_by_person

Document = dict[str, Any]


class Membership:
    """Takes records of the persons topic into a draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def take(self, name: str, document: Document | None) -> None:
        """Take one record in; without a document it is a tombstone.

        Raises:
            MalformedError: it is no record of that topic.
        """
        if document is None:
            self._drop(name)
            return
        told = told_by_person(document)
        if told.person != name or self._generation(told, name) > told.generation:
            return
        self._replace(told, document)
        for old in told.absorbed:
            if self._generation(told, old) <= told.generation:
                self._end(told.business, old, told.generation, told.person)

    def _drop(self, name: str) -> None:
        business = self._draft.text(key(Area.HOME, name))
        living = business and self._draft.document(key(Area.LIVING, business, name))
        if business and living:
            self._end(business, name, living["generation"], name)

    def _replace(self, told: Told, document: Document) -> None:
        business, name = told.business, told.person
        self._end(business, name, told.generation, name)
        mine = {m for m in told.members if self._is_free(told, m)}
        if not mine:
            return
        for member in sorted(mine):
            self._take_from_owner(business, member)
            self._draft.put(key(Area.OWNER, business, member), name.encode())
            self._draft.put(_by_value(business, member))
        self._draft.drop(key(Area.ENDED, business, name))
        self._store(business, name, kept(document, mine))

    def _end(self, business: str, name: str, generation: int, heir: str) -> None:
        self._remove(business, name)
        ended = {"generation": generation, "heir": heir}
        self._draft.put_document(key(Area.ENDED, business, name), ended)

    def _remove(self, business: str, name: str) -> None:
        """Let nobody be *name*'s any more."""
        at = key(Area.LIVING, business, name)
        living = self._draft.document(at)
        if living is None:
            return
        for member in members_of(living):
            self._draft.drop(key(Area.OWNER, business, member))
            self._draft.drop(_by_value(business, member))
            self._draft.touched.add((business, member))
        self._draft.drop(at)
        self._draft.drop(key(Area.HOME, name))
        count_person(self._draft, living, -1)

    def _store(self, business: str, name: str, document: Document) -> None:
        self._draft.put_document(key(Area.LIVING, business, name), document)
        self._draft.put(key(Area.HOME, name), business.encode())
        for member in members_of(document):
            self._draft.touched.add((business, member))
        count_person(self._draft, document, 1)

    def _take_from_owner(self, business: str, member: str) -> None:
        owner = self._draft.text(key(Area.OWNER, business, member))
        if owner is None:
            return
        living = self._draft.document(key(Area.LIVING, business, owner))
        self._remove(business, owner)
        rest = set(members_of(living)) - {member}
        for other in rest:
            self._draft.put(key(Area.OWNER, business, other), owner.encode())
            self._draft.put(_by_value(business, other))
        self._store(business, owner, kept(living, rest))

    def _is_free(self, told: Told, member: str) -> bool:
        owner = self._draft.text(key(Area.OWNER, told.business, member))
        return owner is None or self._generation(told, owner) <= told.generation

    def _generation(self, told: Told, name: str) -> int:
        for area in (Area.LIVING, Area.ENDED):
            known = self._draft.document(key(area, told.business, name))
            if known is not None:
                return int(known["generation"])
        return 0


def members_of(document: Document) -> list[str]:
    """Return the members of a person's document, as text."""
    return [member_text(member) for member in document["members"]]


def kept(document: Document, members: Iterable[str]) -> Document:
    """Return a person's document with no other members, nor proofs that need others."""
    mine = set(members)
    return {
        **document,
        "members": sorted(
            (m for m in document["members"] if member_text(m) in mine), key=member_text
        ),
        "evidence": [p for p in document["evidence"] if {p["a"], p["b"]} <= mine],
        "quarantined": [p for p in document["quarantined"] if {p["a"], p["b"]} & mine],
    }


def _by_value(business: str, member: str) -> bytes:
    return key(Area.VALUE, business, member.rpartition(":")[2], member)
