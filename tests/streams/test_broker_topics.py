"""Topics on a real broker: seen as they are, made as wanted, nothing lost."""

import socket
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, for_code
from tests.support.kafka import KafkaBroker, admin
from tests.support.kafka import create_topics as ask_for_topics

from idweave_streams.broker_errors import (
    BrokerError,
    BrokerUnavailable,
    NotDone,
    NotPermitted,
    Refused,
    raise_for,
    translated,
)
from idweave_streams.broker_topics import BrokerTopics, broker_topics
from idweave_streams.topic_plan import Need, Plan
from idweave_streams.topics import WantedTopic

LOG = {"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": "4194304"}


@pytest.fixture
async def topics(kafka: KafkaBroker) -> AsyncIterator[BrokerTopics]:
    async with broker_topics(kafka.bootstrap) as topics:
        yield topics


async def config_of(bootstrap: str, topic: str) -> dict[str, str]:
    """What the broker says is in force, asked with a client of its own."""
    async with admin(bootstrap) as client:
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic)]
        (answer,) = await client.describe_configs(asked)
    ((_, _, _, _, entries),) = answer.resources
    return {entry[0]: entry[1] for entry in entries}


async def names_on(bootstrap: str, prefix: str) -> set[str]:
    async with admin(bootstrap) as client:
        return {n for n in await client.list_topics() if n.startswith(prefix)}


async def create_topic(bootstrap: str, name: str, config: Mapping[str, str]) -> None:
    """The topic has two partitions, and the broker shows it: it does so a bit later."""
    await ask_for_topics(bootstrap, {name: 2}, config)
    while not await names_on(bootstrap, name):
        pass


async def needs(topics: BrokerTopics, wanted: Sequence[WantedTopic]) -> list[Need]:
    plan = await topics.plan(wanted, replication=1)
    return [topic.need for topic in plan.topics]


async def make(
    topics: BrokerTopics, wanted: Sequence[WantedTopic], replication: int = 1
) -> Plan:
    return await topics.apply(await topics.plan(wanted, replication=replication))


async def test_a_plan_makes_nothing(
    kafka: KafkaBroker, topics: BrokerTopics, topic_prefix: str
) -> None:
    """It only looks."""
    wanted = [WantedTopic(f"{topic_prefix}a", 3, LOG)]

    assert await needs(topics, wanted) == [Need.CREATE]
    assert await needs(topics, wanted) == [Need.CREATE]
    assert await names_on(kafka.bootstrap, topic_prefix) == set()


async def test_what_is_missing_is_made_as_wanted(
    kafka: KafkaBroker, topics: BrokerTopics, topic_prefix: str
) -> None:
    """Partitions, copies and configs; asked back by another client."""
    log = WantedTopic(f"{topic_prefix}log", 3, LOG)
    table = WantedTopic(f"{topic_prefix}table", 1, {"cleanup.policy": "compact"})

    after = await make(topics, [log, table])

    assert after.is_done
    async with admin(kafka.bootstrap) as client:
        found = await client.describe_topics([log.name, table.name])
    counts = {topic["topic"]: len(topic["partitions"]) for topic in found}
    copies = {len(p["replicas"]) for topic in found for p in topic["partitions"]}
    assert counts == {log.name: 3, table.name: 1}
    assert copies == {1}
    assert (await config_of(kafka.bootstrap, log.name)).items() >= LOG.items()
    compacted = await config_of(kafka.bootstrap, table.name)
    assert compacted["cleanup.policy"] == "compact"


async def test_applying_twice_changes_nothing(
    kafka: KafkaBroker, topics: BrokerTopics, topic_prefix: str
) -> None:
    """The second plan has nothing to do, and doing it is no fault."""
    wanted = [WantedTopic(f"{topic_prefix}a", 2, LOG)]
    await make(topics, wanted)
    before = await config_of(kafka.bootstrap, wanted[0].name)

    again = await make(topics, wanted)

    assert again.is_done
    assert await config_of(kafka.bootstrap, wanted[0].name) == before


async def test_a_plan_that_somebody_else_carried_out_meanwhile_is_no_fault(
    topics: BrokerTopics, topic_prefix: str
) -> None:
    """Two deployments may start at once."""
    wanted = [WantedTopic(f"{topic_prefix}a", 2, LOG)]
    plan = await topics.plan(wanted, replication=1)
    await topics.apply(plan)

    assert (await topics.apply(plan)).is_done


async def test_drift_is_set_right_and_other_configs_stay(
    kafka: KafkaBroker, topics: BrokerTopics, topic_prefix: str
) -> None:
    """What an operator has set by hand is not lost."""
    name = f"{topic_prefix}a"
    by_hand = {
        "retention.ms": "1000",
        "segment.ms": "600000",
        "segment.bytes": "2097152",
    }
    await create_topic(kafka.bootstrap, name, by_hand)
    wanted = [WantedTopic(name, 2, LOG)]
    plan = await topics.plan(wanted, replication=1)
    (topic,) = plan.topics
    assert {each.name: (each.found, each.wanted) for each in topic.drift} == {
        "retention.ms": ("1000", "-1"),
        "max.message.bytes": ("8388608", "4194304"),
    }

    await topics.apply(plan)

    found = await config_of(kafka.bootstrap, name)
    assert found.items() >= LOG.items()
    assert (found["segment.ms"], found["segment.bytes"]) == ("600000", "2097152")


@pytest.mark.parametrize(
    ("obstacle", "replication"),
    [
        (WantedTopic("there", 5, {}), 1),
        (WantedTopic("new", 1, {}), 3),
        (WantedTopic("new", 1, {"retention.ms": "for ever"}), 1),
        (WantedTopic("there", 2, {"retention.ms": "for ever"}), 1),
        (WantedTopic("not a name", 1, {}), 1),
    ],
    ids=["partitions", "copies", "config of a new one", "config of an old one", "name"],
)
async def test_where_one_topic_can_not_be_made_nothing_is_changed(
    kafka: KafkaBroker,
    topics: BrokerTopics,
    topic_prefix: str,
    obstacle: WantedTopic,
    replication: int,
) -> None:
    """All or nothing: half a set of topics is harder to put right."""
    there = f"{topic_prefix}there"
    await create_topic(kafka.bootstrap, there, {"retention.ms": "1000"})
    wanted = [
        WantedTopic(f"{topic_prefix}good", 2, LOG),
        WantedTopic(topic_prefix + obstacle.name, obstacle.partitions, obstacle.config),
    ]

    with pytest.raises(Refused):
        await make(topics, wanted, replication)

    assert await names_on(kafka.bootstrap, topic_prefix) == {there}
    assert (await config_of(kafka.bootstrap, there))["retention.ms"] == "1000"


async def test_the_brokers_are_known(kafka: KafkaBroker, topics: BrokerTopics) -> None:
    """At the address that clients are told."""
    assert [str(broker) for broker in topics.brokers()] == [kafka.bootstrap]


async def test_one_of_several_bootstrap_servers_is_enough(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """The others may be down."""
    async with broker_topics(f"127.0.0.1:1,{kafka.bootstrap}") as topics:
        wanted = [WantedTopic(f"{topic_prefix}a", 1, LOG)]

        assert await needs(topics, wanted) == [Need.CREATE]


async def test_a_silent_bootstrap_server_does_not_use_up_all_patience(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """The next one gets as long as the first."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers = f"127.0.0.1:{silent.getsockname()[1]},{kafka.bootstrap}"
        async with broker_topics(servers, timeout_s=3) as topics:
            wanted = [WantedTopic(f"{topic_prefix}a", 1, LOG)]

            assert await needs(topics, wanted) == [Need.CREATE]


async def test_a_closed_port_is_unavailable() -> None:
    """Said with the address and what to check."""
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1 .*setting kafka"):
        async with broker_topics("127.0.0.1:1"):
            pass


async def test_a_server_that_never_answers_is_unavailable() -> None:
    """The wait has an end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(BrokerUnavailable, match="setting kafka"):
            async with broker_topics(address, timeout_s=0.2):
                pass


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "no answer from a:1 within 2 s"),
        (KafkaConnectionError("x"), "no connection to a:1 (KafkaConnectionError)"),
        (ConnectionResetError(), "no connection to a:1 (ConnectionResetError)"),
    ],
)
def test_each_way_not_to_be_reached_is_told_with_what_to_check(
    error: Exception, said: str
) -> None:
    """By the servers that were asked."""
    with pytest.raises(BrokerUnavailable) as found, translated("a:1", 2.0):
        raise error

    assert str(found.value).startswith(said)
    assert "setting kafka" in str(found.value)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (29, NotPermitted),
        (31, NotPermitted),
        (3, NotDone),
        (7, NotDone),
        (41, NotDone),
        (17, Refused),
        (37, Refused),
        (38, Refused),
        (40, Refused),
        (44, Refused),
        (-1, Refused),
    ],
)
def test_each_code_of_the_broker_says_what_the_operator_can_do(
    code: int, error: type[BrokerError]
) -> None:
    """The name of the topic and the broker's own words are in the text."""
    with pytest.raises(error, match=r"a-topic: .*because") as found:
        raise_for(code, "a-topic", "because")
    assert type(found.value) is error
    with pytest.raises(error, match=for_code(code).__name__.removesuffix("Error")):
        raise_for(code, "a-topic")


def test_the_code_of_success_raises_nothing() -> None:
    """It is 0."""
    raise_for(0, "a-topic")
