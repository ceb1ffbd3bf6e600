"""What hangs together: persons are derived from evidence, never stored unions.

The only module that knows networkx. The result depends on the sets of members and
evidence alone, not on the order in which they were learned.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

import networkx as nx
from networkx.utils import UnionFind

from idweave_graph.bans import Pair
from idweave_graph.decisions import MemberPair
from idweave_graph.evidence import Evidence, weaving_order
from idweave_graph.ids import Member
from idweave_graph.person import is_coherent

MAX_PROOFS = 256
"""Proofs that a person keeps in any case: all, up to some sixteen members."""

Scope = str | Pair
"""Of what a person may have but one: an id of an asset, an end of a ban."""

WAYS = 3
"""In how many ways, without a proof in common, larger persons are held together."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """The persons that evidence amounts to, and what had to be left out."""

    parts: tuple[frozenset[Member], ...]
    """In the order of their first members' text."""
    accepted: tuple[Evidence, ...]
    """Proofs that hold the parts together, in weaving order."""
    quarantined: tuple[Evidence, ...]
    """Proofs between two persons, in weaving order: they contradict an older one."""


def derive(
    members: Collection[Member],
    proofs: Collection[Evidence],
    barred: Collection[Pair] = (),
    favoured: Sequence[MemberPair] = (),
) -> Derivation:
    """Partition *members* into persons by *proofs*.

    A component without contradiction is one person. In one with a contradiction the
    proofs are weighed one by one, those between *favoured* pairs in their order and
    then the oldest first, and a proof that would join two ids of one asset, or two that
    are *barred*, is left out. So is a proof with an end outside *members*: it was left
    out before, and the persons on its far side are not part of this question.
    """
    ordered = sorted(proofs, key=weaving_order)
    graph: nx.Graph[Member] = nx.Graph()
    graph.add_nodes_from(members)
    graph.add_edges_from((p.a, p.b) for p in ordered if p.a in graph and p.b in graph)
    parts: list[frozenset[Member]] = []
    tangled: set[Member] = set()
    for component in nx.connected_components(graph):
        if is_coherent(component) and not _has_barred(component, barred):
            parts.append(frozenset(component))
        else:
            tangled |= component
    inside = (p for p in favoured_first(ordered, favoured) if {p.a, p.b} <= tangled)
    parts += _weigh(tangled, inside, barred)
    parts.sort(key=lambda part: min(map(str, part)))
    part_of = {member: part for part in parts for member in part}
    holds = [part_of.get(p.a, p.a) is part_of.get(p.b, p.b) for p in ordered]
    return Derivation(
        tuple(parts),
        tuple(compress(ordered, holds)),
        tuple(compress(ordered, (not held for held in holds))),
    )


def favoured_first(
    proofs: Sequence[Evidence], favoured: Sequence[MemberPair]
) -> Sequence[Evidence]:
    """Put those between *favoured* pairs, in their order, before the other *proofs*."""
    if not favoured:
        return proofs
    place = {pair: number for number, pair in enumerate(favoured)}
    return sorted(proofs, key=lambda p: place.get((p.a, p.b), len(place)))


def _has_barred(component: Collection[Member], barred: Collection[Pair]) -> bool:
    return any(one in component and two in component for one, two in barred)


def _weigh(
    members: Collection[Member], proofs: Iterable[Evidence], barred: Collection[Pair]
) -> list[frozenset[Member]]:
    joined = UnionFind(members)
    scopes: dict[Member, set[Scope]] = {member: {member.scope} for member in members}
    for pair in barred:  # as if both were ids of one asset
        for end in pair:
            scopes.get(end, set()).add(pair)
    for proof in proofs:
        one, two = scopes[joined[proof.a]], scopes[joined[proof.b]]
        if one.isdisjoint(two):
            joined.union(proof.a, proof.b)
            scopes[joined[proof.a]] = one | two
    return [frozenset(part) for part in joined.to_sets()]


def enough(
    proofs: Sequence[Evidence], favoured: Sequence[MemberPair] = ()
) -> tuple[Evidence, ...]:
    """Return those of one person's *proofs* that are kept; both in weaving order.

    Each lookup of n ids answers the n - 1 others, so a large person has far more
    proofs than they need. What is left out here is the youngest that is not needed to
    hold the members together in several ways, those of *favoured* pairs last. More proofs never make one needed that
    was left out, so leaving out early or late, in any order, keeps the same.
    """
    if len(proofs) <= MAX_PROOFS:
        return tuple(proofs)
    ways: list[UnionFind[Member]] = [UnionFind() for _ in range(WAYS)]
    ordered = favoured_first(proofs, favoured)
    is_needed = [any(_joins(way, proof) for way in ways) for proof in ordered]
    room = MAX_PROOFS - sum(is_needed)
    kept = []
    for proof, needed in zip(ordered, is_needed, strict=True):
        if needed or room > 0:
            kept.append(proof)
            room -= not needed
    return tuple(sorted(kept, key=weaving_order) if favoured else kept)


def _joins(way: "UnionFind[Member]", proof: Evidence) -> bool:
    if way[proof.a] == way[proof.b]:
        return False
    way.union(proof.a, proof.b)
    return True
