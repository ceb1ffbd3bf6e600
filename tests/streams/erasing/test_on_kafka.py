"""An id that is left on any topic of a deployment is found there, on a real broker."""

import orjson
import pytest
from tests.support.kafka import KafkaBroker, Record, produce

from idweave_graph.documents import alias_key
from idweave_graph.ids import Asset, ScopedId, business_id
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import encode_ownership
from idweave_streams.demo.on_kafka import create_topics
from idweave_streams.erasing.places import Finding, Kind
from idweave_streams.erasing.search import Report, search
from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE
from idweave_streams.topic_plan import changelog_of
from idweave_streams.topics import TOPICS

ACME = business_id("900")
APP, TEST_APP = map(Asset.parse, ("app:647733", "app:900100"))
ANN, BOB = (ScopedId(APP, user) for user in ("10153949089790582", "101539490897"))
AT_TEST_APP = ScopedId(TEST_APP, ANN.user)
LOGS = [topic.key for topic in TOPICS if "compact" not in topic.config.values()]
COMPACTED = [topic.key for topic in TOPICS if topic.key not in LOGS]


@pytest.fixture
async def deployed(kafka: KafkaBroker, topic_prefix: str) -> Settings:
    """All topics are there; an app and its test app have an owner."""
    settings = Settings(
        app_id=f"{topic_prefix}app",
        kafka=kafka.bootstrap,
        topic_prefix=topic_prefix,
        partitions=2,
        replication=1,
    )
    await create_topics(settings)
    owned = (Ownership(APP, ACME, 1), Ownership(TEST_APP, ACME, 1, parent=APP))
    records = [Record(encode_ownership(o), str(o.asset).encode()) for o in owned]
    await produce(kafka.bootstrap, settings.topics.assets, records)
    return settings


def of(report: Report, place: str) -> Finding:
    return next(found for found in report.findings if found.place == place)


async def test_every_topic_is_looked_into(deployed: Settings) -> None:
    """What stands until its time is over is no obstacle, and what is in effect is."""
    value, kafka = orjson.dumps({"a": str(ANN)}), deployed.kafka
    for key in (topic.key for topic in TOPICS):
        records = [Record(value, b"key", partition=0), Record(b"{}", b"other")]
        await produce(kafka, getattr(deployed.topics, key), records)

    report = await search(deployed, ANN)

    for key in LOGS:
        found = of(report, getattr(deployed.topics, key))
        assert (found.kind, found.stands, found.until_retention) == (Kind.LOG, 0, 1)
    for key in COMPACTED:
        found = of(report, getattr(deployed.topics, key))
        assert (found.kind, found.stands) == (Kind.COMPACTED, 1)
    nobody = await search(deployed, BOB)
    assert nobody.is_forgotten
    assert not any(f.until_retention or f.until_compaction for f in nobody.findings)


@pytest.mark.parametrize("table", [GRAPH_TABLE, LOOKUP_TABLE])
async def test_a_table_is_what_its_changelog_comes_to(
    deployed: Settings, table: str
) -> None:
    """In keys and values of any prefix; what is deleted waits for compaction."""
    changelog = changelog_of(deployed.app_id, table)
    keys = [f"m|{ACME}|{ANN}", f"q|{ACME}|{APP}|00000000000001|{ANN.user}", "?|p"]
    value = b"\x01" + orjson.dumps({"m": [[str(ANN), 1]]})
    puts = [Record(value, key.encode(), partition=1) for key in keys]
    await produce(deployed.kafka, changelog, puts)

    before = await search(deployed, ANN)
    await produce(
        deployed.kafka,
        changelog,
        [Record(None, key.encode(), partition=1) for key in keys],
    )
    after = await search(deployed, ANN)

    assert (of(before, table).stands, of(before, table).kind) == (3, Kind.TABLE)
    assert of(before, changelog).until_compaction == 0
    assert not before.is_forgotten
    assert of(after, table).stands == 0
    # The ends of two keys name the id, too.
    assert of(after, changelog).until_compaction == 3 + 2
    assert after.is_forgotten


async def test_an_id_is_looked_for_by_all_its_names(deployed: Settings) -> None:
    """Those of a parent app are those of its test apps."""
    login = {"app_id": TEST_APP.id, "user_id": ANN.user}
    names, kafka = deployed.topics, deployed.kafka
    await produce(kafka, names.logins, [orjson.dumps(login)])
    alias = Record(b"{}", alias_key(ACME, ANN).encode())
    await produce(kafka, names.aliases, [alias])

    for who in (ANN, AT_TEST_APP):
        report = await search(deployed, who)

        assert of(report, names.logins).until_retention == 1
        assert of(report, names.aliases).stands == 1
