"""A person: one connected component of evidence inside one business."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import NewType

from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, BusinessToken, Member

PersonId = NewType("PersonId", str)
"""`p_` and 32 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the graph of one business knows them."""

    business: BusinessId
    id: PersonId
    generation: int
    """Grows by one with each change; consumers order by it."""
    members: Mapping[Member, int]
    """Each member with the time (ms) it was first seen."""
    evidence: tuple[Evidence, ...] = ()
    """What holds the members together, in weaving order; see `derive.enough`."""
    quarantined: tuple[Evidence, ...] = ()
    """Proofs with an end here that would put two ids of one asset into one person."""
    absorbed: tuple[PersonId, ...] = ()
    """The ids that members of this person once gave to a person, sorted.

    So an id that has ended is here of exactly one person, who is whom it stands for
    now; an id that came alive again in a split is nobody's.
    """


def seniority(member: Member, first_seen_ms: int) -> tuple[bool, int, bytes]:
    """Sort key by which the founder is chosen: first seen, then a fixed tie-break.

    The tie-break is a hash, so that no asset's ids win by being small numbers. Any
    scoped id comes before any token: a token is proved once, with whichever of its
    events is handled first, so when it was first seen depends on their order.
    """
    tie_break = blake2b(str(member).encode(), digest_size=8).digest()
    return (isinstance(member, BusinessToken), first_seen_ms, tie_break)


def founder(members: Mapping[Member, int]) -> Member:
    """Return the member that a person is named after: the senior one."""
    return min(members, key=lambda member: seniority(member, members[member]))


def person_id(business: BusinessId, founding: Member) -> PersonId:
    """Name the person of *business* that *founding* founded.

    The name depends on nothing else, so a replay of the log gives the same one.
    """
    digest = blake2b(
        f"{business}|{founding}".encode(), digest_size=16, person=b"person"
    )
    return PersonId(f"p_{digest.hexdigest()}")


def is_coherent(members: Iterable[Member]) -> bool:
    """Say whether no two of *members* are ids of one asset."""
    scopes = [member.scope for member in members]
    return len(scopes) == len(set(scopes))
