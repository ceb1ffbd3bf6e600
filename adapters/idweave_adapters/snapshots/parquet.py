"""Tables as Parquet, partitioned by business."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from idweave_adapters.snapshots.model import TABLES, Column, Kind, Table
from idweave_adapters.snapshots.rows import Row, Rows, event_rows, person_rows
from idweave_adapters.snapshots.told import Told
from idweave_adapters.snapshots.written import Written, written
from idweave_graph.person import Person

VERSION = 1
ROW_GROUP = 64 * 1024
"""Rows of a group, and the most that is held in memory of a table."""

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIME: pa.timestamp("ms", tz="UTC"),
    Kind.TEXTS: pa.list_(pa.string()),
}


def schema_of(table: Table) -> pa.Schema:
    """Return the columns of *table* as readers see them, the business first."""
    return pa.schema(map(_field, table.columns), metadata=_metadata(table))


def file_schema_of(table: Table) -> pa.Schema:
    """Return the columns that are in the files: the business is in their path."""
    return pa.schema(map(_field, table.columns[1:]), metadata=_metadata(table))


def _metadata(table: Table) -> dict[str, str]:
    return {"idweave.table": table.name, "idweave.version": str(VERSION)}


def _field(column: Column) -> pa.Field:
    about = {"description": column.meaning}
    kind = _TYPES[column.kind]
    return pa.field(column.name, kind, nullable=column.is_optional, metadata=about)


@dataclass(slots=True)
class _Open:
    """One file being written."""

    name: str
    writer: Any
    rows: list[Row] = field(default_factory=list)
    count: int = 0


class ParquetSink:
    """Writes each table of a business to one file, in row groups.

    At any time the files of one business are open. A business that comes again, apart
    from its first rows, gets another file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schemas = {table.name: file_schema_of(table) for table in TABLES}
        self._business: str | None = None
        self._open: dict[str, _Open] = {}
        self._parts: Counter[str] = Counter()
        self._written: dict[str, Written] = {}

    def person(self, person: Person) -> None:
        """Write one person to the tables of the state."""
        self._add(person.business, person_rows(person))

    def event(self, told: Told) -> None:
        """Write one event to the tables of what has happened."""
        self._add(told.event.business, event_rows(told))

    def close(self) -> dict[str, Written]:
        """Finish the files."""
        self._close_files()
        return self._written

    def _add(self, business: str, rows: Rows) -> None:
        if business != self._business:
            self._close_files()
            self._business = business
        for table, row in rows:
            file = self._open.get(table) or self._opened(table, business)
            file.rows.append(row)
            if len(file.rows) >= ROW_GROUP:
                self._flush(table, file)

    def _opened(self, table: str, business: str) -> _Open:
        place = f"{table}/business={quote(business, safe='')}"
        name = f"{place}/part-{self._parts[place]}.parquet"
        self._parts[place] += 1
        path = self._folder / name
        for folder in (path.parent.parent, path.parent):  # the mode is of one alone
            folder.mkdir(mode=0o700, exist_ok=True)
        writer = pq.ParquetWriter(path, self._schemas[table], compression="zstd")
        file = self._open[table] = _Open(name, writer)
        return file

    def _flush(self, table: str, file: _Open) -> None:
        if file.rows:
            schema = self._schemas[table]
            columns = list(zip(*file.rows, strict=True))[1:]  # not the business
            arrays = [
                pa.array(values, column.type)
                for values, column in zip(columns, schema, strict=True)
            ]
            file.writer.write_batch(pa.record_batch(arrays, schema=schema))
            file.count += len(file.rows)
            file.rows.clear()

    def _close_files(self) -> None:
        for table, file in self._open.items():
            self._flush(table, file)
            file.writer.close()
            self._written[file.name] = written(self._folder / file.name, file.count)
        self._open.clear()
