"""What hangs together: persons are derived from evidence, never stored unions.

The only module that knows networkx. The result depends on the sets of members and
evidence alone, not on the order in which they were learned.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import compress

import networkx as nx
from networkx.utils import UnionFind

from idweave_graph.evidence import Evidence, weaving_order
from idweave_graph.ids import Member
from idweave_graph.person import is_coherent


@dataclass(frozen=True, slots=True)
class Derivation:
    """The persons that evidence amounts to, and what had to be left out."""

    parts: tuple[frozenset[Member], ...]
    accepted: tuple[Evidence, ...]
    """Proofs that hold the parts together, in weaving order."""
    quarantined: tuple[Evidence, ...]
    """Proofs between two persons, in weaving order: they contradict an older one."""


def derive(members: Collection[Member], proofs: Collection[Evidence]) -> Derivation:
    """Partition *members* into persons by *proofs*.

    A component without contradiction is one person. In one with a contradiction the
    proofs are weighed one by one, the oldest first, and a proof that would join two
    ids of one asset is left out. So is a proof with an end outside *members*: it was
    left out before, and the persons on its far side are not part of this question.
    """
    ordered = sorted(proofs, key=weaving_order)
    graph: nx.Graph[Member] = nx.Graph()
    graph.add_nodes_from(members)
    graph.add_edges_from((p.a, p.b) for p in ordered if p.a in graph and p.b in graph)
    parts: list[frozenset[Member]] = []
    tangled: set[Member] = set()
    for component in nx.connected_components(graph):
        if is_coherent(component):
            parts.append(frozenset(component))
        else:
            tangled |= component
    parts += _weigh(tangled, (p for p in ordered if p.a in tangled and p.b in tangled))
    part_of = {member: part for part in parts for member in part}
    holds = [part_of.get(p.a, p.a) is part_of.get(p.b, p.b) for p in ordered]
    return Derivation(
        tuple(parts),
        tuple(compress(ordered, holds)),
        tuple(compress(ordered, (not held for held in holds))),
    )


def _weigh(
    members: Collection[Member], proofs: Iterable[Evidence]
) -> list[frozenset[Member]]:
    joined = UnionFind(members)
    group = {member: {member} for member in members}
    for proof in proofs:
        one, two = group[joined[proof.a]], group[joined[proof.b]]
        if one is not two and is_coherent(one | two):
            joined.union(proof.a, proof.b)
            group[joined[proof.a]] = one | two
    return [frozenset(part) for part in joined.to_sets()]
