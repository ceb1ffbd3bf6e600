"""Questions read the tables of a snapshot, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adapters.snapshots.people import files_of, write
from tests.adapters.snapshots.test_parquet import somebody

from idweave_adapters.snapshots.model import TABLES
from idweave_adapters.snapshots.sql import BATCH_ROWS, Desk, QueryError, desk_over


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that is none of a question's business."""
    path = tmp_path / "secret.csv"
    path.write_text("key\nk123\n")
    return path


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    write(tmp_path / "out", "parquet", map(somebody, range(2_500)))
    with desk_over(main=files_of(tmp_path / "out")) as opened:
        yield opened


def answered(desk: Desk, question: str) -> list[dict[str, object]]:
    return [row for batch in desk.ask(question) for row in batch.to_pylist()]


def test_every_table_is_a_view(desk: Desk) -> None:
    """Those without rows too, with their columns."""
    for table in TABLES:
        found = answered(desk, f"DESCRIBE {table.name}")

        assert [row["column_name"] for row in found] == [c.name for c in table.columns]


def test_times_are_in_utc(desk: Desk) -> None:
    """Wherever the question is asked."""
    question = "SELECT hour(first_seen) AS h, min(first_seen)::text AS first FROM members GROUP BY ALL"

    assert answered(desk, question) == [{"h": 0, "first": "1970-01-01 00:00:00+00"}]


def test_an_answer_comes_in_batches(desk: Desk) -> None:
    """The first of them is empty, so that its columns are known in any case."""
    batches = list(desk.ask("SELECT person FROM persons"))

    assert batches[0].num_rows == 0
    assert sum(batch.num_rows for batch in batches) == 2_500
    # DuckDB fills a batch with whole vectors of 2,048 rows.
    assert max(batch.num_rows for batch in batches) <= 2_048 + BATCH_ROWS


@pytest.mark.parametrize(
    "question",
    [
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_parquet('{folder}/out/*/*/*.parquet')",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM sqlite_scan('{secret}', 't')",
        "SELECT * FROM files",
        "SELECT getenv('HOME')",
        "COPY persons TO '{folder}/copy.csv'",
        "COPY (SELECT 1) TO '{folder}/copy.csv'",
        "ATTACH '{folder}/a.db'",
        "EXPORT DATABASE '{folder}/copy'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "PRAGMA enable_profiling",
        "CREATE TABLE t AS SELECT 1",
        "DROP VIEW persons",
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY persons TO '{folder}/copy.csv'",
        "EXPLAIN ANALYZE COPY persons TO '{folder}/copy.csv'",
        "",
        "--",
        "SELECT",
        "SELECT nothing FROM persons",
        "SELECT 'x'::integer",
    ],
)
def test_what_is_no_question_over_the_snapshot_fails(
    desk: Desk, tmp_path: Path, secret: Path, question: str
) -> None:
    """With our own error, without a byte of another file, and without a new file."""
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(QueryError) as error:
        answered(desk, question.format(secret=secret, folder=tmp_path))

    assert str(error.value)
    assert "k123" not in str(error.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_tables_stay_when_a_question_failed(desk: Desk) -> None:
    """One desk answers many questions."""
    with pytest.raises(QueryError):
        answered(desk, "SELECT nothing FROM persons")

    assert answered(desk, "SELECT count(*) AS n FROM persons") == [{"n": 2_500}]


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    """As an error of the question."""
    write(tmp_path / "out", "parquet", [somebody(1)])
    files = files_of(tmp_path / "out")
    with desk_over(main=files) as desk:
        files["members"][0].unlink()

        with pytest.raises(QueryError):
            answered(desk, "SELECT * FROM members")
