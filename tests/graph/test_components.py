"""Who hangs together, by the word of two libraries that know graphs, and by hand."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from random import Random

import pytest
from benchmarks.components import (
    CAUSE,
    by_core,
    by_networkx,
    by_scipy,
    measure,
    page_id,
    proofs_of,
)
from benchmarks.shapes import SHAPES, Edge, all_together, nodes_of
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, partition, weave
from tests.support.stages import NAMES, PARTITIONS, committed, record
from tests.support.strategies import BUSINESS

from idweave_graph.derive import derive
from idweave_graph.evidence import Evidence
from idweave_graph.ids import Asset, AssetKind, Member, ScopedId
from idweave_graph.messages import Proved
from idweave_graph.person import is_coherent
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import encode_log
from idweave_streams.local.log import LocalTable
from idweave_streams.tables import GraphTable

MILLION_S = 540
"""It takes half a minute of one core; a run that lasts so long hangs."""

Parts = set[frozenset[Member]]


def said(proof: Evidence) -> Proved:
    return Proved(BUSINESS, (proof,), proof.at_ms, CAUSE)


def parts_of(labels: Sequence[int], ids: Sequence[Member], named: set[int]) -> Parts:
    """The components as sets of ids, without nodes that no edge names."""
    found: dict[int, set[Member]] = {}
    for node in named:
        found.setdefault(labels[node], set()).add(ids[node])
    return {frozenset(part) for part in found.values()}


# Without contradiction: exactly the components.


@pytest.mark.parametrize("name", SHAPES)
def test_persons_are_components(name: str) -> None:
    """Whatever the shape, networkx and scipy find the same."""
    figures = measure(SHAPES[name](10_000))

    assert figures.agree
    assert figures.edges > 9_000


edges_of_a_few = st.integers(1, 9).flatmap(
    lambda last: st.lists(
        st.tuples(st.integers(0, last), st.integers(0, last)).filter(
            lambda edge: edge[0] != edge[1]
        ),
        min_size=1,
        max_size=12,
    )
)


@given(edges=edges_of_a_few, seed=st.integers(0, 99))
def test_persons_of_any_small_graph_are_components(
    edges: list[Edge], seed: int
) -> None:
    """Also where an edge comes twice, in either direction, or a node has none."""
    assert measure(edges, seed).agree


@pytest.mark.timeout(MILLION_S + 60)
def test_a_million_proofs_in_one_question() -> None:
    """All shapes side by side, in less than 3 GiB."""
    command = [sys.executable, "-m", "benchmarks.components"]
    stated = ["--edges", "1000000", "--memory-gib", "3", "all"]

    done = subprocess.run(  # noqa: S603 - our own program
        [*command, *stated],
        capture_output=True,
        text=True,
        timeout=MILLION_S,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("all: 999,011 proofs, ")
    assert "all three agree" in done.stdout


@pytest.mark.parametrize("name", ["path", "barbell", "caterpillar", "tournament"])
def test_a_missing_proof_would_be_seen(name: str) -> None:
    """The comparison is no formality: without one bridge the answers differ."""
    edges = SHAPES[name](300)
    nodes = nodes_of(edges)
    ids = [page_id(node) for node in range(nodes)]
    bridge = edges[len(edges) // 2]

    labels = by_core(ids, proofs_of([e for e in edges if e != bridge], ids, seed=1))

    assert labels != by_scipy(nodes, edges)
    assert labels != by_networkx(nodes, edges)


@pytest.mark.parametrize(("size", "seed"), [(1_300, 1), (3_300, 2)])
def test_persons_that_were_woven_bit_by_bit_are_components(
    size: int, seed: int
) -> None:
    """One proof a message, in any order: the end is as if all had been known at once."""
    edges = all_together(size)
    ids = [page_id(node) for node in range(nodes_of(edges))]
    graph = DictGraph()

    weave(
        map(said, in_any_order(proofs_of(edges, ids, seed), seed)), graph, check=False
    )

    named = {node for edge in edges for node in edge}
    expected = parts_of(by_scipy(len(ids), edges), ids, named)
    assert partition(graph, BUSINESS) == expected
    graph.assert_sound()


def test_persons_in_a_worker_s_table_are_components() -> None:
    """The same through records, codecs and the table, in units of a hundred."""
    edges = all_together(660)
    ids = [page_id(node) for node in range(nodes_of(edges))]
    told = in_any_order(proofs_of(edges, ids, seed=5), seed=5)
    records = [
        record(NAMES.evidence, encode_log([said(proof)]), offset)
        for offset, proof in enumerate(told)
    ]
    table, stage = LocalTable(), Weave(NAMES, PARTITIONS)

    for first in range(0, len(records), 100):
        committed(stage.handle, records[first : first + 100], table)

    named = {node for edge in edges for node in edge}
    found: dict[str, set[Member]] = {}
    for node in named:
        person = GraphTable(table).person_of(BUSINESS, ids[node])
        found.setdefault(str(person), set()).add(ids[node])
    expected = parts_of(by_scipy(len(ids), edges), ids, named)
    assert {frozenset(part) for part in found.values()} == expected


def in_any_order(proofs: Sequence[Evidence], seed: int) -> list[Evidence]:
    return Random(seed).sample(proofs, k=len(proofs))


# With contradictions: oldest first, as far as it goes.


def with_few_assets(nodes: int, assets: int, seed: int) -> list[ScopedId]:
    """Ids that share their Pages, so that many may not be one person."""
    random = Random(seed)
    pages = [Asset(AssetKind.PAGE, str(number)) for number in range(assets)]
    return [ScopedId(random.choice(pages), str(node)) for node in range(nodes)]


def by_age(ids: Sequence[ScopedId], proofs: Iterable[Evidence]) -> Parts:
    """Join whoever may be joined, the oldest proof first; everybody is relabelled."""
    labels = dict(zip(ids, range(len(ids)), strict=True))
    for proof in sorted(proofs, key=lambda proof: proof.at_ms):
        one, two = labels[proof.a], labels[proof.b]  # type: ignore[index]
        together = [who for who, label in labels.items() if label in (one, two)]
        if len({who.asset for who in together}) == len(together):
            labels |= dict.fromkeys(together, one)
    found: dict[int, set[Member]] = {}
    for who, label in labels.items():
        found.setdefault(label, set()).add(who)
    return {frozenset(part) for part in found.values()}


def assert_as_told(ids: Sequence[ScopedId], proofs: Sequence[Evidence]) -> None:
    """Who is one person by `derive` is so by age, and no two of them may be joined."""
    derivation = derive(ids, proofs)

    assert set(derivation.parts) == by_age(ids, proofs)
    part_of = {who: part for part in derivation.parts for who in part}
    assert all(is_coherent(part) for part in derivation.parts)
    assert all(part_of[p.a] is part_of[p.b] for p in derivation.accepted)
    for proof in derivation.quarantined:
        assert not is_coherent(part_of[proof.a] | part_of[proof.b])
    assert len(derivation.accepted) + len(derivation.quarantined) == len(proofs)


@pytest.mark.parametrize("seed", [None, 7])
@pytest.mark.parametrize("assets", [2, 7, 60])
@pytest.mark.parametrize("name", SHAPES)
def test_contradicting_components_are_woven_by_age(
    name: str, assets: int, seed: int | None
) -> None:
    """Each person is coherent and part of one component, and nothing more can join."""
    edges = SHAPES[name](600)
    ids = with_few_assets(nodes_of(edges), assets, seed=assets)
    proofs = proofs_of(edges, ids, seed)

    assert_as_told(ids, proofs)

    labels = by_networkx(len(ids), edges)
    component_of = dict(zip(ids, labels, strict=True))
    for part in derive(ids, proofs).parts:
        assert (
            len({component_of[who] for who in part if isinstance(who, ScopedId)}) == 1
        )


@pytest.mark.parametrize(
    ("name", "size", "first"),
    [("path", 2_000, 0), ("star", 2_000, 1), ("tournament", 20_000, 0)],
)
def test_one_contradiction_in_a_large_component_costs_one_proof(
    name: str, size: int, first: int
) -> None:
    """Two ids far from each other are of one Page: the youngest proof gives way.

    In these shapes the last edge is all that joins the two, and it came last.
    """
    edges = SHAPES[name](size)
    ids = [page_id(node) for node in range(nodes_of(edges))]
    ids[-1] = ScopedId(ids[first].asset, "another")
    *_, last = proofs = proofs_of(edges, ids, seed=None)

    derivation = derive(ids, proofs)

    assert derivation.quarantined == (last,)
    assert len(derivation.parts) == 2
    assert all(len({ids[first], ids[-1]} & part) == 1 for part in derivation.parts)


@given(edges=edges_of_a_few, assets=st.integers(1, 6), seed=st.integers(0, 99))
def test_any_small_graph_with_contradictions_is_woven_by_age(
    edges: list[Edge], assets: int, seed: int
) -> None:
    """All at once, and message by message in any order: it comes to the same."""
    ids = with_few_assets(nodes_of(edges), assets, seed)
    proofs = proofs_of(edges, ids, seed)
    firsts = {proof.key: proof for proof in reversed(sorted_by_age(proofs))}

    assert_as_told(ids, list(firsts.values()))

    graph = DictGraph()
    weave(map(said, in_any_order(proofs, seed)), graph)
    named = {end for proof in proofs for end in (proof.a, proof.b)}
    expected = by_age(ids, firsts.values())
    assert partition(graph, BUSINESS) == {part for part in expected if part <= named}


def sorted_by_age(proofs: Iterable[Evidence]) -> list[Evidence]:
    return sorted(proofs, key=lambda proof: proof.at_ms)
