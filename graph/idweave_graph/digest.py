"""One number for "who is whom" in a business, to compare copies by."""

from collections.abc import Iterable
from hashlib import blake2b

from idweave_graph.ids import Member
from idweave_graph.person import PersonId

_MODULUS = 1 << 128


class MembershipDigest:
    """Digests (member, person) pairs one by one, in whatever order they come."""

    __slots__ = ("_total", "count")

    def __init__(self) -> None:
        self._total = 0
        self.count = 0
        """How many pairs there were."""

    def add(self, member: Member, person: PersonId) -> None:
        """Take over one pair, which must not come twice."""
        pair = blake2b(f"{member}|{person}".encode(), digest_size=16).digest()
        self._total = (self._total + int.from_bytes(pair)) % _MODULUS
        self.count += 1

    def __str__(self) -> str:
        return f"{self._total:032x}"


def membership_digest(memberships: Iterable[tuple[Member, PersonId]]) -> str:
    """Digest (member, person) pairs, in whatever order they come.

    The sum of a hash per pair, so parts can be digested apart and any two copies
    compared: tables, topics, snapshots, a replay. Pairs must not repeat.
    """
    digest = MembershipDigest()
    for member, person in memberships:
        digest.add(member, person)
    return str(digest)
