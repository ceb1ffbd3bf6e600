"""The data dictionary, the schema and the rows come from one model."""

from pathlib import Path

import pytest

from idweave_adapters.snapshots.dictionary import dictionary_text
from idweave_adapters.snapshots.model import TABLES, Table
from idweave_adapters.snapshots.parquet import VERSION, file_schema_of, schema_of

DATA = Path(__file__).parents[3] / "docs" / "data.md"


def test_the_dictionary_is_that_of_the_program() -> None:
    """Made again by: python -m idweave_adapters.snapshots.dictionary > docs/data.md."""
    assert DATA.read_text(encoding="utf-8") == dictionary_text()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_schema_says_what_the_dictionary_says(table: Table) -> None:
    """Each column with its meaning, and which of them may be null."""
    schema = schema_of(table)

    assert schema.names == [column.name for column in table.columns]
    assert schema.names[0] == "business"
    assert len(set(schema.names)) == len(schema.names)
    for column in table.columns:
        field = schema.field(column.name)
        assert field.metadata[b"description"].decode() == column.meaning
        assert field.nullable is column.is_optional
    assert file_schema_of(table).names == schema.names[1:]
    assert schema.metadata[b"idweave.version"] == str(VERSION).encode()
