"""A snapshot in the formats of analysts: one cut, whole or not at all."""

import os
import signal
import subprocess
import sys
from hashlib import file_digest
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from tests.streams.cli.conftest import Run
from tests.streams.explaining.stories import (
    AT_RIVALS,
    CONTRADICTED,
    IN_GAME,
    IN_SHOP,
    ON_PAGE,
    STRANGER,
    TOGETHER,
    TOKEN,
    banned,
    erased,
    proved,
    seen,
)
from tests.support.snapshots import EVENTFUL, copy_after, exported
from tests.support.town import ACME, GAME, NAMES, PAGE, RIVAL, SHOP

from idweave_adapters.secret import Secret
from idweave_adapters.snapshots.pseudonyms import Pseudonyms
from idweave_adapters.snapshots.sql import desk_over
from idweave_graph.evidence import EvidenceKind
from idweave_graph.ids import BusinessToken, ScopedId, business_id
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.errors import (
    BusinessUnknown,
    ChangelogDamaged,
    SnapshotDamaged,
)
from idweave_streams.state.manifest import MANIFEST, read_manifest
from idweave_streams.state.snapshot import open_snapshot, write_snapshot
from idweave_streams.state.tabled import tables_of
from idweave_streams.state.wanted import FORMATS, Wanted

KEY = Secret("k" * 64)


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    _, files = tables_of(folder)
    with desk_over(main=files) as desk:
        batches = list(desk.ask(f"SELECT * FROM {table}"))  # noqa: S608
    return [row for batch in batches for row in batch.to_pylist()]


def all_persons(copy: StateCopy) -> dict[str, set[str]]:
    return {
        person.id: set(map(str, person.members))
        for partition in copy.partitions
        for person in copy.persons(partition)
    }


def test_the_tables_say_what_the_copy_says(tmp_path: Path) -> None:
    """Who is whom, by which proofs, and what is in quarantine."""
    with copy_after(EVENTFUL) as copy:
        write_snapshot(copy, tmp_path / "out", Wanted(FORMATS))
        wanted = all_persons(copy)
        people = [p for n in copy.partitions for p in copy.persons(n)]

    found: dict[str, set[str]] = {}
    for row in rows(tmp_path / "out", "members"):
        found.setdefault(row["person"], set()).add(row["member"])
    assert found == wanted
    assert len(rows(tmp_path / "out", "persons")) == len(people)
    for table, held in (
        ("evidence", [x for p in people for x in p.evidence]),
        ("quarantine", [x for p in people for x in p.quarantined]),
    ):
        told = rows(tmp_path / "out", table)
        assert sorted((r["a"], r["b"], r["kind"]) for r in told) == sorted(
            (str(x.a), str(x.b), x.kind.value) for x in held
        )
        assert held


def test_what_happened_is_in_tables_too(tmp_path: Path) -> None:
    """Merges by survivor, the parts of a split, the ban and the decision."""
    exported(tmp_path / "out", EVENTFUL)

    merges = rows(tmp_path / "out", "merges")
    assert [row["came_along"] for row in merges].count(True) == 1
    assert len(merges) >= 3
    splits = rows(tmp_path / "out", "splits")
    assert len(splits) == 2
    assert len({(r["cause_topic"], r["cause_offset"]) for r in splits}) == 1
    (ban,) = rows(tmp_path / "out", "bans")
    assert {ban["a"], ban["b"]} == {str(IN_SHOP), str(STRANGER)}
    assert (ban["author"], ban["lifted"]) == ("Ada", False)
    (decision,) = rows(tmp_path / "out", "decisions")
    assert decision["verdict"] == "reject"


def test_events_of_after_the_cut_are_left_out(tmp_path: Path) -> None:
    """The topic may be ahead of the tables; the tables decide."""
    first, later = TOGETHER[:4], TOGETHER[4:]
    with copy_after(first, later) as copy:
        write_snapshot(copy, tmp_path / "out", Wanted(("parquet",)))
    exported(tmp_path / "only", first)

    merges = rows(tmp_path / "out", "merges")
    assert merges == rows(tmp_path / "only", "merges")
    assert len(merges) == 1


def test_a_survivor_of_after_the_cut_is_left_out(tmp_path: Path) -> None:
    """Who came later, was seen earlier, and so stands for one whom the tables have."""
    kind = EvidenceKind.IDS_FOR_PAGES
    first = (seen(ON_PAGE, 3),)
    later = (seen(IN_GAME, 2), proved(kind, IN_GAME, ON_PAGE, 4))
    with copy_after(first, later) as copy:
        write_snapshot(copy, tmp_path / "out", Wanted(("parquet",)))
    exported(tmp_path / "all", (*first, *later))

    assert rows(tmp_path / "out", "merges") == []
    (merge,) = rows(tmp_path / "all", "merges")
    (known,) = rows(tmp_path / "out", "persons")
    assert merge["ended"] == known["person"]


def test_an_erased_id_is_in_no_table(tmp_path: Path) -> None:
    """Also where words of operators had named it."""
    gone = "page:20:2"
    log = (*CONTRADICTED, banned(IN_SHOP, STRANGER, 11))
    exported(tmp_path / "before", log)
    exported(tmp_path / "after", (*log, erased(STRANGER, 20, whole_person=False)))

    for folder, is_there in (("before", True), ("after", False)):
        _, files = tables_of(tmp_path / folder)
        found = str([rows(tmp_path / folder, table) for table in files])
        assert (gone in found) is is_there
    (ban,) = rows(tmp_path / "after", "bans")
    assert (ban["a"], ban["b"]) == (str(IN_SHOP), None)


def test_the_manifest_names_every_file(tmp_path: Path) -> None:
    """With rows, size and checksum, the formats with their versions, and the cut."""
    written = exported(tmp_path / "out", EVENTFUL, Wanted(FORMATS))

    assert read_manifest(tmp_path / "out") == written
    assert set(written.formats) == set(FORMATS)
    there = {
        str(path.relative_to(tmp_path / "out"))
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert there == {*written.files, MANIFEST}
    for name, facts in written.files.items():
        with (tmp_path / "out" / name).open("rb") as file:
            assert file_digest(file, "sha256").hexdigest() == facts.sha256
            assert file.tell() == facts.size_bytes
    members = len(rows(tmp_path / "out", "members"))
    assert written.counts["parquet members"] == members
    assert sum(facts.ids for facts in written.businesses.values()) == members
    with open_snapshot(tmp_path / "out") as copy:
        assert copy.cut == written.cut


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """Nor any folder in it."""
    exported(tmp_path / "out", TOGETHER, Wanted(FORMATS))

    folders = [p for p in (tmp_path / "out").rglob("*") if p.is_dir()]
    assert folders
    for folder in (tmp_path / "out", *folders):
        assert folder.stat().st_mode & 0o077 == 0


def test_businesses_may_be_chosen(tmp_path: Path, run: Run) -> None:
    """Nothing of another one is in any file."""
    wanted = Wanted(FORMATS, (ACME,))
    written = exported(tmp_path / "out", EVENTFUL, wanted)

    assert list(written.businesses) == [ACME]
    assert written.only == (ACME,)
    assert needles(tmp_path / "out", str(AT_RIVALS), f"={RIVAL}") == []
    assert rows(tmp_path / "out", "persons")
    why = run("why", "--from", tmp_path / "out", "--json", IN_SHOP, TOKEN)
    assert orjson.loads(why.stdout)["business"] == ACME, why.output


def test_a_business_that_is_not_there_is_told(tmp_path: Path) -> None:
    """And there is no folder."""
    with pytest.raises(BusinessUnknown, match="business 7 has nobody"):
        exported(tmp_path / "out", TOGETHER, Wanted(("parquet",), (business_id("7"),)))

    assert list(tmp_path.iterdir()) == []


def needles(folder: Path, *texts: str) -> list[tuple[str, str]]:
    """Which of *texts* is in which file, or its name."""
    return [
        (str(path), text)
        for path in folder.rglob("*")
        for text in texts
        if text in str(path.relative_to(folder))
        or (path.is_file() and text.encode() in unpacked(path))
    ]


def unpacked(path: Path) -> bytes:
    """The bytes of a file, and what is compressed in it."""
    if path.suffix != ".parquet":
        return path.read_bytes()
    content = repr(pq.ParquetFile(path).read().to_pylist())
    return path.read_bytes() + content.encode()


def secretive() -> tuple[list[str], list[Any]]:
    """A log in which every id is a text that can't stand anywhere by chance."""
    shop, game = ScopedId(SHOP, "rawshopper"), ScopedId(GAME, "rawgamer")
    page, other = ScopedId(PAGE, "rawpager"), ScopedId(PAGE, "rawstranger")
    token = BusinessToken("rawtoken")
    log = [
        seen(shop, 1),
        seen(game, 2),
        seen(page, 3),
        proved(EvidenceKind.IDS_FOR_PAGES, game, page, 4),
        proved(EvidenceKind.TOKEN_FOR_BUSINESS, shop, token, 5),
        proved(EvidenceKind.TOKEN_FOR_BUSINESS, game, token, 6),
        seen(other, 7),
        proved(EvidenceKind.IDS_FOR_PAGES, shop, other, 8),
        banned(shop, other, 9),
    ]
    return ["rawshopper", "rawgamer", "rawpager", "rawstranger", "rawtoken"], log


def test_under_pseudonyms_no_name_is_left(tmp_path: Path) -> None:
    """No user id, token, person id, event id or operator, in no file of any format."""
    raw, log = secretive()
    exported(tmp_path / "raw", log, Wanted(FORMATS))
    exported(tmp_path / "out", log, Wanted(FORMATS, pseudonyms=Pseudonyms(KEY)))

    persons = [row["person"] for row in rows(tmp_path / "raw", "persons")]
    ended = [row["ended"] for row in rows(tmp_path / "raw", "merges")]
    events = [row["event"] for row in rows(tmp_path / "raw", "merges")]
    names = {*raw, *persons, *ended, *events, "Ada", "two sisters"}
    digests = [f.digest for f in read_manifest(tmp_path / "raw").businesses.values()]
    assert len({text for _, text in needles(tmp_path / "raw", *names)}) == len(names)
    assert needles(tmp_path / "out", *names, *digests, KEY.reveal()) == []


def test_pseudonyms_are_the_same_in_all_files_and_exports(
    tmp_path: Path, run: Run
) -> None:
    """So tables can be joined, and two exports under one key compared."""
    _, log = secretive()
    wanted = Wanted(FORMATS, pseudonyms=Pseudonyms(KEY))
    exported(tmp_path / "before", log[:4], wanted)
    exported(tmp_path / "after", log, wanted)
    exported(tmp_path / "raw", log)

    members = rows(tmp_path / "after", "members")
    assert len(members) == len(rows(tmp_path / "raw", "members"))
    for member in {row["member"] for row in members}:
        found = needles(tmp_path / "after", member)
        forms = {
            Path(path).relative_to(tmp_path / "after").parts[0] for path, _ in found
        }
        assert {"parquet", "graphml", "gexf", "node-link", "neo4j"} <= forms
    ends = {row[x] for row in rows(tmp_path / "after", "evidence") for x in "ab"}
    assert ends <= {row["member"] for row in members}
    done = run("diff", "--json", tmp_path / "before", tmp_path / "after")
    kinds = [orjson.loads(line)["kind"] for line in done.stdout.splitlines()]
    real = run("diff", "--json", tmp_path / "raw", tmp_path / "raw")
    assert kinds == ["created", "grown", "merged"], done.output
    assert real.stdout == ""
    other = run("diff", tmp_path / "raw", tmp_path / "after")
    assert "one key" in other.stderr


def test_what_has_no_tables_is_no_copy(tmp_path: Path) -> None:
    """Of chosen businesses, under pseudonyms, or of other formats alone."""
    for name, wanted in (
        ("some", Wanted(("jsonl",), (ACME,))),
        ("renamed", Wanted(("jsonl",), pseudonyms=Pseudonyms(KEY))),
        ("parquet", Wanted(("parquet",))),
    ):
        exported(tmp_path / name, TOGETHER, wanted)
        with (
            pytest.raises(SnapshotDamaged, match="does not hold the tables"),
            open_snapshot(tmp_path / name),
        ):
            pass


def test_a_record_that_is_no_event_is_told(tmp_path: Path) -> None:
    """Somebody else has written to the topic."""
    with copy_after(TOGETHER) as copy:
        copy.area("log", NAMES.events).write([(b"\xff" * 12, b'{"x": 1}')])
        with pytest.raises(ChangelogDamaged, match="who else writes"):
            write_snapshot(copy, tmp_path / "out", Wanted(("parquet",)))

    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.streams.explaining.stories import CONTRADICTED
from tests.support.snapshots import exported
from idweave_streams.state.wanted import FORMATS, Wanted
from idweave_adapters.snapshots import graph_file, parquet

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "rows":
    parquet.ParquetSink._flush = die
if sys.argv[2] == "edges":
    graph_file.GraphFileSink.close = die
exported(Path(sys.argv[1]), CONTRADICTED, Wanted(FORMATS))
"""


def test_a_killed_export_leaves_no_folder(tmp_path: Path) -> None:
    """What it leaves beside is removed by the next one."""
    out, rest = tmp_path / "out", tmp_path / "rest"
    rest.mkdir()
    env = {**os.environ, "TMPDIR": str(rest), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", KILLED, str(out)]

    for moment in ("rows", "edges"):
        done = subprocess.run([*command, moment], env=env, check=False)  # noqa: S603
        assert done.returncode == -signal.SIGKILL
        assert not out.exists()
    subprocess.run([*command, "never"], env=env, check=True)  # noqa: S603
    tables_of(out)
    assert sorted(tmp_path.iterdir()) == [out, rest]
    assert list(rest.iterdir()) == []


def test_damage_is_told(tmp_path: Path) -> None:
    """Of each file of the tables, by its name."""
    exported(tmp_path / "out", CONTRADICTED, Wanted(FORMATS))
    manifest, files = tables_of(tmp_path / "out")

    for path in (path for paths in files.values() for path in paths):
        before = path.read_bytes()
        path.write_bytes(before[:-1])
        with pytest.raises(SnapshotDamaged, match=str(path.name)):
            tables_of(tmp_path / "out")
        path.unlink()
        with pytest.raises(SnapshotDamaged, match="not as it was written"):
            tables_of(tmp_path / "out")
        path.write_bytes(before)
    assert tables_of(tmp_path / "out")[0] == manifest


@pytest.mark.parametrize("name", ["parquet/../../stolen", "parquet/x/../../../stolen"])
def test_a_manifest_can_t_name_files_elsewhere(tmp_path: Path, name: str) -> None:
    """Nothing outside of the folder is opened, whatever the manifest says."""
    exported(tmp_path / "out", TOGETHER)
    (tmp_path / "stolen").write_text("secret")
    path = tmp_path / "out" / MANIFEST
    document = orjson.loads(path.read_bytes())
    document["files"][name] = {"lines": 1, "size_bytes": 6, "sha256": "0" * 64}
    path.write_bytes(orjson.dumps(document))

    with pytest.raises(SnapshotDamaged, match="elsewhere"):
        tables_of(tmp_path / "out")


def test_proofs_of_the_page_are_told_by_their_ends(tmp_path: Path) -> None:
    """In the text form that the table of members has."""
    exported(tmp_path / "out", TOGETHER)

    told = rows(tmp_path / "out", "evidence")
    assert str(ON_PAGE) in {row["b"] for row in told}
