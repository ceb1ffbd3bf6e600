"""What the runs can see: each planted bug is found, and soon."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.simulation.bugs import BUGS, Bug

ROOT = Path(__file__).parents[2]
TREES = ("graph", "adapters", "streams")
SEEDS = 400


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The product's source, to be broken."""
    for tree in TREES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / tree, tmp_path / tree, ignore=ignored)
    return tmp_path


def first_finding(tree: Path, seeds: int) -> str:
    """What the first seed that fails with the source in *tree* shows, "" if none."""
    path = os.pathsep.join(str(tree / each) for each in TREES)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.simulation", "--first", "--seeds", f"0..{seeds}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug: Bug, copied: Path) -> None:
    """`-s` shows by which seed, and how."""
    file = copied / bug.file
    file.write_text(file.read_text().replace(bug.old, bug.new))

    found = first_finding(copied, SEEDS)

    sys.stdout.write(f"{bug.name}: {found}")
    assert found.startswith("seed "), f"{SEEDS} seeds don't show it: {bug.harm}"


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_can_still_be_planted(bug: Bug) -> None:
    """Its line stands once in the source: else another one must take its place."""
    assert (ROOT / bug.file).read_text().count(bug.old) == 1


def test_bugs_have_names_of_their_own() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 10


def test_without_a_bug_the_copy_is_as_good(copied: Path) -> None:
    """So what is found is the bug's, not the copying's."""
    assert first_finding(copied, 20) == ""
