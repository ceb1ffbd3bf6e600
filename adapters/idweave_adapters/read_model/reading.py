"""A read model on a store: see the port for what each question means."""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from heapq import merge
from itertools import groupby, islice

import orjson

from idweave_adapters.read_model import summary
from idweave_adapters.read_model.copies import ModelCopy
from idweave_adapters.read_model.forgetting import without
from idweave_adapters.read_model.keys import Area, key, parts_of, prefix, upwards
from idweave_adapters.read_model.port import Document, Page
from idweave_adapters.read_model.records import Place
from idweave_adapters.read_model.store import Store
from idweave_graph.digest import MembershipDigest
from idweave_graph.ids import member as read_member
from idweave_graph.person import PersonId

Found = Iterator[tuple[str, Document]]
"""Where each thing stands, and the thing."""
_SAYING = ("refusal", "bans", "decisions")
"""What an event has one of, if somebody said something by it."""


def businesses_in(store: Store) -> list[str]:
    """Return every business that anything is known of, in order."""
    return [parts_of(at)[0] for at, _ in store.scan(prefix(Area.BUSINESS))]


class StoredReadModel:
    """Answers from a store that a `Writer` fills."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._name = self._named()

    def person(self, business: str, name: str) -> Document | None:
        """Return the living person of that id."""
        found = self._document(Area.LIVING, business, name)
        if found is None:
            return None
        is_known = self._is_known(business)
        waiting = found["quarantined"]
        found["quarantined"] = [
            p for p in waiting if is_known(p["a"]) and is_known(p["b"])
        ]
        return found

    def survivor(self, business: str, name: str) -> str | None:
        """Return who stands for *name* now."""
        if self._has(Area.LIVING, business, name):
            return name
        ended = self._document(Area.ENDED, business, name)
        heir: str | None = ended["heir"] if ended else None
        return heir if heir and self._has(Area.LIVING, business, heir) else None

    def owner(self, business: str, member: str) -> str | None:
        """Return whose *member* is."""
        found = self._store.get(key(Area.OWNER, business, member))
        return None if found is None else found.decode()

    def events_about(self, business: str, names: Collection[str]) -> Iterator[Document]:
        """Yield what was told of the persons of these ids."""
        for name in self._events(business, Area.ABOUT, names):
            if (event := self._event(business, name)) is not None:
                yield event

    def events_naming(self, business: str, members: Collection[str]) -> list[Document]:
        """Return the refusals, bans and decisions that name one of *members*."""
        names = self._events(business, Area.MENTION, members)
        found = (self._document(Area.EVENT, business, name) for name in names)
        # Most events are none of these, and each tells of a whole person.
        said = [event for event in found if event and any(map(event.get, _SAYING))]
        left = (without(event, self._is_known(business)) for event in said)
        return [event for event in left if event and any(map(event.get, _SAYING))]

    def persons(self, business: str, after: str, limit: int) -> Page:
        """List persons by id."""
        return _page(self._living(business, after), limit)

    def quarantined(self, business: str, after: str, limit: int) -> Page:
        """List the proofs in quarantine."""
        return _page(self._waiting(business, after), limit)

    def refusals(self, business: str, after: str, limit: int) -> Page:
        """List the events of refused links."""
        return _page(self._listed(Area.REFUSAL, business, after), limit)

    def said(self, business: str, after: str, limit: int) -> Page:
        """List the events of bans, their ends, and decisions."""
        return _page(self._listed(Area.SAID, business, after), limit)

    def erasures(self, business: str, after: str, limit: int) -> Page:
        """List the records of erasures."""
        found = (
            (place, orjson.loads(value))
            for place, value in self._scan(Area.ERASURE, business, after)
        )
        return _page(found, limit)

    def search(self, business: str, text: str, after: str, limit: int) -> Page:
        """List the ids that begin with *text*."""
        if text.startswith("p_"):
            return _page(self._named_like(business, text, after), limit)
        area = Area.OWNER if ":" in text else Area.VALUE
        found = (
            (place, {"id": member, "person": self.owner(business, member)})
            for place, _ in self._scan(area, business, after, text)
            for member in [place.rpartition("\0")[2]]
        )
        return _page(found, limit)

    def changes(
        self, business: str, after: int, limit: int
    ) -> list[tuple[int, Document]]:
        """Return events with a number above *after*."""
        entries = self._scan(Area.CHANGE, business, upwards(max(after, 0)))
        found = (
            (int(place), self._event(business, name.decode()))
            for place, name in entries
        )
        told = ((number, event) for number, event in found if event is not None)
        return list(islice(told, limit))

    def holds(self, business: str) -> list[Document]:
        """Return the holds of lookups that last."""
        found = (orjson.loads(value) for _, value in self._scan(Area.HOLD, business))
        return [hold for hold in found if hold["type"] == "held"]

    def overview(self, business: str) -> Document | None:
        """Return counts, sizes and growth."""
        if not self._has(Area.BUSINESS, business):
            return None
        counts = {what: int(value) for what, value in self._scan(Area.COUNT, business)}
        rows = islice(self._scan(Area.LARGEST, business), summary.LARGEST)
        largest = [place.rpartition("\0")[2] for place, _ in rows]
        sizes = {name: self._size(business, name) for name in largest}
        return summary.overview(business, counts, sizes, self.holds(business))

    def offsets(self) -> Mapping[Place, int]:
        """Return the next offset of each partition that was read."""
        return ModelCopy(self._store).offsets()

    def last_change(self) -> int:
        """Return the highest number that `changes` may have."""
        return int(self._store.get(key(Area.META, "number")) or 0)

    def name(self) -> str:
        """Name this copy."""
        return self._name

    def digest(self, business: str) -> str:
        """Return the digest of who is whom."""
        digest = MembershipDigest()
        for member, person in self._scan(Area.OWNER, business):
            digest.add(read_member(member), PersonId(person.decode()))
        return str(digest)

    def _named(self) -> str:
        at = key(Area.META, "name")
        if (found := self._store.get(at)) is None:
            found = secrets.token_hex(8).encode()
            self._store.write({at: found})
        return found.decode()

    def _has(self, area: Area, *parts: str) -> bool:
        return self._store.get(key(area, *parts)) is not None

    def _document(self, area: Area, *parts: str) -> Document | None:
        found = self._store.get(key(area, *parts))
        return None if found is None else orjson.loads(found)

    def _is_known(self, business: str) -> Callable[[str], bool]:
        return lambda member: self._has(Area.OWNER, business, member)

    def _event(self, business: str, name: str) -> Document | None:
        found = self._document(Area.EVENT, business, name)
        return found and without(found, self._is_known(business))

    def _events(self, business: str, area: Area, under: Collection[str]) -> list[str]:
        """Return the ids of the events that stand under one of these, in order."""
        names = {
            place for each in under for place, _ in self._scan_of(area, business, each)
        }
        return sorted(names)

    def _scan_of(
        self, area: Area, business: str, part: str
    ) -> Iterator[tuple[str, bytes]]:
        front = prefix(area, business, part)
        for at, value in self._store.scan(front):
            yield at[len(front) :].decode(), value

    def _scan(
        self, area: Area, business: str, after: str = "", text: str = ""
    ) -> Iterator[tuple[str, bytes]]:
        """Yield what stands behind *after* and begins with *text*, and its place."""
        front = prefix(area, business)
        # The first key that is larger than the one of *after*.
        start = front + after.encode() + b"\0" if after else b""
        for at, value in self._store.scan(front + text.encode(), start):
            yield at[len(front) :].decode(), value

    def _listed(self, area: Area, business: str, after: str) -> Found:
        for place, _ in self._scan(area, business, after):
            event = self._event(business, place.rpartition("\0")[2])
            if event is not None:
                yield place, event

    def _living(self, business: str, after: str) -> Found:
        for name, value in self._scan(Area.LIVING, business, after):
            found = orjson.loads(value)
            facts = {"generation": found["generation"], "size": len(found["members"])}
            yield name, {"id": name, **facts}

    def _waiting(self, business: str, after: str) -> Found:
        is_known = self._is_known(business)
        # Behind all holders of the proof: a zero byte parts them from its kind.
        rows = self._scan(Area.WAITING, business, f"{after}\x01" if after else "")
        for place, held in groupby(rows, key=lambda row: row[0].rpartition("\0")[0]):
            proof = orjson.loads(next(held)[1])
            if is_known(proof["a"]) and is_known(proof["b"]):
                ends = (self.owner(business, proof[end]) for end in ("a", "b"))
                yield place, {"proof": proof, "persons": list(ends)}

    def _named_like(self, business: str, text: str, after: str) -> Found:
        areas = (Area.LIVING, Area.ENDED)
        scans = [self._scan(area, business, after, text) for area in areas]
        for name, _ in merge(*scans, key=lambda row: row[0]):
            if (person := self.survivor(business, name)) is not None:
                yield name, {"id": name, "person": person}

    def _size(self, business: str, name: str) -> int:
        found = self._document(Area.LIVING, business, name)
        return len(found["members"]) if found else 0


def _page(found: Found, limit: int) -> Page:
    some = list(islice(found, limit + 1))
    is_last = len(some) <= limit
    items = tuple(item for _, item in some[:limit])
    return Page(items, None if is_last else some[limit - 1][0])
