"""Answers as a table for people, as CSV, or as one JSON object a row."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

Batches = Iterable[pa.RecordBatch]


def as_csv(batches: Batches) -> Iterator[str]:
    """Yield lines of CSV, the names of the columns first; null is empty."""
    for batch, is_first in _numbered(batches):
        if is_first:
            yield _csv_line(batch.schema.names)
        for row in _rows(batch):
            yield _csv_line(["" if v is None else _text(v) for v in row])


def as_json(batches: Batches) -> Iterator[str]:
    """Yield one JSON object a row; of two columns of one name, the last counts."""
    for batch, _ in _numbered(batches):
        for row in _rows(batch):
            found = dict(zip(batch.schema.names, row, strict=True))
            yield orjson.dumps(found, default=str).decode()


def as_table(batches: Batches) -> Iterator[str]:
    """Yield aligned lines: as wide as the first rows need, and wider where they must."""
    widths: list[int] = []
    waiting: list[list[str]] = []
    for batch, is_first in _numbered(batches):
        rows = [["" if v is None else _text(v) for v in row] for row in _rows(batch)]
        if is_first:
            rows.insert(0, list(batch.schema.names))
            if not batch.num_rows:  # the widths come from the rows that follow
                waiting = rows
                continue
        rows, waiting = [*waiting, *rows], []
        widths = widths or [max(map(len, column)) for column in zip(*rows, strict=True)]
        yield from (_aligned(row, widths) for row in rows)
    yield from (_aligned(row, [len(cell) for cell in row]) for row in waiting)


PRINTED: Mapping[str, Callable[[Batches], Iterator[str]]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
}


def _numbered(batches: Batches) -> Iterator[tuple[pa.RecordBatch, bool]]:
    for number, batch in enumerate(batches):
        yield batch, number == 0


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    columns = [_values(batch.column(n)) for n in range(batch.num_columns)]
    yield from zip(*columns, strict=True)


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_interval(column.type):
        return [None if span is None else _span(*span) for span in column.to_pylist()]
    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    per_second = _PER_SECOND[column.type.unit]
    end = "Z" if column.type.tz else ""
    found = column.cast(pa.int64()).to_pylist()
    return [None if n is None else _moment(n, per_second, end) for n in found]


def _span(months: int, days: int, nanoseconds: int) -> str:
    """Write how long something took as ISO 8601 does: `P2MT61.5S`."""
    seconds = f"{Decimal(nanoseconds) / 1_000_000_000:f}"
    parts = ((months, f"{months}M"), (days, f"{days}D"), (nanoseconds, f"T{seconds}S"))
    return "P" + ("".join(text for number, text in parts if number) or "T0S")


def _moment(count: int, per_second: int, end: str) -> str:
    """Write a time as ISO 8601 does; one beyond the years that it has, as seconds."""
    try:
        at = _EPOCH + timedelta(microseconds=count * 1_000_000 // per_second)
    except OverflowError:
        return f"{count / per_second:.3f}s"
    is_whole = at.microsecond % 1_000 == 0
    digits = "milliseconds" if is_whole else "microseconds"
    return at.replace(tzinfo=None).isoformat(timespec=digits) + end


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | list | dict):
        return orjson.dumps(value, default=str).decode()
    return str(value)


def _csv_line(row: Iterable[str]) -> str:
    text = io.StringIO()
    # Named, so that a text with a line break in it is quoted.
    csv.writer(text, lineterminator="\r\n").writerow(row)
    return text.getvalue().removesuffix("\r\n")


def _aligned(row: list[str], widths: list[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join(cells).rstrip()
