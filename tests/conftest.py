"""Fixtures of all tests: one real Kafka broker for the session, on demand."""

import os
import signal
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.support.kafka import KafkaBroker, KafkaUnavailableError

# Two busy cores are uneven: a slow example says nothing about the code.
settings.register_profile("ci", deadline=None)
settings.load_profile("ci")

# A shell starts background jobs deaf to Ctrl-C, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark `kafka` on each test that asks for the broker, so `-m 'not kafka'` works."""
    for item in items:
        if "kafka" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaBroker]:
    """One broker for the whole session. Tests keep apart by `topic_prefix`."""
    broker = KafkaBroker()
    try:
        broker.start()
    except KafkaUnavailableError as reason:
        if os.environ.get("IDWEAVE_REQUIRE_KAFKA") == "1":
            pytest.fail(f"IDWEAVE_REQUIRE_KAFKA=1, but {reason}", pytrace=False)
        pytest.skip(str(reason))
    try:
        yield broker
    finally:
        broker.stop()


@pytest.fixture
def topic_prefix() -> str:
    """Begins the names of this test's topics, groups and transactional ids."""
    return f"t{uuid.uuid4().hex[:12]}-"
