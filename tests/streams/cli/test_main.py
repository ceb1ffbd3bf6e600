"""The program as a whole: help, laziness, exit codes, interruption."""

import os
import signal
import socket
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from tests.streams.cli.conftest import Run

from idweave_streams.cli import COMMANDS, main
from idweave_streams.cli.exits import Exit

IDWEAVE = Path(sys.executable).parent / "idweave"


def commands() -> list[tuple[str, click.Command]]:
    """Every command with its full name; groups are left out."""
    found = []
    for name, later in COMMANDS.items():
        command = import_module(later.module).command
        if isinstance(command, click.Group):
            found += [(f"{name} {n}", each) for n, each in command.commands.items()]
        else:
            found.append((name, command))
    return found


def test_help_names_every_command_and_exit_code(run: Run) -> None:
    """And shows examples at its foot."""
    result = run("--help")

    assert result.exit_code == Exit.OK
    for name, later in COMMANDS.items():
        assert f"  {name} " in result.stdout
        assert later.summary in result.stdout
    for code in Exit:
        assert f" {int(code)}  {code.meaning}" in result.stdout
    assert "Examples:" in result.stdout


def test_help_imports_nothing_heavy() -> None:
    """It comes at once: neither Faust nor Kafka, HTTP or the settings are loaded."""
    code = (
        "import sys; from idweave_streams.cli import main;"
        "main(['--help'], standalone_mode=False);"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )

    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    loaded = set(done.stderr.split())
    assert "idweave_streams.cli.lazy" in loaded
    heavy = {"faust", "mode", "aiokafka", "aiohttp", "pydantic", "rich", "rocksdict"}
    assert loaded & (heavy | {"idweave_streams.settings"}) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_of_the_table_is_there(run: Run, name: str) -> None:
    """Under the name that the table says."""
    context = click.Context(main)
    command = main.get_command(context, name)
    result = run(name, "--help")

    assert command is not None
    assert command.name == name
    assert result.exit_code == Exit.OK
    assert f"Usage: main {name}" in result.stdout


@pytest.mark.parametrize(("name", "command"), commands())
def test_each_command_ends_its_help_with_examples(
    run: Run, name: str, command: click.Command
) -> None:
    """Each runs that very command."""
    result = run(*name.split(), "--help")

    assert "Example" in result.stdout
    assert f"{name}" in (command.help or "").split("Example")[1]


def test_help_works_whatever_the_settings_are(run: Run) -> None:
    """It is where one looks when they are wrong."""
    result = run("--set", "nonsense=1", "topics", "plan", "--help")

    assert result.exit_code == Exit.OK


def test_an_unknown_command_is_refused_with_the_nearest(run: Run) -> None:
    """As wrong usage."""
    result = run("topic")

    assert result.exit_code == Exit.USAGE
    assert "Did you mean topics?" in result.stderr
    assert "Did you mean" not in run("xyzzy").stderr


def test_without_a_command_help_is_shown(run: Run) -> None:
    """As wrong usage."""
    assert run().exit_code == Exit.USAGE


@pytest.mark.parametrize("text", ["partitions", "=8", " =8"])
def test_a_setting_without_name_or_value_is_wrong_usage(run: Run, text: str) -> None:
    """It is not repeated: it may be a secret in the wrong place."""
    result = run("--set", text, "config", "show")

    assert result.exit_code == Exit.USAGE
    assert "name=value" in result.stderr


@pytest.mark.parametrize("name", ["config show", "topics plan", "topics apply"])
def test_faults_of_settings_are_all_on_stderr(
    run: Run, name: str, tmp_path: Path
) -> None:
    """From every source, with code 78, before anything is done."""
    file = tmp_path / "idweave.toml"
    file.write_text("partitions = 0")

    result = run(
        "--config",
        file,
        "--set",
        "replication=x",
        *name.split(),
        IDWEAVE_KAFAK="a:1",
    )

    assert result.exit_code == Exit.CONFIGURATION
    assert result.stdout == ""
    assert f"partitions (file {file})" in result.stderr
    assert "replication (--set)" in result.stderr
    assert "did you mean IDWEAVE_KAFKA?" in result.stderr


def test_the_version_option_names_the_program(run: Run) -> None:
    """And its version."""
    assert run("--version").stdout == f"idweave {version('idweave')}\n"


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the program as a process of its own.

    It minds Ctrl-C also where these tests run in the background, which a shell tells
    its children by having them ignore it.
    """
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from idweave_streams.cli import main; main()"
    )
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={n: v for n, v in os.environ.items() if not n.startswith("IDWEAVE_")},
    )


def test_an_interrupt_ends_with_the_code_of_shells() -> None:
    """While a command waits for a broker that never answers; without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kafka = f"kafka=127.0.0.1:{server.getsockname()[1]}"
        with start("--set", kafka, "topics", "plan") as process:
            connection, _ = server.accept()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
            connection.close()

    assert (process.returncode, out, err) == (Exit.INTERRUPTED, "", "interrupted\n")


def test_a_failure_is_one_line_on_stderr() -> None:
    """The Kafka client's own log does not come in between."""
    with start("--set", "kafka=127.0.0.1:1", "topics", "plan") as process:
        out, err = process.communicate()

    assert (process.returncode, out) == (Exit.UNAVAILABLE, "")
    assert len(err.splitlines()) == 1


def test_the_program_is_installed_under_its_name() -> None:
    """And is the same."""
    done = subprocess.run(  # noqa: S603 - our own program
        [IDWEAVE, "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"idweave {version('idweave')}\n"
