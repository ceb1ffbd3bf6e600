"""The same answers from a real broker as from files."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.streams.cli.conftest import Run
from tests.streams.explaining.stories import (
    CONTRADICTED,
    IN_GAME,
    IN_SHOP,
    ON_PAGE,
    STRANGER,
    TOKEN,
    assets,
    keep,
    told,
)
from tests.support.kafka import KafkaBroker, Record, create_topics, produce
from tests.support.town import ACME, OWNERS

from idweave_graph.ownership import Ownership
from idweave_graph.person import person_id
from idweave_streams.cli.exits import Exit
from idweave_streams.explaining.kafka import kafka_archive
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Record as Told
from idweave_streams.topics import TopicNames, outputs

PARTITIONS = 5
RECORDS = [
    *told(CONTRADICTED),
    *assets(*(Ownership(asset, owner, 1) for asset, owner in OWNERS.items())),
]


@pytest.fixture
def options(kafka: KafkaBroker, topic_prefix: str) -> list[str]:
    """A deployment whose topics hold all that was told."""
    asyncio.run(_fill(kafka.bootstrap, topic_prefix, RECORDS))
    return [f"--set=kafka={kafka.bootstrap}", f"--set=topic_prefix={topic_prefix}"]


async def _fill(bootstrap: str, prefix: str, records: Iterable[Told]) -> None:
    names = TopicNames.build(prefix)
    counts = dict.fromkeys(outputs(names), PARTITIONS)
    await create_topics(bootstrap, counts | {names.assets: 1})
    by_topic: dict[str, list[Record]] = {}
    for each in records:
        record = Record(each.value, each.key, each.headers)
        by_topic.setdefault(f"{prefix}{each.topic}", []).append(record)
    for topic, sent in by_topic.items():
        await produce(bootstrap, topic, sent)


def test_kafka_and_files_give_the_same_answers(
    run: Run, options: list[str], tmp_path: Path
) -> None:
    """Whichever partitions the records are in, and whichever of them are read."""
    folder = keep(tmp_path, RECORDS)
    questions: list[tuple[object, ...]] = [
        ("why", "--json", IN_SHOP, ON_PAGE),
        ("why", "--json", TOKEN, ON_PAGE),
        ("why", "--json", ON_PAGE, STRANGER),
        *(("how", "--json", who) for who in (IN_GAME, TOKEN, STRANGER)),
        *(("how", "--json", person_id(ACME, who)) for who in (IN_SHOP, ON_PAGE)),
    ]

    for command, *rest in questions:
        live = run(*options, command, *rest)
        assert live.stdout == run(command, "--from", folder, *rest).stdout
        assert live.stdout, live.stderr


def test_a_key_s_own_partition_is_read_and_no_other(
    options: list[str], kafka: KafkaBroker, topic_prefix: str
) -> None:
    """A person is looked up without reading everybody."""
    topic, found = TopicNames.build(topic_prefix).persons, set()
    name = person_id(ACME, STRANGER)

    async def read() -> None:
        async with kafka_archive(kafka.bootstrap) as archive:
            await archive.read(
                topic, lambda record: found.add((record.partition, record.key)), {name}
            )

    asyncio.run(read())

    own = partition_of(name, PARTITIONS)
    assert (own, name.encode()) in found
    assert {partition for partition, _ in found} == {own}


def test_a_broker_without_the_topics_is_told_so(run: Run, kafka: KafkaBroker) -> None:
    """With the command that makes them."""
    answer = run(
        f"--set=kafka={kafka.bootstrap}",
        "--set=topic_prefix=none-",
        *("why", IN_SHOP, ON_PAGE),
    )

    assert answer.exit_code == Exit.CONFIGURATION
    assert "idweave topics apply" in answer.stderr
