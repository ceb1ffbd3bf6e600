"""`idweave version`: what is installed."""

import platform
from importlib.metadata import version
from pathlib import Path

import orjson
import pytest
from tests.streams.cli.conftest import Run

from idweave_streams.cli.exits import Exit


def test_idweave_and_its_engine_are_shown(run: Run) -> None:
    """By the versions that are installed."""
    result = run("version")

    assert result.exit_code == Exit.OK
    shown = dict(line.split()[:2] for line in result.stdout.splitlines())
    for name in (
        "idweave",
        "faust-streaming",
        "mode-streaming",
        "aiokafka",
        "rocksdict",
    ):
        assert shown[name] == version(name)
    assert shown["python"] == platform.python_version()
    assert "pytest" not in shown


def test_json_holds_the_same(run: Run) -> None:
    """Name by name."""
    shown = dict(line.split()[:2] for line in run("version").stdout.splitlines())

    assert orjson.loads(run("version", "--json").stdout) == shown


def test_a_version_other_than_the_pinned_one_is_marked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is a part that is missing."""
    folder = tmp_path / "idweave-9.dist-info"
    folder.mkdir()
    pins = "Requires-Dist: click==0.0.1\nRequires-Dist: no-such-part==1\n"
    extra = "Requires-Dist: pytest==0.0.1; extra == 'dev'\n"
    (folder / "METADATA").write_text(f"Name: idweave\nVersion: 9\n{pins}{extra}")
    monkeypatch.syspath_prepend(tmp_path)

    lines = run("version").stdout.splitlines()

    assert [line.split(maxsplit=1) for line in lines[:3]] == [
        ["idweave", "9"],
        ["click", f"{version('click')}  (pinned: 0.0.1)"],
        ["no-such-part", "missing  (pinned: 1)"],
    ]
    assert len(lines) == 4
