"""A person: one connected component of evidence inside one business."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NewType

from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member, ScopedId

PersonId = NewType("PersonId", str)
"""`p_` and 32 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Presence:
    """On what ground a member is in the graph."""

    epoch: int
    """The ownership epoch of its asset that it was seen under; 0 for a token."""
    life: int
    """How often the business had taken something back when the member came.

    Part of the member's own name, so that who comes back is somebody new.
    """
    sighted_ms: int | None
    """When it was first seen itself; None: nothing but proofs speaks for it."""


@dataclass(frozen=True, slots=True)
class Title:
    """A name of a person, and the member that it goes with."""

    name: PersonId
    bearer: Member
    is_ids: bool
    """It was made from a scoped id, so it comes before any that was made from a token."""
    since_ms: int
    """When the member that it was made from was first seen."""

    @property
    def seniority(self) -> tuple[bool, int, PersonId]:
        """Sort key: of several titles a person goes by the first.

        Any scoped id comes before any token: a token is proved once, with whichever of
        its events is handled first, so when it was first seen depends on their order.
        The last tie-break is a hash, so that no asset's ids win by being small numbers.
        """
        return (not self.is_ids, self.since_ms, self.name)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the graph of one business knows them."""

    business: BusinessId
    id: PersonId
    generation: int
    """Grows with each change; consumers order by it."""
    members: Mapping[Member, int]
    """Each member with the time (ms) it was first seen. Empty: the person is erased."""
    evidence: tuple[Evidence, ...] = ()
    """What holds the members together, in weaving order; see `derive.enough`."""
    quarantined: tuple[Evidence, ...] = ()
    """Proofs with an end here that would put two ids of one asset into one person."""
    absorbed: tuple[PersonId, ...] = ()
    """The ids that members of this person once gave to a person, sorted.

    So an id that has ended is here of exactly one person, who is whom it stands for
    now; an id that came alive again in a split is nobody's.
    """
    presence: Mapping[Member, Presence] = field(default_factory=dict)
    """On what ground each member is here."""
    titles: tuple[Title, ...] = ()
    """The names that a member has inherited, or keeps from an earlier time, by name."""

    def presence_of(self, member: Member) -> Presence:
        """Return the ground of *member*, as it can be told of older records too.

        Before it was recorded, everyone counted as seen; epoch 0 stands for an id of
        which it can't be told, which is before any other.
        """
        known = self.presence.get(member)
        if known is not None:
            return known
        proofs = (*self.evidence, *self.quarantined)
        epochs = [p.epoch_of(member) for p in proofs if member in (p.a, p.b)]
        return Presence(max(epochs, default=0), 0, self.members[member])


def own_title(
    business: BusinessId, member: Member, first_seen_ms: int, life: int
) -> Title:
    """Return the name that *member* gives to a person that it founds."""
    name = person_id(business, member, life)
    return Title(name, member, isinstance(member, ScopedId), first_seen_ms)


def person_id(business: BusinessId, founding: Member, life: int = 0) -> PersonId:
    """Name the person of *business* that *founding* founded, in that life of it.

    The name depends on nothing else, so a replay of the log gives the same one.
    """
    digest = blake2b(
        f"{business}|{founding}".encode(),
        digest_size=16,
        person=b"person",
        salt=life.to_bytes(16),
    )
    return PersonId(f"p_{digest.hexdigest()}")


def is_coherent(members: Iterable[Member]) -> bool:
    """Say whether no two of *members* are ids of one asset."""
    scopes = [member.scope for member in members]
    return len(scopes) == len(set(scopes))
