"""Who is whom in one business: the four steps, with nothing around them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from idweave_graph.consume.reading import Told


@dataclass(frozen=True, slots=True)
class Changes:
    """What a record has changed in the map, and nothing that it only repeated."""

    business: str
    assigned: Mapping[str, str] = field(default_factory=dict)
    """Each member that has come to a person, and which; it may have had another."""
    released: frozenset[str] = frozenset()
    """Members that are nobody's any more: forget them as well."""
    ended: Mapping[str, str | None] = field(default_factory=dict)
    """Person ids that are not in use any more, and whom each stands for now.

    None: nobody. Only ids that the record itself names; of any other ask `survivor`.
    """

    def __bool__(self) -> bool:
        """Say whether anything has changed."""
        return bool(self.assigned or self.released or self.ended)


@dataclass(frozen=True, slots=True)
class Living:
    """A person as they were last told of."""

    generation: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """A person id that is not in use any more."""

    generation: int
    """At which that became known. Kept, so that what comes late is seen to be late."""
    heir: str
    """Who took it over; the id itself where nobody did."""


@dataclass(slots=True)
class Register:
    """Members and persons of one business.

    A member's owner is alive and lists the member, so the generation at which it is
    known is the owner's.
    """

    business: str
    living: dict[str, Living] = field(default_factory=dict)
    ended: dict[str, Ended] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def take(self, told: Told) -> Changes:
        """Follow the four steps of "Reading the outputs"."""
        if self._generation(told.person) > told.generation:
            return Changes(self.business)
        names = (told.person, *told.absorbed)
        owners, survivors = self._seen_by(names, told.members)
        self._replace(told)
        for old in told.absorbed:
            if self._generation(old) <= told.generation:
                self._end(old, Ended(told.generation, told.person))
        return self._changes(owners, survivors)

    def drop(self, person: str) -> Changes:
        """Let *person* end at the generation they are known at, if they are known."""
        known = self.living.get(person)
        if known is None:
            return Changes(self.business)
        owners, survivors = self._seen_by((person,), ())
        self._end(person, Ended(known.generation, person))
        return self._changes(owners, survivors)

    def survivor(self, person: str) -> str | None:
        """Return who *person* stands for: themselves, their heir, or nobody."""
        if person in self.living:
            return person
        ended = self.ended.get(person)
        return ended.heir if ended and ended.heir in self.living else None

    def _replace(self, told: Told) -> None:
        self._end(told.person, Ended(told.generation, told.person))
        if told.members:
            mine = tuple(m for m in told.members if self._is_free(m, told.generation))
            for member in mine:
                self._take_from_owner(member)
                self.owners[member] = told.person
            self.living[told.person] = Living(told.generation, mine)
            del self.ended[told.person]

    def _end(self, person: str, as_what: Ended) -> None:
        known = self.living.pop(person, None)
        for member in known.members if known else ():
            del self.owners[member]
        self.ended[person] = as_what

    def _is_free(self, member: str, generation: int) -> bool:
        owner = self.owners.get(member)
        return owner is None or self.living[owner].generation <= generation

    def _take_from_owner(self, member: str) -> None:
        owner = self.owners.get(member)
        if owner is not None:
            known = self.living[owner]
            rest = tuple(other for other in known.members if other != member)
            self.living[owner] = Living(known.generation, rest)

    def _generation(self, person: str) -> int:
        known = self.living.get(person) or self.ended.get(person)
        return known.generation if known else 0

    def _seen_by(
        self, names: Iterable[str], members: Iterable[str]
    ) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """Return owners and survivors as they are, of all that a record may touch."""
        touched = dict.fromkeys(members)
        survivors = {name: self.survivor(name) for name in names}
        for name in survivors:
            known = self.living.get(name)
            touched.update(dict.fromkeys(known.members if known else ()))
        return {member: self.owners.get(member) for member in touched}, survivors

    def _changes(
        self,
        owners: Mapping[str, str | None],
        survivors: Mapping[str, str | None],
    ) -> Changes:
        now = {member: self.owners.get(member) for member in owners}
        moved = {m: owner for m, owner in now.items() if owner != owners[m]}
        ended = {name: self.survivor(name) for name in survivors}
        return Changes(
            self.business,
            {m: owner for m, owner in moved.items() if owner is not None},
            frozenset(m for m, owner in moved.items() if owner is None),
            {
                name: heir
                for name, heir in ended.items()
                if heir not in (name, survivors[name])
            },
        )
