"""CSV files with header files, for `neo4j-admin database import full`.

Persons and members are nodes; `MEMBER_OF` joins a member to its person, `PROVES` two
members that a proof joins.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from idweave_adapters.snapshots.shapes import edges, nodes
from idweave_adapters.snapshots.told import Told
from idweave_adapters.snapshots.written import TextFile, Written
from idweave_graph.person import Person

VERSION = 1

HEADERS = {
    "persons": ("id:ID(Person)", "business", "generation:long", "members:long"),
    "members": (
        "id:ID(Member)",
        "business",
        "kind",
        "asset",
        "value",
        "first_seen_ms:long",
        ":LABEL",
    ),
    "member-of": (":START_ID(Member)", ":END_ID(Person)"),
    "proves": (
        ":START_ID(Member)",
        ":END_ID(Member)",
        "kind",
        "learned_ms:long",
        "epoch_start:long",
        "epoch_end:long",
        "cause",
    ),
}
"""Files, and what their columns are called."""
_LABELS = {"app": "AppUser", "page": "PageUser", "token": "Token", "code": "Code"}


@dataclass(frozen=True, slots=True)
class _Csv:
    file: TextFile

    def write(self, row: Iterable[object], *, rows: int = 1) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(row)
        self.file.write(text.getvalue(), rows=rows)


class Neo4jSink:
    """Writes `<name>-header.csv` and `<name>.csv` for nodes and relationships."""

    def __init__(self, folder: Path) -> None:
        self._written: dict[str, Written] = {}
        self._files: dict[str, _Csv] = {}
        for name, columns in HEADERS.items():
            header = TextFile(folder / f"{name}-header.csv")
            _Csv(header).write(columns, rows=0)
            self._written[f"{name}-header.csv"] = header.close()
            self._files[name] = _Csv(TextFile(folder / f"{name}.csv"))

    def person(self, person: Person) -> None:
        """Write one person; of one who is erased, nothing."""
        if not person.members:
            return
        about = (person.id, person.business, person.generation, len(person.members))
        self._files["persons"].write(about)
        for node in nodes(person):
            business, _, _, kind, *rest = node.values
            label = f"Member;{_LABELS[str(kind)]}"
            self._files["members"].write((node.id, business, kind, *rest, label))
            self._files["member-of"].write((node.id, person.id))
        for edge in edges(person):
            self._files["proves"].write((edge.source, edge.target, *edge.values))

    def event(self, told: Told) -> None:
        """Pass over it."""

    def close(self) -> dict[str, Written]:
        """Finish the files."""
        for name, each in self._files.items():
            self._written[f"{name}.csv"] = each.file.close()
        return self._written
