"""The steps that the README shows to analysts do what it says."""

import re
import shlex
from pathlib import Path
from urllib.request import urlopen

import pytest
from tests.streams.api.test_explore import explored, get
from tests.streams.cli.conftest import Run, run
from tests.streams.explaining.stories import CONTRADICTED, TOGETHER
from tests.support.snapshots import exported

from idweave_streams.cli.exits import Exit
from idweave_streams.state.wanted import Wanted

__all__ = ["run"]

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
LOGS = {"monday": TOGETHER, "tuesday": CONTRADICTED}


def steps() -> list[list[str]]:
    """The commands of the chapter."""
    _, _, rest = README.partition("## Ask questions about it\n")
    chapter = rest.split("\n## ")[0]
    (commands,) = re.findall(r"```\w*\n(.*?)```", chapter, flags=re.DOTALL)
    return [shlex.split(line)[1:] for line in commands.splitlines()]


def link_opens(folder: Path) -> None:
    """It opens the page, and persons are found with its key."""
    with explored(folder) as (url, key):
        with urlopen(url, timeout=30) as page:  # noqa: S310 - our own address
            assert b"<main" in page.read()
        businesses = get(f"{url}/v1/status", key)["businesses"]
        persons = f"{url}/v1/persons?business={businesses[0]}"
        assert get(persons, key)["items"]


def test_every_step_works(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over exports as the first steps ask for them, here of two states of a story."""
    monkeypatch.chdir(tmp_path)
    for name, log in LOGS.items():
        exported(Path(f"{name}-lines"), log, Wanted(("jsonl",)))

    told = []
    for command in steps():
        if "explore" in command:  # it ends with Ctrl-C alone
            link_opens(Path(command[1]))
            continue
        if "export" in command:  # of lines that are there, instead of a broker
            at = command.index("export")
            command = [*command[at:], "--from", f"{command[at + 1]}-lines"]  # noqa: PLW2901
        answer = run(*command)
        assert answer.exit_code == Exit.OK, answer.output
        told.append(answer.stdout)

    kinds = sorted(line.split() for line in told[1].splitlines()[1:])
    assert kinds == [["app", "3"], ["page", "1"], ["token", "1"]]
    assert len(told[2].splitlines()) == 4
    assert told[4].startswith("created")
