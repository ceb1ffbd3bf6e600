"""Graphs as one text file, in which all edges stand behind all nodes.

Persons come one at a time, so edges wait in a file beside until the nodes are written:
memory does not grow with the graph.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Protocol

from idweave_adapters.snapshots.shapes import Edge, Node, edges, nodes
from idweave_adapters.snapshots.told import Told
from idweave_adapters.snapshots.written import TextFile, Written
from idweave_graph.person import Person

_CHUNK = 1024 * 1024


class Notation(Protocol):
    """How a format writes a graph."""

    file: str
    head: str
    between: str
    """Stands between nodes and edges."""
    foot: str

    def node(self, number: int, node: Node) -> str:
        """Write a node; the first has the number 0."""

    def edge(self, number: int, edge: Edge) -> str:
        """Write an edge; the first has the number 0."""


class GraphFileSink:
    """Writes all persons as one graph. Events are not part of it."""

    def __init__(self, folder: Path, notation: Notation) -> None:
        self._notation = notation
        self._file = TextFile(folder / notation.file)
        self._file.write(notation.head)
        # Unlinked from the start, so that it is gone whatever happens.
        self._edges = TemporaryFile(dir=folder)  # noqa: SIM115  (closed by `close`)
        self._nodes = 0
        self._edge_count = 0

    def person(self, person: Person) -> None:
        """Write the nodes of one person, and keep the edges."""
        for node in nodes(person):
            self._file.write(self._notation.node(self._nodes, node), rows=1)
            self._nodes += 1
        for edge in edges(person):
            text = self._notation.edge(self._edge_count, edge)
            self._edges.write(text.encode())
            self._edge_count += 1

    def event(self, told: Told) -> None:
        """Pass over it."""

    def close(self) -> dict[str, Written]:
        """Write the edges behind the nodes."""
        self._file.write(self._notation.between)
        with self._edges:
            self._edges.seek(0)
            for chunk in self._chunks():
                self._file.write(chunk)
        self._file.write(self._notation.foot, rows=self._edge_count)
        return {self._notation.file: self._file.close()}

    def _chunks(self) -> Iterator[bytes]:
        while chunk := self._edges.read(_CHUNK):
            yield chunk
