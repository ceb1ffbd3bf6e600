"""Worker processes, watched over as a service manager would: who ends is started again."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from tests.chaos.disk import Disk
from tests.chaos.journal import Journal

from idweave_streams.demo.on_kafka import WorkerProcess
from idweave_streams.settings import Settings

RESTART_S = 2.0
"""How long a service manager waits before it starts a worker again."""
ENDS = ("idweave worker ends: ", "still running after a crash: ")
"""How a worker begins to say why it ends."""
NEVER = (
    "(no word of why)",
    "handling ",
    "changelog of table",
    "holds a record without a key",
    "everything before",
    "deleted unread",
    "Another process wrote in between",
    "ConsistencyError",
)
"""Of an exit's last words: a bug or a loss, whatever was done to the worker."""


class Hand:
    """One worker with its disk and its log."""

    def __init__(
        self, name: str, settings: Settings, folder: Path, journal: Journal
    ) -> None:
        self.name = name
        self.log = folder / f"{name.replace(' ', '-')}.log"
        self.disk = Disk(folder / f"disk-{name.replace(' ', '-')}")
        data_dir = self.disk.folder / "data"
        self._settings = settings.model_copy(update={"data_dir": data_dir})
        self._journal = journal
        self._worker: WorkerProcess | None = None
        self._watch: asyncio.Task[None] | None = None
        self._log_at = 0

    async def start(self) -> None:
        """It runs, and is started again whenever it ends by itself."""
        await self.start_once()
        self._watch = asyncio.create_task(self._look_after())

    async def start_once(self) -> None:
        """It runs, and may end."""
        self._log_at = self.log.stat().st_size if self.log.exists() else 0
        self._worker = WorkerProcess(self._settings, self.log)
        await self._worker.start()

    async def let_go(self) -> None:
        """Nobody starts it again."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def end(self, sign: signal.Signals) -> int | None:
        """It was sent the signal and has ended; its exit code."""
        await self.let_go()
        worker, self._worker = self._worker, None
        return None if worker is None else await worker.stop(sign)

    def signal(self, sign: signal.Signals) -> None:
        """It gets the signal, if it runs."""
        if self._worker and self._worker.process:
            with suppress(ProcessLookupError):
                self._worker.process.send_signal(sign)

    async def ended(self, timeout_s: float) -> int | None:
        """Its exit code, once it has ended by itself; None if it goes on."""
        process = self._worker.process if self._worker else None
        if process is None:
            return None
        try:
            return await asyncio.wait_for(process.wait(), timeout_s)
        except TimeoutError:
            return None

    def said(self) -> str:
        """What it has logged since its last start."""
        with self.log.open("rb") as file:
            file.seek(self._log_at)
            return file.read().decode(errors="replace")

    async def _look_after(self) -> None:
        while self._worker is not None and self._worker.process is not None:
            code = await self._worker.process.wait()
            words = last_words(self.said())
            self._journal.counts["ended by themselves, started again"] += 1
            self._journal.tell(self.name, f"ended with {code}: {words}")
            if any(each in words for each in NEVER):
                self._journal.find(f"{self.name} ended: {words}")
            await asyncio.sleep(RESTART_S)
            await self.start_once()


def last_words(said: str) -> str:
    """Why a worker ended by itself, as it says."""
    lines = said.strip().splitlines()
    told = (
        line.removeprefix(begin)
        for line in reversed(lines)
        for begin in ENDS
        if line.startswith(begin)
    )
    return next(told, f"(no word of why) {lines[-1][:200] if lines else ''}")
