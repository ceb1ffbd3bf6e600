"""An id that is left in any place is found there, and told apart by how long it stays."""

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.stages import record
from tests.support.town import (
    ACME,
    NAMES,
    PAGE,
    SETTINGS,
    SHOP,
    START_MS,
    Meta,
    engine_of,
    feed,
    scoped,
)
from tests.support.virtual_time import in_virtual_time

from idweave_adapters.commands import Requested, encode_command
from idweave_graph.documents import alias_key
from idweave_graph.ids import ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.erasing.needle import Needle
from idweave_streams.erasing.on_disk import (
    UnreadableFileError,
    in_data_dir,
    in_snapshot,
)
from idweave_streams.erasing.places import CompactedFold, Finding, Kind, LogFold
from idweave_streams.erasing.search import Report
from idweave_streams.erasing.show_search import report_document, report_text, verdict
from idweave_streams.jsonl import line
from idweave_streams.local import LocalEngine
from idweave_streams.local.copying import copy_of
from idweave_streams.reliable import Output, Record, ReliableApp
from idweave_streams.reliable.store import Store
from idweave_streams.reliable.table import Table
from idweave_streams.state.errors import StoreUnreadable
from idweave_streams.state.lines import pair_line
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.state.space import temporary_space
from idweave_streams.verifying.stores import stores_below

ID = scoped(1, SHOP)
LONG = ScopedId(SHOP, "10153949089790582")
NEEDLE = Needle([LONG])
HOLDS = orjson.dumps({"a": str(LONG)})
CLEAN = orjson.dumps({"a": str(ScopedId(SHOP, "2"))})

Written = tuple[int, bytes, bytes | None]
"""Partition, key, value."""
written: st.SearchStrategy[list[Written]] = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from([b"k1", b"k2", alias_key(ACME, LONG).encode()]),
        st.sampled_from([HOLDS, CLEAN, None]),
    ),
    max_size=12,
)


def records(several: Sequence[Written], partition: int) -> list[Record]:
    return [
        Record("topic", p, offset, 0, key, value, ())
        for offset, (p, key, value) in enumerate(several)
        if p == partition
    ]


@given(several=written)
def test_of_a_compacted_topic_the_last_record_of_a_key_is_in_effect(
    several: list[Written],
) -> None:
    """The others, and the end of a key that is the id, go when it is compacted."""
    fold = CompactedFold(NEEDLE)
    for partition in (0, 1):
        fold.take(partition, records(several, partition))

    latest = {(partition, key): value for partition, key, value in several}
    stands = {
        place
        for place, value in latest.items()
        if value is not None and (value == HOLDS or place[1].endswith(b"0582"))
    }
    holding = [k for _, k, v in several if v == HOLDS or k.endswith(b"0582")]
    assert fold.latest == stands
    assert fold.outdated == len(holding) - len(stands)


@given(several=written)
def test_of_a_log_every_record_counts(several: list[Written]) -> None:
    fold = LogFold(NEEDLE)
    for partition in (0, 1):
        fold.take(partition, records(several, partition))

    holding = [k for _, k, v in several if v == HOLDS or k.endswith(b"0582")]
    assert fold.count == len(holding)


def test_headers_are_looked_at_too() -> None:
    """A dead letter keeps those of the record that it was."""
    letter = Record("topic", 0, 0, 0, None, b"?", (("trace", str(LONG).encode()),))
    fold = LogFold(NEEDLE)

    fold.take(0, [letter, record("topic", CLEAN)])

    assert fold.count == 1


async def woven() -> LocalEngine:
    """Two people, one of whom is looked for."""
    made = engine_of(Meta())
    feed(made, [(1, SHOP, 0), (1, PAGE, 0), (2, SHOP, 0)])
    await made.settle(patience_ms=1_000)
    return made


def erase(engine: LocalEngine) -> None:
    wish = Requested(ID, CommandKind.ERASE_PERSON, START_MS + 100, "operator")
    engine.append(Output(NAMES.commands, None, encode_command(wish), partition=0))
    engine.drain()


def export(engine: LocalEngine, folder: Path) -> Path:
    with temporary_space() as space:
        write_snapshot(copy_of(engine, SETTINGS, space), folder)
    return folder


def stands(folder: Path, who: ScopedId = ID) -> dict[str, int]:
    """What stands in which file of a snapshot."""
    found = in_snapshot(folder, NAMES, Needle([who]))
    return {
        str(Path(each.place).relative_to(folder)): each.stands
        for each in found
        if each.stands
    }


@in_virtual_time
async def test_a_snapshot_of_before_holds_the_id_and_one_of_after_does_not(
    tmp_path: Path,
) -> None:
    """In tables, persons and aliases."""
    engine = await woven()
    before = stands(export(engine, tmp_path / "before"))

    erase(engine)
    after = stands(export(engine, tmp_path / "after"))

    places = {name.partition("/")[0] for name in before}
    assert places == {"tables", f"{NAMES.persons}.jsonl", f"{NAMES.aliases}.jsonl"}
    assert {name.partition("-")[0] for name in before if "/" in name} == {
        "tables/graph",
        "tables/lookups",
    }
    assert after == {}
    assert stands(tmp_path / "after", scoped(2, SHOP))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tables/graph-0.jsonl", pair_line((f"m|900|{LONG}".encode(), b"\x01{}"))),
        ("tables/graph-0.jsonl", pair_line((b"p|900|p_1", b"\x01" + HOLDS))),
        ("tables/lookups-1.jsonl", pair_line((f"l|{LONG}".encode(), b"\xff"))),
        (f"{NAMES.persons}.jsonl", line(record(NAMES.persons, HOLDS))),
        ("quarantine.jsonl", HOLDS),
        ("whatever.txt", b"look: " + str(LONG).encode()),
    ],
)
def test_an_id_that_is_planted_in_a_snapshot_is_found(
    tmp_path: Path, file: str, text: bytes
) -> None:
    """In whatever file, also one that is damaged, or none of ours."""
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_bytes(pair_line((b"a", b"b")) + b"\n" + text + b"\n")

    assert stands(tmp_path, LONG) == {file: 1}


def test_what_a_snapshot_copied_from_a_log_is_told_apart(tmp_path: Path) -> None:
    """It goes with the snapshot."""
    text = line(record(NAMES.events, HOLDS))
    (tmp_path / f"{NAMES.events}.jsonl").write_bytes(text + b"\n")

    [found] = in_snapshot(tmp_path, NAMES, NEEDLE)

    assert (found.stands, found.until_retention) == (0, 1)


def test_an_empty_folder_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="name a snapshot"):
        list(in_snapshot(tmp_path, NAMES, NEEDLE))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """The store of a worker's table."""
    app = ReliableApp("app", broker="kafka://127.0.0.1:1", datadir=str(tmp_path))
    made = Table(app, name="graph", partitions=2).store
    yield made
    await made.stop()


@pytest.fixture
def planted(store: Store) -> Store:
    """The id is in one partition, and somebody else in both."""
    store.write_unit(0, [(b"p|900|p_2", b"\x01" + CLEAN)], 1)
    store.write_unit(1, [(f"m|900|{LONG}".encode(), b"x"), (b"p|1|p", HOLDS)], 2)
    return store


def test_a_data_directory_is_looked_into_while_its_worker_runs(
    planted: Store, tmp_path: Path
) -> None:
    """Nothing is written to it; what is deleted is not found any more."""
    found = {Path(f.place).name: f.stands for f in in_data_dir(tmp_path, NEEDLE)}
    assert sorted(found.values()) == [0, 2]

    planted.write_unit(1, [(f"m|900|{LONG}".encode(), None), (b"p|1|p", None)], 3)

    assert [f.stands for f in in_data_dir(tmp_path, NEEDLE)] == [0, 0]
    assert planted.read(0).get(b"p|900|p_2") == b"\x01" + CLEAN


def test_a_folder_without_tables_is_no_data_directory(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="data_dir"):
        list(in_data_dir(tmp_path, NEEDLE))


def test_a_journal_of_a_migration_is_no_secret_place(tmp_path: Path) -> None:
    """An erasure does not reach it, so it is told."""
    (tmp_path / "migrate-asids" / "190638").mkdir(parents=True)
    journal = tmp_path / "migrate-asids" / "190638" / "journal.jsonl"
    pairs = [[LONG.user, "77"], ["78", "79"], ["78", LONG.user + "0"]]
    journal.write_bytes(b"\n".join(orjson.dumps({"pairs": [p]}) for p in pairs))

    [found] = in_data_dir(tmp_path, NEEDLE)

    assert (found.kind, found.place, found.stands) == (Kind.JOURNAL, str(journal), 1)


def test_a_table_that_cant_be_read_is_told_of(tmp_path: Path) -> None:
    """It is not passed over as clean."""
    (tmp_path / "graph-0.db").mkdir()
    (tmp_path / "graph-0.db" / "CURRENT").write_text("MANIFEST-7\n")

    with pytest.raises(StoreUnreadable, match="can't be read"):
        list(in_data_dir(tmp_path, NEEDLE))


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder with one in it that nobody may read; we are nobody meanwhile."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "whole.jsonl").write_bytes(b"{}\n")
        closed = folder / "closed"
        closed.mkdir(mode=0)
        mine = os.geteuid()
        if mine == 0:
            os.seteuid(65534)
        yield folder
        os.seteuid(mine)
        closed.chmod(0o700)


def test_a_folder_that_can_t_be_read_is_not_passed_over(closed_folder: Path) -> None:
    """Nobody is called forgotten, nor a table right, for want of a right to look."""
    with pytest.raises(UnreadableFileError, match="closed: Permission denied"):
        list(in_snapshot(closed_folder, NAMES, NEEDLE))
    with pytest.raises(UnreadableFileError, match="closed: Permission denied"):
        list(in_data_dir(closed_folder, NEEDLE))
    with pytest.raises(StoreUnreadable, match="closed: Permission denied"):
        stores_below(closed_folder)


LOG = Finding(Kind.LOG, "facebook.logins.v1", until_retention=3)
OLD = Finding(Kind.COMPACTED, "identity.aliases.v1", until_compaction=2)


def test_what_the_broker_removes_by_itself_keeps_nobody_known() -> None:
    """It is told all the same."""
    report = Report((Finding(Kind.TABLE, "graph"), OLD, LOG))

    assert report.is_forgotten
    assert report_text(report).splitlines() == [
        "graph                nothing",
        "identity.aliases.v1  2 kept until compaction",
        "facebook.logins.v1   3 kept until retention",
    ]
    assert verdict(report).startswith("forgotten: ")
    assert "in time" in verdict(report)


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        (Kind.TABLE, "idweave erase"),
        (Kind.COMPACTED, "idweave verify"),
        (Kind.SNAPSHOT, "remove the snapshot"),
        (Kind.DATA_DIR, "remove the directory"),
        (Kind.JOURNAL, "migrate-asids"),
    ],
)
def test_what_stands_anywhere_is_not_forgotten(kind: Kind, remedy: str) -> None:
    """And it is told what to do."""
    report = Report((OLD, Finding(kind, "there", stands=1), LOG))

    assert not report.is_forgotten
    assert verdict(report).startswith("not forgotten:\n")
    assert remedy in verdict(report)
    document = report_document(report)
    assert document["forgotten"] is False
    assert [each["stands"] for each in document["places"]] == [0, 1, 0]
    assert remedy in document["todo"][0]
