"""Who keeps their name: when persons meet, fall apart, or lose their founder.

A person goes by the oldest title of its members. Each member has a title of its own,
and may have inherited others: when a member leaves, the names that it gave to a person
go to the oldest member that is left, so no name is lost and none is given out twice.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from idweave_graph.ids import Member
from idweave_graph.person import Person, PersonId, Title, own_title


@dataclass(frozen=True, slots=True)
class Naming:
    """What a person is called, was called, and who stands for it."""

    id: PersonId
    absorbed: tuple[PersonId, ...]
    titles: tuple[Title, ...]
    """Those that can not be told from the members themselves."""


def titles_of(person: Person) -> list[Title]:
    """List the titles of all members of *person*, each their own and the inherited."""
    return [*_own_titles(person), *person.titles]


def handed_on(person: Person, remaining: Collection[Member]) -> Iterator[Title]:
    """Yield the names that *person* has or had, each with a bearer who remains.

    At least one member must.
    """
    by_name = {title.name: title for title in titles_of(person)}
    left = (title for title in _own_titles(person) if title.bearer in remaining)
    oldest = min(left, key=lambda title: title.seniority)
    for name in (person.id, *person.absorbed):
        title = by_name.get(name, replace(oldest, name=name))
        heir = title.bearer if title.bearer in remaining else oldest.bearer
        yield replace(title, bearer=heir)


def naming(own: Mapping[Member, Title], inherited: Sequence[Title]) -> Naming:
    """Name the person whose members have these titles.

    *inherited* are the names that have been a person's; some of them may be the
    members' own.
    """
    kept = [title for title in inherited if not _is_own(title, own[title.bearer])]
    first = min([*own.values(), *kept], key=lambda title: title.seniority)
    ended = {title.name for title in inherited} - {first.name}
    kept.sort(key=lambda title: title.name)
    return Naming(first.name, tuple(sorted(ended)), tuple(kept))


def _own_titles(person: Person) -> list[Title]:
    return [
        own_title(person.business, who, at_ms, person.presence_of(who).life)
        for who, at_ms in person.members.items()
    ]


def _is_own(title: Title, own: Title) -> bool:
    return title.name == own.name and own.since_ms <= title.since_ms
