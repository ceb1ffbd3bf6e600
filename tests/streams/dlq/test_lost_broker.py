"""The broker dies while letters are sent back: none is lost, and none is sent twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.streams.dlq.letters import stored
from tests.support.kafka import (
    KafkaBroker,
    Record,
    own_broker,
    produce,
    read_ended,
)

from idweave_streams.broker_errors import BrokerUnavailable
from idweave_streams.dead_letters import dead_letter
from idweave_streams.demo.on_kafka import create_topics
from idweave_streams.dlq import writing
from idweave_streams.dlq.choice import Choice
from idweave_streams.dlq.letter import Letter
from idweave_streams.dlq.replay import (
    BATCH_LETTERS,
    ReplayStoppedError,
    replay,
    survey,
)
from idweave_streams.dlq.rules import Rules
from idweave_streams.reliable import Output
from idweave_streams.settings import Settings

COUNT = 2 * BATCH_LETTERS + 50


@pytest.fixture
def broker(kafka: KafkaBroker, tmp_path: Path) -> Iterator[KafkaBroker]:
    """A broker of this test alone, which it may kill."""
    with own_broker(kafka, tmp_path / "kafka") as own:
        yield own


@pytest.fixture
async def settings(broker: KafkaBroker) -> Settings:
    """A deployment with so many logins among its dead letters."""
    settings = Settings(kafka=broker.bootstrap, partitions=1, replication=1)
    await create_topics(settings)
    names, letters = settings.topics, []
    for number in range(COUNT):
        login = stored(Output(names.logins, b"k", str(number).encode()), number)
        letters.append(
            dead_letter(names.dead_letters, login, stage="ingest", code="unknown-asset")
        )
    records = [Record(each.value, each.key, each.headers) for each in letters]
    await produce(broker.bootstrap, names.dead_letters, records)
    return settings


async def test_a_replay_goes_on_after_the_broker_died(
    broker: KafkaBroker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how many were sent; the next one sends the others."""
    monkeypatch.setattr(writing, "TIMEOUT_S", 10.0)  # a minute is for operators
    rules = Rules(settings.topics, Choice(), max_replays=3)
    shown: list[Letter] = []

    def kill_at_once(letter: Letter) -> None:
        if not shown:
            broker.kill()
        shown.append(letter)

    found = await survey(settings, rules, None, lambda _: None)
    with pytest.raises(ReplayStoppedError) as stopped:
        await replay(settings, rules, found, kill_at_once)
    broker.start()
    rest = await survey(settings, rules, None, lambda _: None)
    sent = await replay(settings, rules, rest, shown.append)

    place = shown[BATCH_LETTERS - 1].place
    assert f"{BATCH_LETTERS} of {COUNT} were sent, the last one {place};" in str(
        stopped.value
    )
    assert isinstance(stopped.value.__cause__, BrokerUnavailable)
    assert (found.wanted, rest.wanted, sent) == (
        COUNT,
        COUNT - BATCH_LETTERS,
        rest.wanted,
    )
    back = Counter(
        each.value for each in await read_ended(settings.kafka, settings.topics.logins)
    )
    assert back == {str(number).encode(): 1 for number in range(COUNT)}
