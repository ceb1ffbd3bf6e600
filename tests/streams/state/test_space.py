"""A temporary copy is ordered, bounded and gone afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.local.log import LocalTable
from idweave_streams.state.scratch import scratch
from idweave_streams.state.space import temporary_space

keys = st.binary(min_size=1, max_size=3)
writes = st.lists(st.tuples(keys, st.none() | st.binary(max_size=3)), max_size=30)


@given(one=writes, other=writes, prefix=st.binary(max_size=2), start=keys)
def test_an_area_is_a_table(
    one: list[tuple[bytes, bytes | None]],
    other: list[tuple[bytes, bytes | None]],
    prefix: bytes,
    start: bytes,
) -> None:
    """It reads like one in memory, and no area sees another, whatever their names."""
    with temporary_space() as space:
        area, near = space.area("graph", 1), space.area("graph", 10)
        tables = {area: LocalTable(), near: LocalTable()}
        for each, changes in ((area, one), (near, other), (area, other)):
            each.write(changes)
            for change in changes:
                tables[each].write(dict([change]))

        for each, table in tables.items():
            assert list(each.scan(b"")) == list(table.scan(b""))
            assert list(each.scan(prefix, start)) == list(table.scan(prefix, start))
            assert all(each.get(key) == table.get(key) for key, _ in [*one, *other])


def test_folders_are_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a failure; and nobody else may read them."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail() -> None:
        with temporary_space() as space:
            [folder] = tmp_path.iterdir()
            assert folder.stat().st_mode & 0o077 == 0
            space.area("a").write([(b"k", b"v")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


HOLDING = """
import sys
from pathlib import Path
from idweave_streams.state.scratch import scratch

with scratch(Path(sys.argv[1]), ".out.") as folder:
    (folder / "file").write_text("ids")
    print(folder.name, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """And never what another one is still at."""
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        held = tmp_path / process.stdout.readline().strip()
        with scratch(tmp_path, ".out.") as own:
            assert {held, own} == set(tmp_path.iterdir())
        process.kill()
    assert list(held.iterdir()) == [held / "file"]

    with scratch(tmp_path, ".out."):
        pass
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
from idweave_streams.state.errors import CannotWrite
from idweave_streams.state.space import temporary_space
try:
    with temporary_space() as space:
        for number in range(100_000):
            space.area("a").write([(b"%d" % number, b"x" * 10_000)])
except CannotWrite as error:
    print(error)
"""


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """With what to do; files that may not grow stand for it. Nothing is left."""
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", FULL]

    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)  # noqa: S603

    assert "TMPDIR" in done.stdout
    assert list(tmp_path.iterdir()) == []
