"""`idweave local`: files that `idweave simulate` wrote, and what comes of them."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import Result
from tests.streams.cli.conftest import Run

from idweave_adapters.simulator import World
from idweave_adapters.simulator.traffic import Traffic, TrafficPlan
from idweave_streams.cli.exits import Exit
from idweave_streams.settings import Settings
from idweave_streams.topics import outputs

IDWEAVE = str(Path(sys.executable).parent / "idweave")
NAMES = Settings().topics

Local = Callable[..., Result]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A running `idweave simulate`: the folder it saved its world to, and its address."""
    folder = tmp_path_factory.mktemp("simulated") / "world"
    command = [IDWEAVE, "simulate", "--seed", "7", "--people", "40"]
    command += ["--save", str(folder)]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            yield folder, url
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    assert process.returncode == Exit.INTERRUPTED


@pytest.fixture(scope="module")
def traffic(saved: tuple[Path, str]) -> Traffic:
    """Events of the saved world, also in files beside it."""
    folder, _ = saved
    world = World.from_json((folder / "world.json").read_bytes())
    events = Traffic(world, TrafficPlan(seed=1, events=120))
    lines: dict[str, list[bytes]] = {"login": [], "webhook": []}
    for event in events:
        lines[event.topic].append(event.value + b"\n")
    for topic, values in lines.items():
        (folder / f"{topic}s.jsonl").write_bytes(b"".join(values))
    return events


@pytest.fixture
def local(run: Run, saved: tuple[Path, str], traffic: Traffic) -> Local:
    """Run the command on the saved files; *given* replaces or adds options."""
    folder, url = saved

    def invoke(*options: object, **stated: object) -> Result:
        stated = {
            "graph_api_url": url,
            "credentials_file": folder / "credentials.json",
            "lookup_linger_ms": 50,
            **stated,
        }
        flags = [part for n, v in stated.items() for part in ("--set", f"{n}={v}")]
        files = [
            *("--assets", folder / "assets.jsonl"),
            *("--logins", folder / "logins.jsonl"),
            *("--webhooks", folder / "webhooks.jsonl"),
        ]
        return run(*flags, "local", *files, *options)

    return invoke


def rows(file: Path) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def test_events_go_to_stdout_and_the_rest_to_files(
    local: Local, traffic: Traffic, tmp_path: Path
) -> None:
    """One JSON object a line; a summary goes to stderr."""
    result = local("--out", tmp_path / "out")

    assert result.exit_code == Exit.OK, result.stderr
    events = [orjson.loads(line) for line in result.stdout.splitlines()]
    files = {file.name: rows(file) for file in (tmp_path / "out").iterdir()}
    assert files.keys() <= {f"{topic}.jsonl" for topic in outputs(NAMES)}
    assert [row["value"] for row in files[f"{NAMES.events}.jsonl"]] == events
    people = sum(map(len, traffic.expected().values()))
    assert f" {people} persons, {len(events)} events," in result.stderr
    assert result.stderr.endswith(" 0 lookups open\n")


def test_the_same_files_give_the_same_persons(local: Local, tmp_path: Path) -> None:
    """Also with another number of partitions."""
    local("--out", tmp_path / "one", partitions=2)
    local("--out", tmp_path / "two", partitions=5)

    one, two = (
        {
            row["key"]: row["value"]
            for row in rows(tmp_path / n / f"{NAMES.aliases}.jsonl")
        }
        for n in ("one", "two")
    )
    assert _whose(one) == _whose(two)


def _whose(aliases: dict[object, object]) -> dict[object, object]:
    return {k: v["person"] for k, v in aliases.items() if isinstance(v, dict)}


def test_an_empty_folder_may_be_there_already(local: Local, tmp_path: Path) -> None:
    assert local("--out", tmp_path).exit_code == Exit.OK


def test_a_folder_with_something_in_it_is_left_alone(
    local: Local, tmp_path: Path
) -> None:
    """Lines of two runs must not get mixed; it is told before anything is asked."""
    (tmp_path / "mine.txt").write_text("mine")

    result = local("--out", tmp_path)

    assert result.exit_code == Exit.CANNOT_CREATE
    assert "is not empty; name a new folder" in result.stderr
    assert result.stdout == ""
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cant_be_made_is_told(local: Local, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = local("--out", tmp_path / "file" / "folder")

    assert result.exit_code == Exit.CANNOT_CREATE
    assert "name another folder" in result.stderr


def test_credentials_that_cant_be_used_are_told(local: Local, tmp_path: Path) -> None:
    """With the place of the fault, and without the value."""
    broken = tmp_path / "credentials.json"
    broken.write_bytes(orjson.dumps({"businesses": {"1": {"apps": {"2": "hidden"}}}}))

    result = local(credentials_file=broken)

    assert result.exit_code == Exit.CONFIGURATION
    assert "correct the credentials" in result.stderr
    assert "hidden" not in result.output


def test_wrong_settings_are_told(local: Local) -> None:
    result = local(partitions=0)

    assert result.exit_code == Exit.CONFIGURATION
    assert "partitions" in result.stderr


def test_assets_are_needed(run: Run) -> None:
    """Without owners every event would be a dead letter."""
    result = run("local")

    assert result.exit_code == Exit.USAGE
    assert "--assets" in result.stderr


def test_a_graph_api_that_does_not_answer_leaves_lookups_open(local: Local) -> None:
    """What the events alone say is woven all the same, when patience is over."""
    result = local("--patience", 0, graph_api_url="http://127.0.0.1:1")

    assert result.exit_code == Exit.OK
    assert result.stdout
    assert not result.stderr.endswith(" 0 lookups open\n")


def test_ctrl_c_ends_it_with_the_code_that_shells_use(
    saved: tuple[Path, str], traffic: Traffic
) -> None:
    """While it waits for a Graph API that takes the question and says nothing."""
    folder, _ = saved
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [
            *(IDWEAVE, "--set", f"graph_api_url={url}", "--set", "lookup_linger_ms=0"),
            *("--set", f"credentials_file={folder / 'credentials.json'}"),
            *("local", "--assets", str(folder / "assets.jsonl"), "--patience", "inf"),
            *("--logins", str(folder / "logins.jsonl")),
        ]
        with subprocess.Popen(  # noqa: S603 - our own program
            command, stderr=subprocess.PIPE, text=True
        ) as process:
            asking, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
            asking.close()

    assert process.returncode == Exit.INTERRUPTED
    assert errors == "interrupted\n"
