"""Questions in SQL over the tables of a snapshot, by DuckDB.

The tables are handed over as open data sets, so the database itself needs no file and
no network, and both are shut off for good before the first question.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from idweave_adapters.errors import AdapterError
from idweave_adapters.snapshots.model import TABLES, Table
from idweave_adapters.snapshots.parquet import schema_of

Files = Mapping[str, Sequence[Path]]
"""The files `<table>/business=<business>/...` of each table; perhaps none."""

BATCH_ROWS = 1_000
"""Rows of an answer that are in memory at a time."""
_MEMORY = "1GB"
_INTERRUPTED = "Query interrupted"
_SETTINGS = (
    f"SET memory_limit = '{_MEMORY}'",
    "SET TimeZone = 'UTC'",
    "SET python_enable_replacements = false",  # variables of this program are no tables
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
_ALLOWED = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


class QueryError(AdapterError):
    """The question can't be answered. The text says why, as the database does."""


class Desk:
    """Answers questions; made by `desk_over`."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self._database = database

    def ask(self, question: str) -> Iterator[pa.RecordBatch]:
        """Yield the answer to one SELECT, at least one batch, which may be empty.

        Raises:
            QueryError: it is no single SELECT, or fails.
            KeyboardInterrupt: a signal ended it, which the database tells in its way.
        """
        try:
            self._check(question)
            answer = self._database.sql(question)
            if answer is None:
                raise QueryError("the question has no answer; write a SELECT")
            reader = answer.to_arrow_reader(BATCH_ROWS)
            yield pa.RecordBatch.from_pylist([], schema=reader.schema)
            yield from reader
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except (duckdb.Error, pa.ArrowException) as error:
            raise QueryError(_first_lines(error)) from None
        except RuntimeError as error:
            if str(error) == _INTERRUPTED:
                raise KeyboardInterrupt from None
            raise

    def _check(self, question: str) -> None:
        statements = self._database.extract_statements(question)
        if len(statements) != 1 or statements[0].type not in _ALLOWED:
            raise QueryError("a question is one SELECT; a snapshot can't be changed")


@contextmanager
def desk_over(**snapshots: Files) -> Iterator[Desk]:
    """Open the tables of one or several snapshots for questions.

    What is too large for memory is on the disk that `TMPDIR` names while a question is
    answered. Tables of the snapshot called `main` are views by their own names, of any
    other `<name>_<table>`.
    """
    with (
        tempfile.TemporaryDirectory(prefix="idweave-") as folder,
        duckdb.connect(":memory:", config=_config(folder)) as database,
    ):
        for name, files in snapshots.items():
            prefix = "" if name == "main" else f"{name}_"
            for table in TABLES:
                found = _data_set(table, files.get(table.name, ()))
                database.register(f"{prefix}{table.name}", found)
        for setting in _SETTINGS:
            database.execute(setting)
        yield Desk(database)


def _config(folder: str) -> dict[str, Any]:
    return {
        "temp_directory": folder,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def _data_set(table: Table, files: Sequence[Path]) -> Any:
    schema = schema_of(table)
    if not files:
        return ds.dataset(schema.empty_table())
    parts = ds.partitioning(pa.schema([schema.field("business")]), flavor="hive")
    paths = list(map(str, files))
    # Above it, a folder may be called anything.
    top = str(files[0].parent.parent)
    return ds.dataset(
        paths,
        schema=schema,
        partitioning=parts,
        partition_base_dir=top,
        format="parquet",
    )


def _first_lines(error: Exception) -> str:
    """Return what the error says, without the picture of where in the question."""
    return str(error).split("\n\n")[0].strip()
