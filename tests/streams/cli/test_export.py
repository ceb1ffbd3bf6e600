"""What `idweave export` shows meanwhile, and what it needs."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress
from tests.streams.cli.conftest import Run
from tests.streams.explaining.stories import TOGETHER
from tests.support.snapshots import EVENTFUL, copy_after, exported
from tests.support.town import ACME

from idweave_streams.cli.exits import Exit
from idweave_streams.cli.export import ProgressBar, watching
from idweave_streams.state.manifest import read_manifest
from idweave_streams.state.snapshot import open_snapshot, write_snapshot
from idweave_streams.state.tabled import tables_of
from idweave_streams.state.wanted import FORMATS, Unwatched, Wanted


def test_progress_is_shown_for_each_thing_that_is_written(tmp_path: Path) -> None:
    """Persons are counted before, so that it can be told how many are left."""
    shown = StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    with copy_after(TOGETHER) as copy, Progress(console=console) as progress:
        bar = ProgressBar(progress)
        write_snapshot(copy, tmp_path / "out", Wanted(FORMATS), bar)
        bar.flush()
        tasks = {task.description: task for task in progress.tasks}

    assert (tasks["persons"].completed, tasks["persons"].total) == (2, 2)
    assert tasks["events"].completed > 2
    assert tasks["lines of aliases"].completed > 0
    assert "persons" in shown.getvalue()


def test_nothing_is_shown_where_stderr_is_no_terminal() -> None:
    """A log is not filled with bars."""
    with watching() as watch:
        assert isinstance(watch, Unwatched)


def test_an_export_is_written_again_in_other_formats(run: Run, tmp_path: Path) -> None:
    """Of the same cut, and no broker is asked."""
    first = exported(tmp_path / "monday", EVENTFUL, Wanted(("jsonl",)))

    done = run(
        *("export", tmp_path / "again", "--from", tmp_path / "monday"),
        *("--format", "parquet", "--format", "jsonl"),
    )
    exported(tmp_path / "at-once", EVENTFUL, Wanted(("parquet", "jsonl")))

    assert done.exit_code == Exit.OK, done.output
    again = read_manifest(tmp_path / "again")
    assert again.cut == first.cut
    # Down to the byte; Parquet files as well, as the same library writes them.
    assert again == read_manifest(tmp_path / "at-once")
    assert run("diff", tmp_path / "again", tmp_path / "at-once").stdout == ""


def test_some_of_an_export_may_be_written_under_pseudonyms(
    run: Run, tmp_path: Path
) -> None:
    """By which the rest is not lost: the first export is as it was."""
    exported(tmp_path / "monday", EVENTFUL, Wanted(("jsonl",)))
    (tmp_path / "key").write_text("0" * 64)

    done = run(
        *("export", tmp_path / "out", "--from", tmp_path / "monday"),
        *("--format", "parquet", "--business", ACME, "--pseudonymise"),
        *("--pseudonym-key-file", tmp_path / "key"),
    )

    assert done.stderr == "3 persons, 5 members of 1 businesses\n"
    manifest, files = tables_of(tmp_path / "out")
    assert manifest.pseudonyms
    assert set(files) >= {"persons", "members", "merges"}
    with open_snapshot(tmp_path / "monday"):
        pass


WITHOUT = """
import sys
sys.modules["pyarrow"] = sys.modules["duckdb"] = None
from idweave_streams.cli import main
from idweave_adapters.snapshots.formats import NotInstalledError, open_sink
from pathlib import Path
try:
    open_sink("parquet", Path(sys.argv[2]))
except NotInstalledError as error:
    print(error)
open_sink("graphml", Path(sys.argv[3])).close()
main(sys.argv[4:])
"""


@pytest.mark.parametrize("command", ["query", "diff"])
def test_what_is_not_installed_is_named(tmp_path: Path, command: str) -> None:
    """And all else works without it."""
    snapshot = tmp_path / "snapshot"
    exported(snapshot, TOGETHER)
    arguments = {
        "query": ["query", "--snapshot", str(snapshot), "SELECT 1"],
        "diff": ["diff", str(snapshot), str(snapshot)],
    }
    places = [str(tmp_path / "parquet"), str(tmp_path / "graphml")]

    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", WITHOUT, "-", *places, *arguments[command]],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "install idweave[analysts]" in done.stdout
    assert done.returncode == Exit.CONFIGURATION
    assert "install idweave[analysts]" in done.stderr
    assert "Traceback" not in done.stderr
