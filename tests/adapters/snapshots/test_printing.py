"""Answers in the forms in which they are printed."""

import csv
import io
import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.snapshots.printing import PRINTED, as_csv, as_json, as_table

SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("count", pa.int64()),
        ("told", pa.timestamp("us", tz="UTC")),
        ("names", pa.list_(pa.string())),
    ]
)
TOLD = datetime(2026, 1, 2, 3, 4, 5, 6_000, tzinfo=UTC)


def batches(*rows: tuple[object, ...]) -> list[pa.RecordBatch]:
    """An answer: an empty batch, then the rows."""
    found = [dict(zip(SCHEMA.names, row, strict=True)) for row in rows]
    return [
        pa.RecordBatch.from_pylist(part, schema=SCHEMA) for part in ([], found) if rows
    ] or [pa.RecordBatch.from_pylist([], schema=SCHEMA)]


def test_a_table_is_aligned() -> None:
    """By the widest of the first rows; null is blank."""
    lines = list(as_table(batches(("Ann", 1, TOLD, ["x"]), (None, 22, None, []))))

    assert lines == [
        "name  count  told                      names",
        'Ann   1      2026-01-02T03:04:05.006Z  ["x"]',
        "      22                               []",
    ]


@pytest.mark.parametrize(("form", "told"), [("table", 1), ("csv", 1), ("json", 0)])
def test_an_answer_without_rows_has_its_columns(form: str, told: int) -> None:
    """But for JSON, where each row names them."""
    lines = list(PRINTED[form](batches()))

    assert len(lines) == told
    assert all("name" in line for line in lines)


def test_times_are_iso_8601_in_json() -> None:
    """Lists are lists, numbers numbers, null null."""
    (line,) = as_json(batches((None, 3, TOLD, ["x", "y"])))

    assert json.loads(line) == {
        "name": None,
        "count": 3,
        "told": "2026-01-02T03:04:05.006Z",
        "names": ["x", "y"],
    }


@pytest.mark.parametrize("form", PRINTED)
def test_a_time_beyond_the_calendar_is_no_failure(form: str) -> None:
    """It is told in seconds."""
    schema = pa.schema([("told", pa.timestamp("ms", tz="UTC"))])
    column = pa.array([2**60], pa.int64()).cast(schema.types[0])

    *_, last = PRINTED[form]([pa.record_batch([column], schema=schema)])

    assert f"{2**60 / 1_000:.3f}s" in last


@given(
    rows=st.lists(
        st.tuples(st.text(st.characters(codec="utf-8")), st.integers(-9, 9)), max_size=5
    )
)
def test_csv_is_read_back(rows: list[tuple[str, int]]) -> None:
    """Whatever text there is; only null and the empty text are alike."""
    lines = as_csv(batches(*((text, n, None, None) for text, n in rows)))

    found = list(csv.reader(io.StringIO("\n".join(lines), newline="")))
    assert found[0] == SCHEMA.names
    assert [(row[0], int(row[1])) for row in found[1:]] == rows


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ((0, 0, 61_500_000_000), "PT61.5S"),
        ((2, 3, 0), "P2M3D"),
        ((0, -1, 1), "P-1DT0.000000001S"),
        ((0, 0, 0), "PT0S"),
    ],
)
def test_how_long_something_took_is_told_as_iso_8601_does(
    span: tuple[int, int, int], text: str
) -> None:
    """Such as the difference of two times, or their median."""
    column = pa.array([pa.MonthDayNano(span)], type=pa.month_day_nano_interval())

    lines = list(as_csv([pa.RecordBatch.from_arrays([column], names=["wait"])]))

    assert lines == ["wait", text]
