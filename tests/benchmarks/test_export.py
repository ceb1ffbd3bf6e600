"""The benchmark in small: it writes what it says, whatever the machine's speed."""

from pathlib import Path

from benchmarks.export import EACH, PARTITIONS, measure, people

from idweave_streams.state.tabled import tables_of


def test_every_member_is_a_row_and_pyarrow_writes_the_same(tmp_path: Path) -> None:
    """Both take time, and the tables are whole."""
    figures = measure(4_000, tmp_path)

    assert figures.members == 4_000
    assert figures.rows == 4_000 + 1_000 + 3_000
    assert figures.export_s > 0
    assert figures.pyarrow_s > 0
    _, files = tables_of(tmp_path / "out")
    assert set(files) == {"persons", "members", "evidence"}
    again = list((tmp_path / "again").iterdir())
    assert len(again) == sum(map(len, files.values()))


def test_persons_are_made_up_each_once() -> None:
    found = [who for n in range(PARTITIONS) for who in people(100, n)]

    assert len(found) == 100
    assert len({(p.business, p.id) for p in found}) == 100
    assert {len(p.members) for p in found} == {EACH}
