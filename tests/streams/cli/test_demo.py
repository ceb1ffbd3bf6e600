"""`idweave demo`: a small one in one process, and how it ends where it can't begin."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

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
    assert "wrong ids: 0 (joined 0, parted 0, missing 0)\n" in result.stdout
    assert "  foreign-asset " in result.stdout or "  unowned-asset " in result.stdout
    named = [
        Path(line.strip()) for line in result.stdout.splitlines() if "jsonl" in line
    ]
    assert all(file.is_relative_to(tmp_path) for file in named)
    assert [file.stem for file in named] == list(outputs(Settings().topics))
    persons = {file.stem: file for file in named}[Settings().topics.persons]
    assert all(orjson.loads(line) for line in persons.read_bytes().splitlines())


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
