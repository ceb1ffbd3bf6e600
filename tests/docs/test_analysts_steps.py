"""The steps that the README shows to analysts do what it says."""

import re
import shlex
from pathlib import Path

import pytest
from tests.streams.cli.conftest import Run, run
from tests.streams.explaining.stories import CONTRADICTED, TOGETHER
from tests.support.snapshots import exported

from idweave_streams.cli.exits import Exit
from idweave_streams.state.wanted import Wanted

__all__ = ["run"]

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
LOGS = {"monday": TOGETHER, "tuesday": CONTRADICTED}


def steps() -> tuple[list[list[str]], str]:
    """The commands of the chapter, and its Python."""
    _, _, rest = README.partition("## Ask questions about it\n")
    chapter = rest.split("\n## ")[0]
    commands, python = re.findall(r"```\w*\n(.*?)```", chapter, flags=re.DOTALL)
    return [shlex.split(line)[1:] for line in commands.splitlines()], python


def test_every_step_works(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Over exports as the first steps ask for them, here of two states of a story."""
    monkeypatch.chdir(tmp_path)
    commands, python = steps()
    for name, log in LOGS.items():
        exported(Path(f"{name}-lines"), log, Wanted(("jsonl",)))

    told = []
    for command in commands:
        if "export" in command:  # of lines that are there, instead of a broker
            at = command.index("export")
            command = [*command[at:], "--from", f"{command[at + 1]}-lines"]  # noqa: PLW2901
        answer = run(*command)
        assert answer.exit_code == Exit.OK, answer.output
        told.append(answer.stdout)
    exec(compile(python, "README.md", "exec"), {})  # noqa: S102  (our own text)

    kinds = sorted(line.split() for line in told[1].splitlines()[1:])
    assert kinds == [["app", "3"], ["page", "1"], ["token", "1"]]
    assert len(told[2].splitlines()) == 4
    assert told[4].startswith("created")
    assert capsys.readouterr().out == "2 persons\n"
