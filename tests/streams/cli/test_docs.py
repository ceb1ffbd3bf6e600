"""The documents and the program say the same."""

import re
from pathlib import Path

import click
import pytest
from tests.streams.cli.conftest import Run
from tests.streams.cli.test_main import commands
from tests.streams.test_settings import faults

from idweave_streams.cli import main
from idweave_streams.cli.exits import Exit
from idweave_streams.settings import Settings

DOCS = Path(__file__).parents[3] / "docs"
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows, without code marks."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[c.strip() for c in line.strip("|").split("|")] for line in lines]


def chapter(name: str) -> str:
    """What docs/cli.md says about one command."""
    _, _, rest = CLI.partition(f"### `idweave {name}`\n")
    return re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]


def options(text: str) -> set[str]:
    return set(re.findall(r"`(--[a-z-]+)", text))


def test_every_setting_is_listed_with_its_default_and_meaning() -> None:
    """In the words of the code, and nothing else is listed."""
    blank = {None: "not set", "": "empty"}
    defaults = Settings().model_dump(mode="json")

    expected = {
        name: (blank.get(defaults[name], f"`{defaults[name]}`"), field.description)
        for name, field in Settings.model_fields.items()
    }

    listed = {
        name.strip("`"): (default, meaning)
        for name, default, meaning in rows(SETTINGS)
        if name.startswith("`")
    }
    assert listed == expected


def test_the_example_file_is_valid(run: Run, tmp_path: Path) -> None:
    """It can be copied as it stands."""
    example = SETTINGS.split("```toml\n")[1].split("```")[0]
    file = tmp_path / "idweave.toml"
    file.write_text(example)

    assert run("--config", file, "config", "show").exit_code == Exit.OK


def test_the_shown_faults_are_those_of_the_program() -> None:
    """Word by word."""
    told = faults(
        flags={"partitions": "0"}, environment={"IDWEAVE_KAFAK": "broker:9092"}
    )

    assert "\n".join(f"  {line}" for line in told) in SETTINGS


def test_every_command_has_its_chapter() -> None:
    """And no chapter is about a command that does not exist."""
    chapters = re.findall(r"^### `idweave (.+)`$", CLI, flags=re.MULTILINE)

    assert sorted(chapters) == sorted(name for name, _ in commands())


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_option_is_in_the_chapter_of_its_command(
    name: str, command: click.Command
) -> None:
    """And none that the command does not have."""
    has = {
        option
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }
    table = "\n".join(x for x in chapter(name).splitlines() if x.startswith("| `--"))

    assert has <= options(chapter(name))
    assert options(table) <= has


def test_every_exit_code_is_listed_with_its_meaning() -> None:
    """As `--help` lists it, and no other."""
    listed = {code: meaning for code, meaning, *_ in rows(CLI) if code.isdecimal()}

    assert listed == {str(int(code)): code.meaning for code in Exit}


def test_the_options_of_the_program_are_listed() -> None:
    """Before the first chapter."""
    has = {f"--{parameter.name}" for parameter in main.params} - {"--assignments"}

    listed = options(CLI.split("\n## ")[0])
    assert listed == has | {"--set", "--help"}
