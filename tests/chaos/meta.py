"""The simulated Graph API as a process of its own, which can be away for a while."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import aiohttp

from idweave_adapters.simulator import Faults, World
from idweave_streams.demo.on_kafka import STOP_S, end_with_parent

_PORTS = range(20_000, 32_768)
"""Below those of outgoing connections: a client that tries again and again while
nobody listens may be given such a port, and then would talk to itself."""


class MetaProcess:
    """`idweave simulate` over a world, always at the same address."""

    def __init__(self, world: World, faults: Faults, folder: Path) -> None:
        self._world = folder / "world.json"
        self._world.touch(mode=0o600)
        self._world.write_bytes(world.to_json())
        self._faults = faults
        self._log = folder / "simulator.log"
        self._port = _free_port()
        self._reviewed: str | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def base_url(self) -> str:
        """Where it is, or will be again."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """It answers; who was under review is so still."""
        command = [sys.executable, "-m", "idweave_streams.cli", "simulate"]
        command += ["--world", str(self._world), "--port", str(self._port)]
        usual = asdict(Faults())
        for name, value in asdict(self._faults).items():
            if value != usual[name]:
                command += ["--fault", f"{name}={value}"]
        if self._reviewed is not None:
            command += ["--review", self._reviewed]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                env=dict(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        stdout = self._process.stdout
        line = await stdout.readline() if stdout else b""
        assert line, f"the simulator did not start; see {self._log}"

    async def stop(self) -> None:
        """It has died in the middle of whatever it answered."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await asyncio.wait_for(process.wait(), STOP_S)

    async def review(self, business: str, *, on: bool) -> None:
        """The business is under review, or no longer; also after a new start."""
        self._reviewed = business if on else None
        if self._process is None:
            return
        body = {"business": business, "on": on}
        try:
            async with aiohttp.ClientSession() as session:
                url = f"{self.base_url}/_simulator/review"
                async with session.put(url, json=body) as answer:
                    assert answer.status == 200, await answer.text()
        except aiohttp.ClientError:
            if self._process is not None:  # else the next start knows
                raise


def _free_port() -> int:
    for _ in range(1_000):
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port on 127.0.0.1")
