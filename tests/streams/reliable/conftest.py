"""Fixtures of the tests with real workers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.streams.reliable.workers import Setting, Worker
from tests.support.kafka import KafkaBroker

Start = Callable[[Worker], Worker]


@pytest.fixture
def setting(kafka: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Setting:
    """Names and a folder of this test alone."""
    return Setting(kafka.bootstrap, topic_prefix, tmp_path)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts workers; none is left after the test, and their logs are shown if it fails."""
    started: list[Worker] = []

    def begin(worker: Worker) -> Worker:
        worker.start()
        started.append(worker)
        return worker

    yield begin
    for worker in started:
        if worker.exit_code is None:
            worker.kill()
    for log in sorted({worker.log for worker in started}):
        print(f"--- {log.name}\n{log.read_text(errors='replace')[-6000:]}")  # noqa: T201
