"""Whether who hangs together is who hangs together, on graphs of a million proofs.

The core derives persons from proofs between ids of as many Pages, so that nothing
contradicts; networkx and scipy say independently what the components are.

    python -m benchmarks.components [--edges 1000000] [--memory-gib 3] [SHAPE ...]
"""

import argparse
import gc
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import networkx as nx
import numpy as np
from benchmarks.shapes import SHAPES, Edge, all_together, nodes_of
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from idweave_graph.derive import derive
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.ids import Asset, AssetKind, Member, ScopedId

ALL = "all"
GIB = 1 << 30
MIB_OF_KIB = 1 / 1024
CAUSE = Cause("benchmark", 0, 0)

Labels = list[int]
"""For each node the smallest node of its component."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came out."""

    nodes: int
    edges: int
    components: int
    seconds: float
    """That the core took to derive them, of one processor's time."""
    agree: bool


def measure(edges: Sequence[Edge], seed: int = 1) -> Figures:
    """Let all three say what hangs together."""
    nodes = nodes_of(list(edges))
    ids = [page_id(node) for node in range(nodes)]
    proofs = proofs_of(edges, ids, seed)
    began = time.process_time()
    labels = by_core(ids, proofs)
    seconds = time.process_time() - began
    del ids, proofs
    agree = labels == by_scipy(nodes, edges) == by_networkx(nodes, edges)
    return Figures(nodes, len(edges), len(set(labels)), seconds, agree)


def page_id(node: int) -> ScopedId:
    """Return an id of a Page of its own, which nothing can contradict."""
    return ScopedId(Asset(AssetKind.PAGE, str(node)), "x")


def proofs_of(
    edges: Sequence[Edge], ids: Sequence[Member], seed: int | None
) -> list[Evidence]:
    """Return a proof for each edge, learned in any order; without seed, in this one."""
    order = list(range(len(edges)))
    if seed is not None:
        Random(seed).shuffle(order)  # noqa: S311 - no secret
    kind = EvidenceKind.IDS_FOR_PAGES
    return [
        evidence(kind, (ids[one], 1), (ids[two], 1), at_ms=at_ms, cause=CAUSE)
        for at_ms, (one, two) in zip(order, edges, strict=True)
    ]


def by_core(ids: Sequence[Member], proofs: Sequence[Evidence]) -> Labels:
    """Ask the core."""
    number = {who: node for node, who in enumerate(ids)}
    labels = [-1] * len(ids)
    for part in derive(ids, proofs).parts:
        nodes = [number[who] for who in part]
        first = min(nodes)
        for node in nodes:
            labels[node] = first
    return labels


def by_networkx(nodes: int, edges: Sequence[Edge]) -> Labels:
    """Ask networkx."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(edges)
    labels = [-1] * nodes
    for component in nx.connected_components(graph):
        first = min(component)
        for node in component:
            labels[node] = first
    return labels


def by_scipy(nodes: int, edges: Sequence[Edge]) -> Labels:
    """Ask scipy."""
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    ones = np.ones(len(ends), dtype=np.int8)
    matrix = coo_matrix((ones, (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    found, labels = connected_components(matrix, directed=False)
    firsts = np.full(found, nodes, dtype=np.int64)
    np.minimum.at(firsts, labels, np.arange(nodes))
    return [int(first) for first in firsts[labels]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each shape; return 1 if anybody disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--memory-gib", type=float, help="never take more than this")
    parser.add_argument("shapes", nargs="*", help=", ".join([*SHAPES, ALL]))
    stated = parser.parse_args(arguments)
    if unknown := {*stated.shapes} - {*SHAPES, ALL}:
        parser.error(f"no such shape: {', '.join(unknown)}")
    if stated.memory_gib:
        limit = int(stated.memory_gib * GIB)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    gc.disable()  # nothing here is a cycle, and all of it stays until the end
    is_right = True
    for name in stated.shapes or [*SHAPES, ALL]:
        shape = all_together if name == ALL else SHAPES[name]
        figures = measure(shape(stated.edges))
        is_right &= figures.agree
        print(_line(name, figures), flush=True)
    return 0 if is_right else 1


def _line(name: str, figures: Figures) -> str:
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    verdict = "all three agree" if figures.agree else "THEY DISAGREE"
    return (
        f"{name}: {figures.edges:,} proofs, {figures.nodes:,} ids, "
        f"{figures.components:,} components, {figures.seconds:.1f} s of a core, "
        f"{peak_kib * MIB_OF_KIB:,.0f} MiB at most so far: {verdict}"
    )


if __name__ == "__main__":
    sys.exit(main())
