"""What is read back from Parquet are the persons that were written."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from tests.adapters.snapshots.people import files_of, peoples, write
from tests.support.strategies import BUSINESS, OTHER_BUSINESS

from idweave_adapters.snapshots import parquet
from idweave_adapters.snapshots.model import MEMBERS, TABLES, Kind
from idweave_adapters.snapshots.parquet import schema_of
from idweave_adapters.snapshots.rows import person_rows
from idweave_adapters.snapshots.sql import desk_over
from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_graph.person import Person, PersonId

HIVE = pa.schema([("business", pa.string())])
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def expected(people: list[Person]) -> dict[str, list[dict[str, Any]]]:
    """The rows of *people*, with times as readers have them."""
    columns = {table.name: table.columns for table in TABLES}
    found: dict[str, list[dict[str, Any]]] = {}
    for person in people:
        for name, row in person_rows(person):
            cells = zip(columns[name], row, strict=True)
            found.setdefault(name, []).append(
                {c.name: _moment(v) if c.kind is Kind.TIME else v for c, v in cells}
            )
    return found


def _moment(value: Any) -> datetime | None:
    return None if value is None else EPOCH + timedelta(milliseconds=value)


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=repr)


def somebody(number: int, business: str = BUSINESS) -> Person:
    who = ScopedId(Asset.parse("app:1"), str(number))
    place = (BusinessId(business), PersonId(f"p_{number:032x}"))
    return Person(*place, generation=1, members={who: number})


@settings(max_examples=25, deadline=None)
@given(people=peoples())
def test_what_was_written_is_read_back(people: list[Person]) -> None:
    """By pyarrow with any hive reader's rules, and by DuckDB, whatever the ids are."""
    with TemporaryDirectory() as place:
        top = Path(place) / "parquet"
        facts = write(top, "parquet", people)

        wanted = expected(people)
        for table in TABLES:
            rows = wanted.get(table.name, [])
            of_table = {
                n: f for n, f in facts.items() if n.startswith(table.name + "/")
            }
            assert sum(f.rows for f in of_table.values()) == len(rows)
            if rows:
                parts = ds.partitioning(HIVE, flavor="hive")
                found = ds.dataset(top / table.name, partitioning=parts).to_table()
                assert ordered(found.select(schema_of(table).names).to_pylist()) == (
                    ordered(rows)
                )
            with desk_over(main=files_of(top)) as desk:
                asked = list(desk.ask(f"SELECT * FROM {table.name}"))  # noqa: S608
            answered = [row for batch in asked for row in batch.to_pylist()]
            assert ordered(answered) == ordered(rows)


def test_rows_are_written_in_bounded_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that neither writer nor reader holds a whole table."""
    monkeypatch.setattr(parquet, "ROW_GROUP", 100)

    write(tmp_path / "out", "parquet", map(somebody, range(250)))

    (path,) = files_of(tmp_path / "out")["members"]
    file = pq.ParquetFile(path)
    groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
    assert [group.num_rows for group in groups] == [100, 100, 50]
    assert {groups[0].column(n).compression for n in range(8)} == {"ZSTD"}


def test_a_business_that_comes_again_gets_another_file(tmp_path: Path) -> None:
    """No row is lost, and none is written over."""
    people = [somebody(1), somebody(2, OTHER_BUSINESS), somebody(3)]

    facts = write(tmp_path / "out", "parquet", people)

    names = sorted(name for name in facts if name.startswith("members/"))
    assert names == [
        f"members/business={BUSINESS}/part-0.parquet",
        f"members/business={BUSINESS}/part-1.parquet",
        f"members/business={OTHER_BUSINESS}/part-0.parquet",
    ]


def test_somebody_who_is_erased_is_no_row(tmp_path: Path) -> None:
    """A person without members is nobody."""
    gone = Person(BUSINESS, PersonId("p_" + "0" * 32), 3, {})

    assert write(tmp_path / "out", "parquet", [gone]) == {}


def test_files_tell_what_they_are(tmp_path: Path) -> None:
    """The table, the version of the format, and each column's meaning."""
    write(tmp_path / "out", "parquet", [somebody(1)])

    (path,) = files_of(tmp_path / "out")["members"]
    schema = pq.read_schema(path)
    assert schema.metadata[b"idweave.table"] == b"members"
    assert schema.field("first_seen").metadata[b"description"].decode() == (
        next(c.meaning for c in MEMBERS.columns if c.name == "first_seen")
    )
