"""The launcher of a Kafka broker: what it needs, and that it leaves nothing behind."""

# ruff: noqa: S603 - the programs run here are our own launcher

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.kafka import LAUNCHER

DEADLINE_S = 60.0  # far above what is needed: only a hang reaches it

needs_broker = pytest.mark.usefixtures("kafka")


@contextmanager
def launched(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    with subprocess.Popen(
        [sys.executable, str(LAUNCHER), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as launcher:
        assert launcher.stdout
        try:
            yield launcher, json.loads(launcher.stdout.readline())
        finally:
            _let_go(launcher)


def _let_go(launcher: subprocess.Popen[str]) -> None:
    """End it, even where the promise under test is broken."""
    if launcher.stdin:
        launcher.stdin.close()
    try:
        launcher.wait(DEADLINE_S)
    except subprocess.TimeoutExpired:
        launcher.kill()


def run(
    launcher: Path, *options: str, path: Path | str, **environment: str
) -> subprocess.CompletedProcess[str]:
    home = {"HOME": os.environ["HOME"]}
    return subprocess.run(
        [sys.executable, str(launcher), *options],
        env={**home, "PATH": str(path), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def is_gone(pid: int) -> bool:
    """True once the process has ended, within the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        stat = Path(f"/proc/{pid}/stat")
        # Z: ended, but pid 1 of a container may never collect an orphan.
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def command(folder: Path, name: str, script: str) -> None:
    """Put a program of that name into `folder`."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def bare_copy(tmp_path: Path) -> Path:
    """A launcher that has fetched nothing yet."""
    folder = tmp_path / "kafka"
    shutil.copytree(LAUNCHER.parent, folder, ignore=shutil.ignore_patterns("libs"))
    return folder / "launch.py"


@needs_broker
def test_end_of_stdin_ends_the_broker() -> None:
    """When stdin ends, the launcher leaves with 0 and neither process nor file stays."""
    with launched() as (launcher, facts):
        home = Path(facts["log"]).parent
        assert home.is_dir()

        launcher.communicate(timeout=DEADLINE_S)

        assert launcher.returncode == 0
        assert is_gone(facts["pid"])
        assert not home.exists()


@needs_broker
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_broker(number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C do the same as the end of stdin."""
    with launched() as (launcher, facts):
        launcher.send_signal(number)

        assert launcher.wait(DEADLINE_S) == 0
        assert is_gone(facts["pid"])
        assert not Path(facts["log"]).parent.exists()


@needs_broker
def test_a_killed_launcher_takes_the_broker_along(tmp_path: Path) -> None:
    """Even kill -9 of the launcher leaves no broker."""
    with launched("--data-dir", str(tmp_path)) as (launcher, facts):
        launcher.kill()

        assert is_gone(facts["pid"])


@needs_broker
def test_a_dead_broker_is_reported() -> None:
    """When Java dies by itself, the launcher leaves with 1 and says so."""
    with launched() as (launcher, facts):
        os.kill(facts["pid"], signal.SIGKILL)

        assert launcher.wait(DEADLINE_S) == 1
        assert launcher.stderr
        assert "the broker has ended" in launcher.stderr.read()


@needs_broker
def test_a_background_job_is_not_ended_by_dev_null() -> None:
    """With stdin at /dev/null, as a shell gives to jobs, only a signal ends it."""
    with subprocess.Popen(
        [sys.executable, str(LAUNCHER)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as launcher:
        assert launcher.stdout
        pid = json.loads(launcher.stdout.readline())["pid"]
        with pytest.raises(subprocess.TimeoutExpired):
            launcher.wait(1)

        launcher.terminate()

        assert launcher.wait(DEADLINE_S) == 0
        assert is_gone(pid)


@needs_broker
def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    """Somebody else's port is named in the error; nothing is started on another."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        ended = run(
            LAUNCHER,
            *("--data-dir", str(tmp_path), "--port", str(port)),
            path=os.environ["PATH"],
        )

    assert ended.returncode == 1
    assert f"port {port} is taken" in ended.stderr
    assert ended.stdout == ""


def test_missing_java_is_named(tmp_path: Path) -> None:
    """Without Java: exit code 69 and what to install."""
    ended = run(LAUNCHER, path=tmp_path)

    assert ended.returncode == 69
    assert "no java in PATH: install Java 17 or newer" in ended.stderr


def test_wrong_java_home_is_named(tmp_path: Path) -> None:
    """A JAVA_HOME without Java is an error of its own, not a reason to look elsewhere."""
    ended = run(LAUNCHER, path=os.environ["PATH"], JAVA_HOME=str(tmp_path))

    assert ended.returncode == 69
    assert f"no java in {tmp_path}/bin (JAVA_HOME)" in ended.stderr


@pytest.mark.parametrize("version", ["1.8.0_412", "11.0.23"])
def test_old_java_is_refused(tmp_path: Path, version: str) -> None:
    """Java below 17 is refused before anything is downloaded."""
    command(tmp_path, "java", f"echo 'openjdk version \"{version}\"' >&2")

    ended = run(LAUNCHER, path=tmp_path)

    assert ended.returncode == 69
    assert "Kafka wants Java 17 or newer" in ended.stderr


def test_missing_maven_is_named(tmp_path: Path, bare_copy: Path) -> None:
    """Without Maven and without files fetched before: exit code 69."""
    command(tmp_path / "bin", "java", "echo 'openjdk version \"17.0.1\"' >&2")

    ended = run(bare_copy, path=tmp_path / "bin")

    assert ended.returncode == 69
    assert "install Maven" in ended.stderr


def test_a_failed_download_is_not_taken_for_one(
    tmp_path: Path, bare_copy: Path
) -> None:
    """When Maven fails after some files: 69 with its words, and no folder that counts."""
    command(tmp_path / "bin", "java", "echo 'openjdk version \"17.0.1\"' >&2")
    command(
        tmp_path / "bin",
        "mvn",
        "for word; do case $word in -DoutputDirectory=*) into=${word#*=};; esac; done\n"
        "/bin/mkdir -p $into; echo half > $into/kafka.jar; echo mirror is down; exit 1",
    )

    first = run(bare_copy, "--fetch-only", path=tmp_path / "bin")
    second = run(bare_copy, "--fetch-only", path=tmp_path / "bin")

    for ended in (first, second):
        assert ended.returncode == 69
        assert "mirror is down" in ended.stderr


@needs_broker
def test_two_launchers_fetch_once(bare_copy: Path) -> None:
    """Of two that start on an empty machine one downloads, and both go on."""
    both = [
        subprocess.Popen(
            [sys.executable, str(bare_copy), "--fetch-only"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [one.communicate(timeout=4 * DEADLINE_S)[1] for one in both]

    assert [one.returncode for one in both] == [0, 0]
    assert sum("fetching" in text for text in said) == 1
    (libs,) = [p for p in (bare_copy.parent / "libs").iterdir() if p.is_dir()]
    assert list(libs.glob("kafka_2.13-*.jar"))
