"""What the compacted topics say of persons and aliases, against the graph tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from idweave_graph.documents import alias_document, alias_key, person_document
from idweave_graph.ids import (
    BusinessId,
    InvalidIdError,
    Member,
    ScopedId,
    business_id,
    member,
)
from idweave_graph.person import Person, PersonId
from idweave_graph.reading import UnreadableDocumentError, read_person
from idweave_streams.packing import partition_of
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.membership import Membership
from idweave_streams.verifying.difference import (
    ALIASES,
    ALTERED,
    EXTRA,
    MISSING,
    PERSONS,
    Difference,
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A key of a compacted topic that may not say what the tables say."""

    business: BusinessId | None
    key: str
    is_alias: bool


class OutputCheck:
    """Holds the persons and aliases areas of a copy against its graph tables."""

    def __init__(self, copy: StateCopy, only: BusinessId | None = None) -> None:
        self._copy = copy
        self._only = only
        self.persons = copy.area("persons")
        self.aliases = copy.area("aliases")

    def suspects(self) -> Iterator[Suspect]:
        """Yield every key that does not say what the tables say, each once."""
        found: set[tuple[str, bool]] = set()
        for suspect in self._candidates():
            place = suspect.key, suspect.is_alias
            if place not in found and self.judge(suspect) is not None:
                found.add(place)
                yield suspect

    def _candidates(self) -> Iterator[Suspect]:
        for partition in sorted(self._copy.cut.graph):
            for business, name in self._copy.person_keys(partition):
                if self._is_wanted(business):
                    yield Suspect(business, name, is_alias=False)
            for business, who, _ in self._copy.index(partition):
                if self._is_wanted(business) and isinstance(who, ScopedId):
                    yield Suspect(business, alias_key(business, who), is_alias=True)
        yield from self._unknown_persons()
        yield from self._unknown_aliases()

    def _unknown_persons(self) -> Iterator[Suspect]:
        for key, value in self.persons.scan(b""):
            name = key.decode(errors="replace")
            business = _business_of(value)
            if self._is_wanted(business) and self._person(business, name) is None:
                yield Suspect(business, name, is_alias=False)

    def _unknown_aliases(self) -> Iterator[Suspect]:
        for key, _ in self.aliases.scan(b""):
            business, who = _parts(key)
            if self._is_wanted(business) and self._owner(business, who) is None:
                yield Suspect(business, key.decode(errors="replace"), is_alias=True)

    def _is_wanted(self, business: BusinessId | None) -> bool:
        return self._only is None or business == self._only

    def judge(self, suspect: Suspect) -> Difference | None:
        """Say what is wrong under that key now, None where nothing is."""
        key = suspect.key.encode()
        if suspect.is_alias:
            return self._judge_alias(suspect.business, key)
        return self._judge_person(suspect.business, PersonId(suspect.key))

    def _judge_person(
        self, business: BusinessId | None, name: PersonId
    ) -> Difference | None:
        person = self._person(business, name)
        told = self.persons.get(name.encode())
        if told is None:
            what = None if person is None else MISSING
        elif person is None:
            # Of another business: that one is looked at by itself.
            what = EXTRA if _business_of(told) in {business, None} else None
        else:
            what = None if tells(told, person) else ALTERED
        return Difference(PERSONS, business, "person", what, name) if what else None

    def _judge_alias(
        self, business: BusinessId | None, key: bytes
    ) -> Difference | None:
        _, who = _parts(key)
        owner = self._owner(business, who)
        told = self.aliases.get(key)
        if told is None:
            what = None if owner is None else MISSING
        elif owner is None or business is None or not isinstance(who, ScopedId):
            what = EXTRA
        else:
            person = self._person(business, owner)
            generation = 0 if person is None else person.generation
            is_right = _names(told, business, who, owner, generation)
            what = None if is_right else ALTERED
        return Difference(ALIASES, business, "alias", what, owner) if what else None

    def _person(self, business: BusinessId | None, name: str) -> Person | None:
        if business is None or (home := self._home(business)) is None:
            return None
        return self._copy.graph_table(home).person(business, PersonId(name))

    def _owner(
        self, business: BusinessId | None, who: Member | None
    ) -> PersonId | None:
        if business is None or who is None or (home := self._home(business)) is None:
            return None
        return self._copy.graph_table(home).person_of(business, who)

    def _home(self, business: BusinessId) -> int | None:
        home = partition_of(business, self._copy.partition_count)
        return home if home in self._copy.cut.graph else None

    def memberships(self) -> tuple[dict[BusinessId, Membership], ...]:
        """Count and digest what the topics say: of persons, and of aliases."""
        told: dict[BusinessId, Membership] = {}
        for _, value in self.persons.scan(b""):
            if (person := _read_person(value)) and self._is_wanted(person.business):
                counted = told.setdefault(person.business, Membership())
                counted.persons += 1
                for who in person.members:
                    counted.members.add(who, person.id)
        named: dict[BusinessId, Membership] = {}
        for key, value in self.aliases.scan(b""):
            business, alias = _parts(key)
            if business is None or alias is None or not self._is_wanted(business):
                continue
            counted = named.setdefault(business, Membership())
            counted.scoped.add(alias, PersonId(str(_json(value).get("person"))))
        return told, named


def tells(told: bytes, person: Person) -> bool:
    """Say whether a document is that of *person*."""
    return _read_person(told) == read_person(person_document(person))


def _names(
    told: bytes, business: BusinessId, who: ScopedId, owner: PersonId, most: int
) -> bool:
    """Say whether the alias is right; it may be of an earlier generation."""
    found = _json(told)
    generation = found.get("generation")
    if not isinstance(generation, int) or not 1 <= generation <= most:
        return False
    expected = alias_document(business, who, owner, generation)
    return expected.items() <= found.items()


def _read_person(value: bytes) -> Person | None:
    try:
        return read_person(_json(value))
    except UnreadableDocumentError:
        return None


def _json(value: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _business_of(value: bytes) -> BusinessId | None:
    try:
        return business_id(_json(value)["business"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _parts(key: bytes) -> tuple[BusinessId | None, Member | None]:
    """Return whose alias it is, as far as the key can be read."""
    business, _, who = key.decode(errors="replace").partition("/")
    try:
        return business_id(business), member(who)
    except InvalidIdError:
        return None, None
