"""idweave's persons against the truth of the world that made the traffic."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from idweave_streams.tally import Alias


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far aliases and truth agree."""

    persons: int
    """Persons that were found."""
    ids: int
    """Scoped ids that have a person."""
    several: int
    """Persons that have more than one scoped id."""
    wrongly_joined: int
    """Ids in a person of somebody else."""
    wrongly_parted: int
    """Ids that should be with another id of their owner, and are not."""
    missing: int
    """Ids that were seen, or that Meta told of, and have no person."""
    not_erased: int = 0
    """Ids that were erased, and have a person."""

    @property
    def wrong(self) -> int:
        """Ids that are not where they belong."""
        wrongly_placed = self.wrongly_joined + self.wrongly_parted
        return wrongly_placed + self.missing + self.not_erased


def compare(
    aliases: Mapping[Alias, str],
    truth: Mapping[str, Iterable[Collection[str]]],
    *,
    seen: Collection[Alias],
    linkable: Collection[Alias],
    erased: Collection[Alias] = (),
) -> Verdict:
    """Compare *aliases* with the *truth*.

    Args:
        aliases: the person of each (business, scoped id).
        truth: for each business the ids of each real person.
        seen: what must have a person.
        linkable: the ids that Meta may be asked about, or that are told by another
            one that may. All must have a person, and those of one human the same.
        erased: ids that must have no person any more.
    """
    owner = {
        (business, scoped): (business, number)
        for business, people in truth.items()
        for number, ids in enumerate(people)
        for scoped in ids
    }
    members: dict[str, list[Alias]] = defaultdict(list)
    for alias, person in aliases.items():
        members[person].append(alias)
    return Verdict(
        persons=len(members),
        ids=len(aliases),
        several=sum(len(ids) > 1 for ids in members.values()),
        wrongly_joined=sum(_strangers(ids, owner) for ids in members.values()),
        wrongly_parted=_parted(aliases, owner, linkable),
        missing=len({*seen, *linkable} - aliases.keys()),
        not_erased=len(aliases.keys() & {*erased}),
    )


def _strangers(ids: list[Alias], owner: Mapping[Alias, tuple[str, int]]) -> int:
    # An id that the truth does not know is somebody of its own.
    owners = Counter(owner.get(alias, alias) for alias in ids)
    return len(ids) - max(owners.values())


def _parted(
    aliases: Mapping[Alias, str],
    owner: Mapping[Alias, tuple[str, int]],
    linkable: Collection[Alias],
) -> int:
    persons: dict[tuple[str, int], list[str]] = defaultdict(list)
    for alias in linkable:
        if alias in aliases and alias in owner:
            persons[owner[alias]].append(aliases[alias])
    return sum(len(set(found)) - 1 for found in persons.values())
