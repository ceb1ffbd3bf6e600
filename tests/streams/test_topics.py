"""The topics are as the product promises, and docs/topics.md says the same."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from idweave_adapters.reasons import DeadLetterCode
from idweave_graph.events import EventType
from idweave_streams.agents.assets import UNREADABLE_ASSET
from idweave_streams.agents.resolve import UNREADABLE
from idweave_streams.contracts import schema
from idweave_streams.dlq.codes import MEANINGS
from idweave_streams.reliable import CHANGELOG_CONFIG
from idweave_streams.settings import Settings
from idweave_streams.topic_plan import topics_of
from idweave_streams.topics import (
    DAY_MS,
    MIB,
    RECORD_MAX_BYTES,
    TOPICS,
    Role,
    Topic,
    TopicNames,
    wanted_topics,
)

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "topics.md").read_text(encoding="utf-8")
BY_KEY = {topic.key: topic for topic in TOPICS}
KEPT_LATEST = {"assets", "holds", "aliases", "persons", "receipts"}

each_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.key)


def rows(first_cell: str) -> Iterator[list[str]]:
    """Yield the rows of the document's table with that heading, cells stripped."""
    _, _, rest = DOCUMENT.partition(f"| {first_cell} |")
    for line in rest.splitlines()[2:]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


@each_topic
def test_names_are_portable(topic: Topic) -> None:
    """Lower case, dots and no underscores (metric names mix them up), version last."""
    assert re.fullmatch(r"[a-z-]+(\.[a-z-]+)+\.v1", topic.name)


def test_names_and_keys_are_unique() -> None:
    """No topic stands in for another."""
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    assert len(BY_KEY) == len(TOPICS)


def test_every_topic_has_a_configured_name() -> None:
    """`TopicNames` has one attribute for each, with the prefix in front."""
    names = TopicNames.build("eu-")

    assert [field.name for field in fields(names)] == [topic.key for topic in TOPICS]
    for topic in TOPICS:
        assert getattr(names, topic.key) == f"eu-{topic.name}"


def test_partitions_are_shared_or_one() -> None:
    """Topics that are joined or share numbering have as many partitions."""
    wanted = wanted_topics(TopicNames.build(), 12, ["idweave-graph-changelog"])

    counts = {topic.name: topic.partitions for topic in wanted}
    assert counts.pop("idweave.assets.v1") == 1
    assert counts.pop("idweave.holds.v1") == 1
    assert counts.pop("idweave.replays.v1") == 1
    assert set(counts.values()) == {12}
    assert len(wanted) == len(TOPICS) + 1


@each_topic
def test_only_the_latest_is_kept_where_a_key_has_one_value(topic: Topic) -> None:
    """Compaction belongs to tables, retention to logs; never both."""
    is_table = topic.key in KEPT_LATEST

    assert topic.config["cleanup.policy"] == ("compact" if is_table else "delete")
    assert ("retention.ms" in topic.config) == (not is_table)


@pytest.mark.parametrize("key", ["evidence", "events", "policy"])
def test_what_can_not_be_made_again_is_kept_for_ever(key: str) -> None:
    """The log of truth and the history of identities outlive any retention."""
    assert BY_KEY[key].config["retention.ms"] == "-1"


def test_commands_are_kept_as_long_as_the_dead_letters_they_may_become() -> None:
    """They name people who want to be forgotten, so they are not kept for ever."""
    kept_ms = BY_KEY["commands"].config["retention.ms"]

    assert kept_ms == BY_KEY["dead_letters"].config["retention.ms"] == str(30 * DAY_MS)


def test_a_changelog_is_compacted() -> None:
    """A table is rebuilt from the latest value of each key."""
    *_, changelog = wanted_topics(TopicNames.build(), 3, ["idweave-graph-changelog"])

    assert changelog.name == "idweave-graph-changelog"
    assert changelog.config["cleanup.policy"] == "compact"


def test_a_replay_is_remembered_longer_than_its_letter_stands() -> None:
    """A topic goes bit by bit, up to a segment of a week late; then nothing is sent twice."""
    letters, replays = BY_KEY["dead_letters"].config, BY_KEY["replays"].config

    kept_ms = int(letters["retention.ms"]) + 7 * DAY_MS
    assert int(replays["retention.ms"]) > kept_ms


def test_a_dead_letter_of_the_largest_record_fits() -> None:
    """Its headers have room beside the largest value that a source takes."""
    sources = [topic for topic in TOPICS if topic.role is not Role.OUTPUT]
    largest = max(int(t.config.get("max.message.bytes", MIB)) for t in sources)

    assert largest == RECORD_MAX_BYTES
    assert int(BY_KEY["dead_letters"].config["max.message.bytes"]) > largest


def _writer(topic: Topic) -> set[str]:
    own = {Role.INTERNAL: {"idweave, for itself"}, Role.OUTPUT: {"idweave"}}
    others = {"login servers", "webhook receiver", "operators", "ingress, operators"}
    return own.get(topic.role, others)


def _kept(topic: Topic) -> str:
    if topic.config["cleanup.policy"] == "compact":
        return "compact"
    retention_ms = int(topic.config["retention.ms"])
    return "delete, " + (
        "never" if retention_ms < 0 else f"{retention_ms // DAY_MS} days"
    )


def test_the_document_lists_the_topics_in_order() -> None:
    """Every topic has its row, and no row is left over."""
    assert [row[0] for row in rows("Topic")] == [f"`{topic.name}`" for topic in TOPICS]


@each_topic
def test_the_document_tells_the_truth_about_a_topic(topic: Topic) -> None:
    """Writer, key, partitions and retention are those of the code."""
    (row,) = (row for row in rows("Topic") if row[0] == f"`{topic.name}`")

    _, writer, key, value, partitions, kept = row
    assert writer in _writer(topic)
    assert key == topic.keyed_by
    assert value
    assert partitions == ("`partitions`" if topic.partitions is None else "1")
    assert kept == _kept(topic)


def test_each_link_of_the_document_leads_somewhere() -> None:
    """Schemas and documents that it points to are there."""
    links = re.findall(r"\]\(([^)]+)\)", DOCUMENT)

    titles = re.findall(r"^#+ (.+)$", DOCUMENT, re.MULTILINE)
    chapters = {title.lower().replace(" ", "-") for title in titles}
    assert len(links) > 5
    for link in links:
        file, _, chapter = link.partition("#")
        assert (ROOT / "docs" / (file or "topics.md")).is_file(), link
        assert file or chapter in chapters, link


def test_each_output_has_its_own_words() -> None:
    """A consumer's author finds a section for each topic that is made for them."""
    for topic in TOPICS:
        if topic.role is Role.OUTPUT and topic.key != "dead_letters":
            assert f"\n### `{topic.name}`\n" in DOCUMENT


@pytest.mark.parametrize(
    "word", ["ce_id", "generation", "`absorbed`", "tombstone", "murmur2"]
)
def test_a_consumers_duties_are_told(word: str) -> None:
    """Deduplicate, order by generation, follow absorbed ids, take tombstones."""
    assert word in DOCUMENT


def test_each_event_type_is_told() -> None:
    """One row each, in the order of the code."""
    assert [row[0] for row in rows("`type`")] == [f"`{kind}`" for kind in EventType]


def test_each_dead_letter_code_is_told_with_its_meaning() -> None:
    """The text that a program shows is the text of the document."""
    told = {row[0].strip("`"): row[1] for row in rows("Code")}

    assert told == MEANINGS
    assert told.keys() == {*DeadLetterCode, UNREADABLE_ASSET, UNREADABLE}


def test_each_dead_letter_header_is_told() -> None:
    """The same as the schema of the headers has."""
    assert [row[0].strip("`") for row in rows("Header")] == list(
        schema("dead-letter-headers")["properties"]
    )


def test_changelogs_are_kept_as_the_reliable_layer_needs_it() -> None:
    """Compacted, and with deletions kept as long as a local copy may be away."""
    [changelog] = wanted_topics(TopicNames.build(), 8, ["app-t-changelog"])[-1:]

    assert changelog.config.items() >= CHANGELOG_CONFIG.items()


def test_logs_that_name_people_may_be_kept_for_a_time() -> None:
    """As the settings say, and no other topic is touched by that."""
    stated = {"evidence_kept_days": 400, "events_kept_days": 30, "policy_kept_days": 7}
    usual = {each.name: each for each in topics_of(Settings())}

    changed = {
        each.name: each.config["retention.ms"]
        for each in topics_of(Settings.model_validate(stated))
        if each != usual[each.name]
    }

    names = TopicNames.build()
    days = {names.evidence: 400, names.events: 30, names.policy: 7}
    assert changed == {name: str(each * DAY_MS) for name, each in days.items()}
