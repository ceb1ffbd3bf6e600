"""`idweave holds`: what is held, read from a real broker."""

import asyncio

import orjson
import pytest
from tests.streams.cli.conftest import Run
from tests.support.kafka import KafkaBroker, Record, produce
from tests.support.lookups import ACME, APP, RIVAL

from idweave_graph.holds import Hold
from idweave_streams.cli.exits import Exit
from idweave_streams.codecs import encode_hold
from idweave_streams.topics import TopicNames

REVIEWED = Hold(ACME, True, 0, 1_000, 172_800_000, "policy-hold")
REFUSED = Hold(RIVAL, True, 5_000, 6_000, 605_000, "credential-refused", APP)
FREE = Hold(RIVAL, False, 0, 7_000, 0, "")


@pytest.fixture
def options(run: Run, kafka: KafkaBroker, topic_prefix: str) -> list[str]:
    """A deployment with its topics made."""
    stated = {
        "kafka": kafka.bootstrap,
        "topic_prefix": topic_prefix,
        "app_id": topic_prefix,
        "replication": "1",
        "partitions": "1",
    }
    options = [f"--set={name}={value}" for name, value in stated.items()]
    assert run(*options, "topics", "apply").exit_code == 0
    return options


@pytest.fixture
def held(kafka: KafkaBroker, topic_prefix: str, options: list[str]) -> list[str]:
    """The same, with a held business, a held token, and a business that is free."""
    topic = TopicNames.build(topic_prefix).holds
    records = [
        Record(key=hold.key.encode(), value=encode_hold(hold))
        for hold in (FREE, REFUSED, REVIEWED)
    ]
    asyncio.run(produce(kafka.bootstrap, topic, records))
    return options


def test_each_hold_has_a_line_with_what_it_stops_and_why(
    run: Run, held: list[str]
) -> None:
    """A business as a whole, or one token; what is free is not listed."""
    told = run(*held, "holds")

    assert told.exit_code == 0
    assert [line.split() for line in told.stdout.splitlines()[1:]] == [
        [
            ACME,
            "everything",
            "policy-hold",
            "1970-01-01T00:00:00Z",
            "1970-01-03T00:00:00Z",
        ],
        [
            RIVAL,
            str(APP),
            "credential-refused",
            "1970-01-01T00:00:05Z",
            "1970-01-01T00:10:05Z",
        ],
    ]


def test_scripts_get_the_documents_of_the_policy_topic(
    run: Run, held: list[str]
) -> None:
    """One a line, in the same form."""
    lines = run(*held, "holds", "--json").stdout.splitlines()

    assert [orjson.loads(line)["reason"] for line in lines] == [
        "policy-hold",
        "credential-refused",
    ]


def test_nothing_held_is_said_and_prints_nothing(run: Run, options: list[str]) -> None:
    """A script that counts lines counts none."""
    told = run(*options, "holds")

    assert (told.exit_code, told.stdout) == (0, "")
    assert told.stderr == "nothing is held\n"


def test_a_broker_without_the_topics_is_told_so(run: Run, kafka: KafkaBroker) -> None:
    """With the command that makes them."""
    told = run(f"--set=kafka={kafka.bootstrap}", "--set=topic_prefix=none-", "holds")

    assert told.exit_code == Exit.CONFIGURATION
    assert "idweave topics apply" in told.stderr
