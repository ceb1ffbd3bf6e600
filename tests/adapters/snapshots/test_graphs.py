"""What networkx reads back from each graph format is the graph of the persons."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest
from hypothesis import given, settings
from tests.adapters.snapshots.people import peoples, write

from idweave_adapters.snapshots.shapes import EDGE, NODE, edges, nodes
from idweave_graph.person import Person

if TYPE_CHECKING:  # a class with parameters for the type checker alone
    Graph = nx.Graph[Any]
Read = Callable[[Path], "Graph"]


def _graphml(path: Path) -> "Graph":
    found: Graph = nx.read_graphml(path, force_multigraph=True)
    return found


def _gexf(path: Path) -> "Graph":
    found: Graph = nx.read_gexf(path)
    return found


def _node_link(path: Path) -> "Graph":
    document = json.loads(path.read_text(encoding="utf-8"))
    found: Graph = nx.node_link_graph(document, edges="edges")
    return found


READERS: Mapping[str, tuple[str, Read]] = {
    "graphml": ("graph.graphml", _graphml),
    "gexf": ("graph.gexf", _gexf),
    "node-link": ("graph.json", _node_link),
}
NODE_NAMES = [attribute.name for attribute in NODE]
EDGE_NAMES = [attribute.name for attribute in EDGE]


def told(names: list[str], values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in names)


@pytest.mark.parametrize("form", READERS)
@settings(max_examples=25, deadline=None)
@given(people=peoples())
def test_networkx_reads_back_what_was_written(form: str, people: list[Person]) -> None:
    """Every member, every proof, all that is told of them; components are persons."""
    file, read = READERS[form]
    with TemporaryDirectory() as place:
        facts = write(Path(place) / form, form, people)
        graph = read(Path(place) / form / file)

    all_nodes = [node for person in people for node in nodes(person)]
    all_edges = [edge for person in people for edge in edges(person)]
    assert facts[file].rows == len(all_nodes) + len(all_edges)
    # One member may be made up for two persons of a business; the last is read.
    wanted = {node.id: node.values for node in all_nodes}
    found = {name: told(NODE_NAMES, values) for name, values in graph.nodes.items()}
    assert found == wanted
    assert sorted(
        (*sorted((one, two)), told(EDGE_NAMES, values))
        for one, two, values in graph.edges(data=True)
    ) == sorted((*sorted((e.source, e.target)), e.values) for e in all_edges)


def test_a_format_holds_one_file_and_no_scratch(tmp_path: Path) -> None:
    """Where edges waited is gone."""
    for form, (file, _) in READERS.items():
        facts = write(tmp_path / form, form, [])

        assert list(facts) == [file]
        assert [path.name for path in (tmp_path / form).iterdir()] == [file]
