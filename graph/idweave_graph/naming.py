"""Who keeps their name: when persons meet, fall apart, or lose their founder.

A person goes by the oldest title of its members. Each member has a title of its own,
and may have inherited others: when a member leaves, the names that it gave to a person
go to the oldest member that is left, so no name is lost and none is given out twice.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.person import Person, PersonId, Title, own_title


@dataclass(frozen=True, slots=True)
class Naming:
    """What a person is called, was called, and who stands for it."""

    id: PersonId
    absorbed: tuple[PersonId, ...]
    titles: tuple[Title, ...]
    """Those that can not be told from the members themselves."""


class OwnTitles:
    """The titles that members have of their own. A name is made when it is asked for."""

    def __init__(
        self,
        business: BusinessId,
        first_seen: Mapping[Member, int],
        life_of: Callable[[Member], int],
    ) -> None:
        self._business = business
        self._first_seen = first_seen
        self._life_of = life_of
        self._made: dict[Member, Title] = {}

    def of(self, who: Member) -> Title:
        """Return the title of one member."""
        if who not in self._made:
            first_ms, life = self._first_seen[who], self._life_of(who)
            self._made[who] = own_title(self._business, who, first_ms, life)
        return self._made[who]

    def by_age(self) -> Iterator[Title]:
        """Yield the titles of all members, the oldest first but for ties."""
        return map(self.of, sorted(self._first_seen, key=self._age))

    def oldest(self, members: Collection[Member]) -> Title:
        """Return the title that *members*, one at least, would go by."""
        first = min(map(self._age, members))
        firsts = [self.of(who) for who in members if self._age(who) == first]
        return min(firsts, key=lambda title: title.seniority)

    def _age(self, who: Member) -> tuple[bool, int]:
        return (not isinstance(who, ScopedId), self._first_seen[who])


def own_titles(person: Person) -> OwnTitles:
    """Return the titles that the members of *person* have of their own."""
    return OwnTitles(
        person.business, person.members, lambda who: person.presence_of(who).life
    )


def titles_of(person: Person) -> list[Title]:
    """List the titles of all members of *person*, each their own and the inherited."""
    return [*own_titles(person).by_age(), *person.titles]


def handed_on(person: Person, remaining: Collection[Member]) -> Iterator[Title]:
    """Yield the names that *person* has or had, each with a bearer who remains.

    At least one member must.
    """
    own = own_titles(person)
    for title in _names(person, own):
        if title.bearer in remaining:
            yield title
        else:
            yield replace(title, bearer=own.oldest(remaining).bearer)


def _names(person: Person, own: OwnTitles) -> Iterator[Title]:
    """Yield a title for each name, an inherited one before the member's own."""
    names = {person.id, *person.absorbed}
    for title in person.titles:
        names.discard(title.name)
        yield title
    for title in own.by_age():
        if not names:
            return
        if title.name in names:
            names.discard(title.name)
            yield title
    for name in sorted(names):  # a damaged record: nobody bears it
        yield replace(own.oldest(person.members.keys()), name=name)


def naming(
    members: Collection[Member], own: OwnTitles, inherited: Iterable[Title]
) -> Naming:
    """Name the person of *members*.

    *inherited* are the names that have been a person's, borne by these members; some
    of them may be their own.
    """
    told = list(inherited)
    kept = [title for title in told if not _is_own(title, own.of(title.bearer))]
    first = min([own.oldest(members), *kept], key=lambda title: title.seniority)
    ended = {title.name for title in told} - {first.name}
    kept.sort(key=lambda title: title.name)
    return Naming(first.name, tuple(sorted(ended)), tuple(kept))


def _is_own(title: Title, own: Title) -> bool:
    return title.name == own.name and own.since_ms <= title.since_ms
