"""Fixtures of the door on real Kafka."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.streams.ingress.running import Program, make_topics, settings_for
from tests.support.kafka import KafkaBroker

from idweave_streams.settings import Settings

Start = Callable[..., Program]


@pytest.fixture
async def deployment(kafka: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Settings:
    """Settings of this test alone; its topics are there."""
    settings = settings_for(kafka.bootstrap, topic_prefix, tmp_path)
    await make_topics(settings)
    return settings


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the program; none is left after the test."""
    started: list[Program] = []

    def begin(settings: Settings, **env: str) -> Program:
        started.append(Program(settings, tmp_path / f"{len(started)}.log", **env))
        return started[-1]

    yield begin
    for program in started:
        program.kill()
