"""How many ids and persons each business has, and the digest of who is whom."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from idweave_graph.digest import MembershipDigest
from idweave_graph.ids import BusinessId, ScopedId
from idweave_streams.state.copy import StateCopy


@dataclass(slots=True)
class Membership:
    """Of one business in one copy."""

    persons: int = 0
    members: MembershipDigest = field(default_factory=MembershipDigest)
    """Of all members, tokens and linking codes included."""
    scoped: MembershipDigest = field(default_factory=MembershipDigest)
    """Of the scoped ids alone, which have aliases."""


def memberships(
    copy: StateCopy, partitions: Iterable[int], only: BusinessId | None = None
) -> dict[BusinessId, Membership]:
    """Count and digest what the graph tables of *copy* hold, by business.

    Raises:
        UnreadableRecordError: a value was not written by this program.
    """
    found: dict[BusinessId, Membership] = {}
    for partition in partitions:
        for business, rows in groupby(copy.index(partition), key=lambda row: row[0]):
            counted = found.setdefault(business, Membership())
            for _, member, person in rows:
                counted.members.add(member, person)
                if isinstance(member, ScopedId):
                    counted.scoped.add(member, person)
        for business, persons in groupby(
            copy.person_keys(partition), key=lambda key: key[0]
        ):
            counted = found.setdefault(business, Membership())
            counted.persons += sum(1 for _ in persons)
    if only is not None:
        return {only: found.get(only, Membership())}
    return dict(sorted(found.items()))
