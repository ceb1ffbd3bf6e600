"""What `idweave export` shows meanwhile, and what it needs."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress
from tests.streams.explaining.stories import TOGETHER
from tests.support.snapshots import copy_after, exported

from idweave_streams.cli.exits import Exit
from idweave_streams.cli.export import ProgressBar, watching
from idweave_streams.state.snapshot import write_snapshot
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
