"""`idweave explore` as a user runs it: one link, for this machine and this run."""

# ruff: noqa: S310, S603 - our own program, and its own address
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import orjson
import pytest
from tests.streams.api.test_serving import folder_of
from tests.streams.cli.conftest import Run, run
from tests.support.consumer_stories import MERGED, PSID
from tests.support.published import NAMES, Workers

from idweave_streams.cli.exits import Exit

__all__ = ["run"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The topics after two persons were found to be one."""
    workers = Workers()
    workers.handle(MERGED)
    return folder_of(workers, tmp_path / "out")


@contextmanager
def explored(
    folder: Path, ended_by: signal.Signals = signal.SIGINT
) -> Iterator[tuple[str, str]]:
    """The base URL and the key while it runs; then it ends well, and keeps quiet."""
    command = [sys.executable, "-m", "idweave_streams.cli", "explore", str(folder)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload]
    try:
        assert process.stdout is not None
        link = urlsplit(process.stdout.readline().strip())
        assert (link.scheme, link.hostname, link.path) == ("http", "127.0.0.1", "/")
        name, _, key = link.fragment.partition("=")
        assert name == "key"
        yield f"http://{link.netloc}", key
        process.send_signal(ended_by)
        more, told = process.communicate(timeout=30)
        assert process.returncode == Exit.OK, told
        assert key not in more + told
        assert "Traceback" not in told
    finally:
        process.kill()
        process.wait()


def get(url: str, key: str) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return orjson.loads(answer.read())


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_the_link_opens_every_business_until_it_ends(
    folder: Path, ended_by: signal.Signals
) -> None:
    """All verbs; Ctrl-C or SIGTERM end it, with code 0 and without a trace."""
    with explored(folder, ended_by) as (url, key):
        found = get(f"{url}/v1/ids/{PSID}", key)
        overview = get(f"{url}/v1/overview?business=900", key)

    assert found["person"]["business"] == "900"
    assert overview["persons"] == 1


def test_nobody_comes_in_without_the_key(folder: Path) -> None:
    """Nor with that of another run."""
    with explored(folder) as (_, other):
        pass

    with explored(folder) as (url, key):
        for wrong in ("", other, key[:-1], key + "A", key.swapcase()):
            with pytest.raises(HTTPError) as refused:
                get(f"{url}/v1/ids/{PSID}", wrong)
            assert refused.value.code == HTTPStatus.UNAUTHORIZED
            refused.value.close()


def test_the_key_is_in_no_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy that it makes is gone with it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    with explored(folder) as (url, key):
        get(f"{url}/v1/status", key)
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert len(files) > len(list(folder.iterdir()))
        assert all(key.encode() not in file.read_bytes() for file in files)

    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["explore", "api"])
def test_it_can_be_ended_also_while_it_reads(
    tmp_path: Path, name: str, ended_by: signal.Signals
) -> None:
    """With the code that shells use, and without a trace: nothing is served yet."""
    copies, folder = tmp_path / "copies", tmp_path / "out"
    copies.mkdir()
    folder.mkdir()
    persons = folder / f"{NAMES.persons}.jsonl"
    os.mkfifo(persons)
    rest = [str(folder)] if name == "explore" else ["--snapshot", str(folder)]
    keys = f"api_keys_file={tmp_path / 'keys.json'}"
    command = [sys.executable, "-m", "idweave_streams.cli", "--set", keys, name, *rest]
    with (
        subprocess.Popen(
            command,
            env={**os.environ, "TMPDIR": str(copies)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        persons.open("wb"),
    ):  # it reads from now on, and gets nothing
        process.send_signal(ended_by)
        said, told = process.communicate(timeout=60)

    assert process.returncode == Exit.INTERRUPTED
    assert said == ""
    assert told.splitlines()[-1] == "interrupted"
    assert "Traceback" not in told
    assert list(copies.iterdir()) == []


def test_a_port_that_is_taken_is_told(run: Run, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("explore", folder, "--port", taken.getsockname()[1])

    assert result.exit_code == Exit.CONFIGURATION
    assert "name another --port" in result.stderr
    assert result.stdout == ""


def test_a_folder_without_persons_is_told(run: Run, tmp_path: Path) -> None:
    result = run("explore", tmp_path)

    assert result.exit_code == Exit.BAD_DATA
    assert "name a folder that has" in result.stderr
