"""`idweave api` as a process of its own, asked over HTTP."""

# ruff: noqa: S310 - our own program, and its own address
import json
import os
import resource
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tests.streams.cli.conftest import Run
from tests.support.waiting import until

from idweave_streams.demo.on_kafka import environment
from idweave_streams.settings import Settings

STOP_S = 60
_LOG_TAIL = 3_000


KEYS = ("keys", "create", "--note", "test")


def key_for(run: Run, settings: Settings, *businesses: str) -> str:
    """A key for these businesses is in the file that the settings name."""
    named = [part for each in businesses for part in ("--business", each)]
    made = run(f"--set=api_keys_file={settings.api_keys_file}", *KEYS, *named)
    assert made.exit_code == 0, made.output
    return str(made.stdout).strip()


class ApiProcess:
    """One of them, with a data directory of its own."""

    def __init__(self, settings: Settings, folder: Path, key: str) -> None:
        update = {"data_dir": folder, "api_port": 0}
        self._settings = settings.model_copy(update=update)
        self._key = key
        self.folder = folder
        self.log = folder.with_suffix(".log")
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, file_bytes: int | None = None) -> None:
        """It listens, or has ended.

        Args:
            file_bytes: no file of it may be larger, as if the disk were full.
        """
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "idweave_streams.cli", "api"],
                env={**os.environ, **environment(self._settings)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                preexec_fn=_limit(file_bytes),  # noqa: PLW1509  (no thread is ours)
            )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().decode().strip()

    def kill(self) -> None:
        """It has died with no last words."""
        assert self._process is not None
        self._process.kill()
        assert self.ended() == -signal.SIGKILL

    def stop(self) -> None:
        """It was asked to end, and has ended in good order."""
        assert self._process is not None
        self._process.terminate()
        assert self.ended() == 0, self.told()

    def ended(self) -> int:
        """Its exit code: it ends by itself."""
        assert self._process is not None
        self._process.communicate(timeout=STOP_S)
        return self._process.returncode

    def end(self) -> None:
        """It runs no more, however that is."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def told(self) -> str:
        """What it has said on stderr."""
        return self.log.read_text(errors="replace")[-_LOG_TAIL:]

    def get(self, path: str) -> tuple[int, Any]:
        """Status and answer."""
        headers = {"Authorization": f"Bearer {self._key}"}
        assert self.url, self.told()
        asked = urllib.request.Request(f"{self.url}{path}", headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def status(self) -> Any:
        """How far it is."""
        code, document = self.get("/v1/status")
        assert code == HTTPStatus.OK, self.told()
        return document

    async def is_level(self) -> None:
        """It has come to the end of the topics."""

        async def level() -> bool:
            is_ready = self.get("/ready")[0] == HTTPStatus.OK
            return is_ready and self.status()["behind"] == 0

        try:
            await until(level)
        except TimeoutError:
            raise AssertionError(f"{self.status()}\n{self.told()}") from None


def _limit(file_bytes: int | None) -> Callable[[], None] | None:
    if file_bytes is None:
        return None
    limit = file_bytes

    def apply() -> None:
        # A write beyond it fails; by default the signal would end the process.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return apply


@contextmanager
def api_process(settings: Settings, folder: Path, key: str) -> Iterator[ApiProcess]:
    """One that was not started yet; nothing of it runs afterwards."""
    made = ApiProcess(settings, folder, key)
    try:
        yield made
    finally:
        made.end()
