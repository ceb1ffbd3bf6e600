"""What a visitor runs first: it ends with no id in a wrong place, and leaves nothing."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from tests.support.kafka import KafkaBroker
from tests.support.waiting import until

from idweave_streams.state.manifest import read_manifest
from idweave_streams.topics import TopicNames

REPOSITORY = Path(__file__).parents[2]
SMALL = ("--events", "3000", "--seconds", "6")
INTERRUPTED = 130
ZOMBIE = "Z"
CASES = {
    *(("split", "ban"), ("banned", "ban"), ("decided", "link"), ("merged", "link")),
    *(("quarantined", "token_for_business"), ("erased", "requested")),
}
"""What an operator will see, whatever it runs on: types of events, with their reasons."""


@asynccontextmanager
async def demo(*options: str, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`idweave demo` runs, as from a clone of the repository; its progress is in *log*."""
    with log.open("wb") as progress:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "idweave_streams.cli",
            "demo",
            *options,
            cwd=REPOSITORY,
            env={**os.environ, "TMPDIR": str(log.parent)},  # it keeps its topics there
            stdout=asyncio.subprocess.PIPE,
            stderr=progress,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def played(*options: str, log: Path) -> str:
    """What the demo prints, once it has ended well."""
    async with demo(*options, log=log) as process:
        told, _ = await process.communicate()
    assert process.returncode == 0, tail(log)
    return told.decode()


async def test_demo_runs_in_process(tmp_path: Path) -> None:
    """Without Kafka the demo finds every id where it belongs."""
    told = await played("--in-process", *SMALL, log=tmp_path / "log")

    assert "wrong ids: 0 " in told
    assert "3,000 events" in told
    assert exported_persons(told) == told_persons(told)
    assert cases(told) == CASES


@pytest.mark.usefixtures("kafka")  # says whether there is Kafka on this machine
async def test_demo_runs_on_kafka(tmp_path: Path) -> None:
    """On a broker that is there, with a worker of its own, it finds the same."""
    with KafkaBroker() as broker:
        told = await played("--kafka", broker.bootstrap, *SMALL, log=tmp_path / "log")

    assert "wrong ids: 0 " in told
    assert "3,000 events" in told
    assert exported_persons(told) == told_persons(told)
    assert cases(told) == CASES


@pytest.mark.usefixtures("kafka")
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
async def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    """Broker, launcher and worker have ended when the interrupted demo ends."""
    log = tmp_path / "log"

    async def is_playing() -> bool:
        return b"under review" in log.read_bytes()

    async with demo("--seconds", "300", log=log) as process:
        await until(is_playing)
        family = descendants(process.pid)
        commands = " ".join(command_line(pid) for pid, _ in family)
        process.send_signal(signal.SIGINT)
        await process.communicate()

    assert process.returncode == INTERRUPTED
    assert all(word in commands for word in ("launch.py", "kafka.Kafka", "worker"))
    assert [command_line(pid) for pid, began in family if born(pid) == began] == []


def told_persons(told: str) -> int:
    """How many persons the demo says that there are."""
    found = re.search(r"ids are ([\d,]+) persons", told)
    assert found is not None, told
    return int(found[1].replace(",", ""))


def exported_persons(told: str) -> int:
    """How many persons are in the export that the demo names."""
    manifest = read_manifest(exported(told))
    return sum(facts.persons for facts in manifest.businesses.values())


def cases(told: str) -> set[tuple[str, str]]:
    """Which of the cases are in the export that the demo names."""
    events = (exported(told) / f"{TopicNames.build().events}.jsonl").read_bytes()
    found = (orjson.loads(line)["value"] for line in events.splitlines())
    return CASES & {(event["type"], event["reason"]) for event in found}


def exported(told: str) -> Path:
    """The export that the demo names."""
    found = re.search(r"idweave explore (\S+)\n", told)
    assert found is not None, told
    return Path(found[1])


def tail(log: Path) -> str:
    """The end of a log, to be shown when a test fails."""
    return log.read_text(errors="replace")[-3_000:]


def descendants(pid: int) -> list[tuple[int, str]]:
    """The processes that *pid* has started, and those that they have, with their births."""
    parents = {
        int(entry.name): parent
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and (parent := stat(int(entry.name))[1])
    }
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == str(each)]
    return [(child, born(child)) for child in found[1:]]


def born(pid: int) -> str:
    """When the process began, in ticks; empty if it has ended. Pids are used again."""
    state, _, began = stat(pid)
    return "" if state == ZOMBIE else began


def stat(pid: int) -> tuple[str, str, str]:
    """State, parent and birth of a process, empty where there is none (proc(5))."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "", "", ""
    fields = text.rpartition(")")[2].split()
    return fields[0], fields[1], fields[19]


def command_line(pid: int) -> str:
    """How the process was called."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
