"""Fixtures of `idweave assets`: the estate, its simulated Graph API, a broker's topic."""

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from tests.adapters.simulator.test_ownership import Estate, estate
from tests.streams.assets.deployment import Deployment
from tests.streams.cli.conftest import Run, run
from tests.support.kafka import KafkaBroker, create_topics

from idweave_adapters.simulator import Simulator

__all__ = ["run"]


@pytest.fixture
def here() -> Estate:
    return estate()


@pytest.fixture
async def simulator(here: Estate) -> AsyncIterator[Simulator]:
    async with Simulator(here.world) as running:
        yield running


@pytest.fixture
def deployment(
    run: Run, simulator: Simulator, here: Estate, tmp_path: Path
) -> Deployment:
    """No broker is there."""
    credentials = tmp_path / "credentials.json"
    credentials.write_bytes(orjson.dumps(here.world.credentials()))
    settings: dict[str, object] = {
        "kafka": "127.0.0.1:1",
        "topic_prefix": "none-",
        "graph_api_url": simulator.base_url,
        "credentials_file": credentials,
    }
    return Deployment(run, simulator, here, settings, tmp_path)


@pytest.fixture
async def on_kafka(
    deployment: Deployment, kafka: KafkaBroker, topic_prefix: str
) -> Deployment:
    deployment.settings |= {"kafka": kafka.bootstrap, "topic_prefix": topic_prefix}
    compacted = {"cleanup.policy": "compact"}
    await create_topics(kafka.bootstrap, {deployment.topic: 1}, compacted)
    return deployment
