"""The data dictionary: what stands in which column, told from the model."""

import sys

from idweave_adapters.snapshots.model import TABLES, Column, Table

_HEAD = """\
<!-- Made from the code: python -m idweave_adapters.snapshots.dictionary -->
# Data dictionary

The tables of a snapshot that `idweave export --format parquet` wrote, as Parquet files and as the views of `idweave query`.
Files are `parquet/<table>/business=<business>/part-<n>.parquet`; a table or business without rows has none.
`business` is in the path alone, as hive partitions have it, percent-encoded; nothing else is encoded.
Times are in UTC, to the millisecond; an ended person id leads to a living one by `persons.absorbed`.
Tables of what has happened (`merges`, `splits`, `refusals`, `bans`, `decisions`) reach back as far as the events topic does.
"""


def dictionary_text() -> str:
    """Return all of the dictionary, as docs/data.md holds it."""
    return _HEAD + "".join(map(_chapter, TABLES))


def _chapter(table: Table) -> str:
    lines = ["", f"## {table.name}", "", f"One row: {_lower(table.meaning)}", ""]
    lines += ["| Column | Type | Meaning |", "|---|---|---|"]
    return "\n".join([*lines, *map(_row, table.columns)]) + "\n"


def _row(column: Column) -> str:
    null = ", or null" if column.is_optional else ""
    return f"| `{column.name}` | {column.kind.value}{null} | {column.meaning} |"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


if __name__ == "__main__":
    sys.stdout.write(dictionary_text())
