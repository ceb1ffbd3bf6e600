"""What `neo4j-admin database import` is given: nodes and relationships that fit."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from tests.adapters.snapshots.people import peoples, write

from idweave_adapters.snapshots.neo4j import HEADERS
from idweave_adapters.snapshots.shapes import edges, nodes
from idweave_graph.person import Person


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Read a file by its header, as the import does: doubled quotes, no escapes."""
    with (folder / f"{name}-header.csv").open(newline="") as file:
        (columns,) = csv.reader(file)
    with (folder / f"{name}.csv").open(newline="") as file:
        return [dict(zip(columns, row, strict=True)) for row in csv.reader(file)]


@settings(max_examples=25, deadline=None)
@given(people=peoples(max_businesses=2))
def test_what_was_written_is_read_back(people: list[Person]) -> None:
    """Persons, members, who is whose, and proofs, whatever characters ids have."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "neo4j"
        facts = write(folder, "neo4j", people)
        found = {name: table(folder, name) for name in HEADERS}

    assert [(row["id:ID(Person)"], row["business"]) for row in found["persons"]] == [
        (person.id, person.business) for person in people
    ]
    all_nodes = [(node, p) for p in people for node in nodes(p)]
    assert [row["id:ID(Member)"] for row in found["members"]] == [
        node.id for node, _ in all_nodes
    ]
    assert [row["value"] for row in found["members"]] == [
        node.values[5] for node, _ in all_nodes
    ]
    assert [tuple(row.values()) for row in found["member-of"]] == [
        (node.id, person.id) for node, person in all_nodes
    ]
    assert [tuple(row.values()) for row in found["proves"]] == [
        (edge.source, edge.target, *map(str, edge.values))
        for person in people
        for edge in edges(person)
    ]
    for name, rows in found.items():
        assert facts[f"{name}.csv"].rows == len(rows)
        assert facts[f"{name}-header.csv"].rows == 0


def test_every_relationship_has_both_its_nodes(tmp_path: Path) -> None:
    """The id spaces of ends are those of nodes; labels and types are told."""
    spaces = {
        column.split("(")[1].rstrip(")")
        for name in ("persons", "members")
        for column in HEADERS[name]
        if ":ID(" in column
    }

    ends = {
        column.split("(")[1].rstrip(")")
        for name in ("member-of", "proves")
        for column in HEADERS[name]
        if column.startswith((":START_ID(", ":END_ID("))
    }

    assert ends == spaces == {"Person", "Member"}
