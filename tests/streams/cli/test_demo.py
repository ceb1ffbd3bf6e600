"""`idweave demo`: a small one in one process, and how it ends where it can't begin."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import orjson
import pytest
from tests.streams.cli.conftest import Run
from tests.support.kafka import KafkaBroker, create_topics

from idweave_streams.cli.exits import Exit
from idweave_streams.demo.on_kafka import KafkaGround, OccupiedError
from idweave_streams.settings import Settings
from idweave_streams.topics import outputs

IDWEAVE = str(Path(sys.executable).parent / "idweave")
SMALL = ("demo", "--events", "300", "--seconds", "1")


def test_where_kafka_cant_be_had_the_same_job_runs_in_one_process(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is where they do not belong, and the topics are there to be read."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    result = run(*SMALL, "--launcher", tmp_path / "missing.py")

    assert result.exit_code == Exit.OK, result.output
    assert "no Kafka here: " in result.stderr
    assert "wrong ids: 0 (joined 0, parted 0, missing 0, not erased 0)\n" in (
        result.stdout
    )
    assert "  foreign-asset " in result.stdout or "  unowned-asset " in result.stdout
    named = [
        Path(line.strip()) for line in result.stdout.splitlines() if "jsonl" in line
    ]
    assert all(file.is_relative_to(tmp_path) for file in named)
    assert [file.stem for file in named] == list(outputs(Settings().topics))
    files = {file.stem: file for file in named}
    assert records(files[Settings().topics.persons])


def test_the_page_will_have_one_of_everything(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quarantine, a ban and its split, an operator's link, and an erasure."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert run(*SMALL, "--in-process").exit_code == Exit.OK

    names = Settings().topics
    (folder,) = tmp_path.glob("idweave-demo-*/export")
    events = records(folder / f"{names.events}.jsonl")
    told = {(event["type"], event["reason"]) for event in events}
    assert told >= {
        ("quarantined", "token_for_business"),
        ("split", "ban"),
        ("banned", "ban"),
        ("decided", "link"),
        ("merged", "link"),
        ("erased", "requested"),
    }
    audit = records(folder / f"{names.policy}.jsonl")
    assert [each["what"] for each in audit if each["type"] == "erasure"] == ["erase-id"]
    waiting = run("quarantine", "list", "--from", folder, "--json").stdout
    assert waiting


def records(file: Path) -> list[dict[str, Any]]:
    """The values of a topic that lies in a file."""
    return [orjson.loads(line)["value"] for line in file.read_bytes().splitlines()]


def test_ctrl_c_ends_it_in_the_middle() -> None:
    """With the code that shells use, and one line."""
    command = [IDWEAVE, *SMALL, "--in-process", "--seconds", "1000"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        begun = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert "Meta puts one business under review" in begun
    assert process.returncode == Exit.INTERRUPTED
    assert errors.splitlines()[-1] == "interrupted"
    assert "Traceback" not in errors


def test_in_a_terminal_it_ends_with_a_page(tmp_path: Path) -> None:
    """The link opens the person of an id that is named, until Ctrl-C; then it is over.

    Ctrl-C is how one ends it, so the exit code is that of the verdict.
    """
    command = [IDWEAVE, *SMALL, "--in-process"]
    ours, theirs = os.openpty()
    with (
        subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(tmp_path), "COLUMNS": "200"},
        ) as process,
        open(ours, encoding="utf-8", newline="\n") as terminal,  # noqa: PTH123
    ):
        os.close(theirs)
        try:
            found = answered(until_line(terminal, "Ctrl-C ends it"))
            process.send_signal(signal.SIGINT)
            process.wait(60)
        finally:
            process.kill()

    assert process.returncode == Exit.OK
    assert len(found["person"]["members"]) > 1


def until_line(terminal: TextIO, end: str) -> list[str]:
    """The lines of the terminal up to the one that ends so."""
    lines = []
    for line in terminal:
        lines.append(line.strip())
        if line.strip() == end:
            return lines
    raise AssertionError(lines)


def answered(shown: list[str]) -> Any:
    """What the API says of the first id that is worth searching for."""
    at = shown.index("look at it")
    link, first = urlsplit(shown[at + 1]), shown[at + 3].split()[0]
    key, _, route = link.fragment.removeprefix("key=").partition("/")
    business = route.removeprefix("search?business=")
    url = f"http://{link.netloc}/v1/ids/{first}?business={business}"
    request = Request(url, headers={"Authorization": f"Bearer {key}"})
    with urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
        return orjson.loads(answer.read())


def test_without_a_terminal_it_ends_and_names_what_comes_next(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command that it names does as it stands."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    told = run(*SMALL, "--in-process").stdout

    _, _, rest = told.partition("what to try next\n")
    commands = [shlex.split(line) for line in rest.splitlines() if "#" not in line]
    explore, *others, local, plan = commands
    assert explore[:2] == ["idweave", "explore"]
    assert (local[1], plan[1]) == ("local", "topics")
    for command in (*others, local):
        answer = run(*command[1:])
        assert answer.exit_code == Exit.OK, answer.output
    assert (tmp_path / "tables" / "graphml" / "graph.graphml").exists()


def test_a_broker_that_does_not_answer_is_told(run: Run) -> None:
    result = run(*SMALL, "--kafka", "127.0.0.1:1")

    assert result.exit_code == Exit.UNAVAILABLE
    assert "no connection to 127.0.0.1:1" in result.stderr
    assert "Traceback" not in result.stderr


async def test_made_up_events_never_go_among_real_ones(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """A broker that has one of the topics is refused, and gets no other one."""
    settings = Settings(kafka=kafka.bootstrap, topic_prefix=topic_prefix, replication=1)
    await create_topics(kafka.bootstrap, {settings.topics.logins: 1})
    ground = KafkaGround(settings, [settings.topics.events], tmp_path / "worker.log")

    for _ in range(2):
        with pytest.raises(OccupiedError, match=settings.topics.logins):
            await ground.start()

    await ground.stop()
    assert not (tmp_path / "worker.log").exists()


@pytest.mark.parametrize("options", [("--events", "0"), ("--seconds", "0")])
def test_there_must_be_something_to_show(run: Run, options: tuple[str, str]) -> None:
    assert run("demo", *options).exit_code == Exit.USAGE
