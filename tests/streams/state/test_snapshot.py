"""A snapshot is a whole folder or none, and gives back what went in."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from tests.streams.cli.conftest import Run
from tests.streams.state.conftest import HOME, NAMES

from idweave_streams.cli.exits import Exit
from idweave_streams.jsonl import read_line
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.errors import CannotWrite, SnapshotDamaged
from idweave_streams.state.manifest import MANIFEST, read_manifest
from idweave_streams.state.membership import memberships
from idweave_streams.state.snapshot import open_snapshot, write_snapshot


def contents(copy: StateCopy) -> list[list[tuple[bytes, bytes]]]:
    """All that is in the tables, and what was said of assets and holds."""
    tables = [
        list(copy.table(table, partition).scan(b""))
        for table in ("graph", "lookups")
        for partition in copy.partitions
    ]
    return [*tables, list(copy.assets), list(copy.holds)]


def digests(copy: StateCopy) -> dict[str, str]:
    found = memberships(copy, copy.partitions)
    return {business: str(of.members) for business, of in found.items()}


def test_a_snapshot_gives_back_what_went_in(copy: StateCopy, tmp_path: Path) -> None:
    """Tables byte for byte, cut, names and digests; also bytes that are no text."""
    written = write_snapshot(copy, tmp_path / "out")

    with open_snapshot(tmp_path / "out") as again:
        assert contents(again) == contents(copy)
        assert (again.cut, again.names) == (copy.cut, copy.names)
        assert again.partition_count == copy.partition_count
        assert digests(again) == digests(copy)
        assert {b: f.digest for b, f in written.businesses.items()} == digests(copy)
    assert read_manifest(tmp_path / "out") == written


def test_the_public_files_say_what_the_tables_say(
    copy: StateCopy, tmp_path: Path
) -> None:
    """Each person and each alias once, under the keys of their topics; and counted."""
    manifest = write_snapshot(copy, tmp_path / "out")

    persons = list(copy.persons(HOME))
    rows = _rows(tmp_path / "out", NAMES.persons)
    assert sorted(rows) == sorted(person.id for person in persons)
    aliases = _rows(tmp_path / "out", NAMES.aliases)
    assert {k.partition("/")[2]: v["person"] for k, v in aliases.items()} == {
        str(member): person for _, member, person in copy.index(HOME)
    }
    quarantined = sum(len(person.quarantined) for person in persons)
    assert quarantined > 0
    assert manifest.counts["quarantined"] == quarantined
    assert manifest.counts["persons"] == len(persons)


def _rows(folder: Path, topic: str) -> dict[str, dict[str, str]]:
    lines = (folder / f"{topic}.jsonl").read_bytes().splitlines()
    records = [read_line(topic, line) for line in lines]
    assert len({record.key for record in records}) == len(records)
    return {(r.key or b"").decode(): orjson.loads(r.value or b"") for r in records}


def test_only_its_owner_may_read_a_snapshot(copy: StateCopy, tmp_path: Path) -> None:
    """It holds people's ids."""
    write_snapshot(copy, tmp_path / "out")

    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_a_filled_folder_is_left_alone(copy: StateCopy, tmp_path: Path) -> None:
    """An empty one is taken."""
    (tmp_path / "empty").mkdir()
    write_snapshot(copy, tmp_path / "empty")

    with pytest.raises(CannotWrite, match="not empty"):
        write_snapshot(copy, tmp_path / "empty")
    assert list(tmp_path.iterdir()) == [tmp_path / "empty"]


def test_what_can_t_be_written_leaves_nothing(copy: StateCopy, tmp_path: Path) -> None:
    """Here a file is where the folder would have to be made."""
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotWrite, match="can't write"):
        write_snapshot(copy, tmp_path / "file" / "out")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize("name", ["n" * 300, ".", ".."])
def test_a_folder_that_can_t_be_is_told_of_before_anything_is_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No broker is asked for what can't be written anyway."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")

    answer = run("--set", "kafka=127.0.0.1:1", "export", name)

    assert answer.exit_code == Exit.CANNOT_CREATE
    assert "folder" in answer.stderr


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.streams.state.conftest import filled
from idweave_streams.state import snapshot
from idweave_streams.state.space import temporary_space

written = snapshot.SnapshotFile.write
count = 0
def write(self, line):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    written(self, line)
snapshot.SnapshotFile.write = write
with temporary_space() as space:
    snapshot.write_snapshot(filled(space, []), Path(sys.argv[1]))
"""


def test_a_killed_export_leaves_no_folder(tmp_path: Path) -> None:
    """Whichever line it dies at; what it leaves beside is removed by the next one."""
    out, rest = tmp_path / "out", tmp_path / "rest"
    rest.mkdir()
    env = {**os.environ, "TMPDIR": str(rest), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", KILLED, str(out)]

    for line in ("1", "5"):
        done = subprocess.run([*command, line], env=env, check=False)  # noqa: S603
        assert done.returncode == -signal.SIGKILL
        assert not out.exists()
    subprocess.run([*command, "0"], env=env, check=True)  # noqa: S603
    with open_snapshot(out) as copy:
        assert list(copy.assets)
    assert sorted(tmp_path.iterdir()) == [out, rest]
    assert list(rest.iterdir()) == []


def test_a_changed_line_is_noticed(copy: StateCopy, tmp_path: Path) -> None:
    """By the checksum, and the file is named."""
    manifest = write_snapshot(copy, tmp_path / "out")

    for name in manifest.files:
        path = tmp_path / "out" / name
        before = path.read_bytes()
        path.write_bytes(before + b"{}\n")
        with (
            pytest.raises(SnapshotDamaged, match=name),
            open_snapshot(tmp_path / "out"),
        ):
            pass
        path.write_bytes(before)
    with open_snapshot(tmp_path / "out"):
        pass


def test_a_cut_of_other_partitions_is_noticed(copy: StateCopy, tmp_path: Path) -> None:
    """Else whoever is kept in those that are passed over would seem to be nobody."""
    write_snapshot(copy, tmp_path / "out")
    path = tmp_path / "out" / MANIFEST
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"partitions": 0}))

    with pytest.raises(SnapshotDamaged, match="damaged"), open_snapshot(path.parent):
        pass


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "has no"), (b"{}", "damaged"), (b'{"version": 9}', "version 9")],
)
def test_what_is_no_snapshot_is_refused(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    """With what to do."""
    if content is not None:
        (tmp_path / MANIFEST).write_bytes(content)

    with pytest.raises(SnapshotDamaged, match=told), open_snapshot(tmp_path):
        pass


def test_how_and_why_read_a_snapshot(copy: StateCopy, tmp_path: Path, run: Run) -> None:
    """As they read what `local --out` wrote."""
    write_snapshot(copy, tmp_path / "out")
    person = next(p for p in copy.persons(HOME) if len(p.members) > 1)
    one, two, *_ = person.members

    why = run("why", "--from", tmp_path / "out", "--json", one, two)
    how = run("how", "--from", tmp_path / "out", "--json", one)

    assert orjson.loads(why.stdout)["person"] == person.id, why.output
    assert orjson.loads(how.stdout)["person"]["id"] == person.id, how.output
