"""Worker processes for tests: started, killed, frozen and stopped as real ones are."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import rocksdict

Flavour = Literal["stock", "ours"]

ROOT = Path(__file__).parents[3]
STOP_TIMEOUT_S = 40.0


@dataclass(slots=True)
class Worker:
    """One worker process of an app module in ``apps``."""

    app: str
    settings: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """The process runs; whether it is ready shows in what it does."""
        environment = {**os.environ, **self.settings}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", f"tests.streams.reliable.apps.{self.app}"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def exit_code(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        return None if self.process is None else self.process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """It has died as in a crash of its machine."""
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """It has ended in good order; the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """It has ended; the exit code."""
        assert self.process is not None
        return self.process.wait(STOP_TIMEOUT_S)

    def said(self) -> str:
        """Everything it has logged."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a test's workers live: broker, names and files."""

    bootstrap: str
    prefix: str
    folder: Path

    @property
    def app_id(self) -> str:
        """Faust's app id and the consumer group."""
        return f"{self.prefix}app"

    @property
    def source(self) -> str:
        """The topic they read."""
        return f"{self.prefix}in"

    @property
    def target(self) -> str:
        """The topic they write."""
        return f"{self.prefix}out"

    @property
    def changelog(self) -> str:
        """The changelog of their table."""
        return f"{self.app_id}-kept-changelog"

    def worker(
        self, app: str, flavour: Flavour, name: str = "w", **more: str
    ) -> Worker:
        """Return a worker that is not started yet; ``name`` tells disks apart."""
        settings = {
            "BOOTSTRAP": self.bootstrap,
            "PREFIX": self.prefix,
            "FLAVOUR": flavour,
            "DATADIR": str(self.folder / f"data-{name}"),
            "INSTANCE": f"{self.prefix}{name}",
            "NOTES": str(self.folder / f"notes-{name}"),
            **more,
        }
        return Worker(app, settings, self.folder / f"log-{name}")

    def notes(self, name: str = "w") -> list[str]:
        """Return what a worker has noted down, line by line."""
        path = self.folder / f"notes-{name}"
        return path.read_text().split() if path.exists() else []

    def local_keys(self, name: str = "w") -> set[bytes]:
        """Return the keys in the local files of a worker that does not run."""
        return set(self._local_keys(name))

    def _local_keys(self, name: str) -> Iterator[bytes]:
        for path in (self.folder / f"data-{name}").glob("**/tables/kept-*.db"):
            options = rocksdict.Options(raw_mode=True)
            db = rocksdict.Rdict(str(path), options=options)
            keys = [key for key in db.keys() if isinstance(key, bytes)]  # noqa: SIM118
            yield from (key for key in keys if not key.startswith(b"__"))
            db.close()
