"""One number for "who is whom" in a business, to compare copies by."""

from collections.abc import Iterable
from hashlib import blake2b

from idweave_graph.ids import Member
from idweave_graph.person import PersonId

_MODULUS = 1 << 128


def membership_digest(memberships: Iterable[tuple[Member, PersonId]]) -> str:
    """Digest (member, person) pairs, in whatever order they come.

    The sum of a hash per pair, so parts can be digested apart and any two copies
    compared: tables, topics, snapshots, a replay. Pairs must not repeat.
    """
    total = 0
    for member, person in memberships:
        pair = blake2b(f"{member}|{person}".encode(), digest_size=16).digest()
        total = (total + int.from_bytes(pair)) % _MODULUS
    return f"{total:032x}"
