"""`idweave conformance`: real programs, right and wrong ones."""

import sys
from pathlib import Path

import orjson
import pytest
from tests.streams.cli.conftest import Run

from idweave_streams.cli.exits import Exit
from idweave_streams.contracts.cases import cases

DOCS = Path(__file__).parents[3] / "docs" / "consume.md"
EXAMPLE = DOCS.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]


def program(folder: Path, text: str) -> tuple[str, str]:
    """The command line of a reader whose source is *text*."""
    file = folder / "reader.py"
    file.write_text(text, encoding="utf-8")
    return sys.executable, str(file)


def test_the_documented_example_is_right_in_every_case(
    run: Run, tmp_path: Path
) -> None:
    """As it stands in the document."""
    result = run("conformance", *program(tmp_path, EXAMPLE))

    names = [case.name for case in cases()]
    assert result.exit_code == Exit.OK
    assert result.stdout.split() == [word for name in names for word in ("ok", name)]
    assert result.stderr == f"{len(names)} cases, 0 wrong\n"


def test_a_wrong_map_is_told_with_its_case(run: Run, tmp_path: Path) -> None:
    """The rule, and what is wrong; the exit code is for scripts."""
    wrong = program(tmp_path, """print('{"members": {}, "survivors": {}}')""")

    result = run("conformance", "--case=created", "--case=nothing", *wrong)

    (case,) = (case for case in cases() if case.name == "created")
    ((member, person),) = case.expected["members"].items()
    assert result.exit_code == Exit.FAILURE
    assert result.stdout.splitlines() == [
        f"WRONG created: {case.rule}",
        f'        members: {member} left out, should be "{person}"',
        "ok    nothing",
    ]
    assert result.stderr == "2 cases, 1 wrong\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("raise SystemExit(3)", "ended with code 3"),
        ("print('{')", "the answer on stdout is no JSON"),
        ("print('[]')", "the answer is no JSON object"),
        ("import time; time.sleep(300)", "no answer within 1 seconds"),
    ],
)
def test_a_program_without_an_answer_is_wrong(
    run: Run, tmp_path: Path, text: str, fault: str
) -> None:
    """And it is said why; the next case is tried all the same."""
    options = ("--patience=1", "--json", "--case=created", "--case=nothing")

    result = run("conformance", *options, *program(tmp_path, text))

    told = orjson.loads(result.stdout)
    assert result.exit_code == told["exit_code"] == Exit.FAILURE
    assert [case["faults"] for case in told["cases"]] == [[fault], [fault]]


def test_options_behind_the_program_are_the_programs(run: Run, tmp_path: Path) -> None:
    """Also those that this command has itself."""
    text = """
import json, sys
assert sys.argv[1:] == ["--json", "-x", "--case=none"]
print(json.dumps({"members": {}, "survivors": {}}))
"""
    reader = program(tmp_path, text)

    result = run(
        "conformance", "--case=nothing", *reader, "--json", "-x", "--case=none"
    )

    assert (result.exit_code, result.stdout) == (Exit.OK, "ok    nothing\n")


def test_a_program_that_is_not_there_is_a_wrong_command_line(
    run: Run, tmp_path: Path
) -> None:
    """Nothing is tried."""
    result = run("conformance", tmp_path / "none")

    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert "can't start" in result.stderr


def test_a_case_that_is_not_there_is_a_wrong_command_line(run: Run) -> None:
    """The names that there are are told."""
    result = run("conformance", "--case=none", "reader")

    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert "split-reversed" in result.stderr
