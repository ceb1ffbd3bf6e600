"""Plans: what is held against what, and what is said of it."""

import faust
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE
from idweave_streams.topic_plan import (
    FoundTopic,
    Need,
    Plan,
    changelogs_of,
    compare,
    topics_of,
)
from idweave_streams.topics import TOPICS, WantedTopic

WANTED = WantedTopic("events", 8, {"cleanup.policy": "delete", "retention.ms": "-1"})
RIGHT = FoundTopic(8, 3, {"cleanup.policy": "delete", "retention.ms": "-1"})


def plan(*found: FoundTopic | None, brokers: int = 3, replication: int = 3) -> Plan:
    wanted = [
        WantedTopic(f"t{place}", WANTED.partitions, WANTED.config)
        for place in range(len(found))
    ]
    there = {f"t{place}": topic for place, topic in enumerate(found) if topic}
    return compare(wanted, there, brokers=brokers, replication=replication)


def test_a_topic_that_is_not_there_is_to_be_created() -> None:
    """And nothing is said to differ."""
    (topic,) = plan(None).topics

    assert (topic.need, topic.differences) == (Need.CREATE, ())


def test_a_topic_as_wanted_is_ok_whatever_else_is_set_on_it() -> None:
    """Configs that nobody here has a wish about are others' business."""
    more = FoundTopic(8, 3, {**RIGHT.config, "segment.ms": "1000"})

    assert [t.need for t in plan(RIGHT, more).topics] == [Need.OK, Need.OK]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (FoundTopic(4, 3, RIGHT.config), ["partitions is 4, wanted 8"]),
        (FoundTopic(8, 3, {**RIGHT.config, "retention.ms": "1"}),
         ["retention.ms is 1, wanted -1"]),
        (FoundTopic(8, 3, {"retention.ms": "-1"}),
         ["cleanup.policy is None, wanted delete"]),
        (FoundTopic(9, 3, {}), ["partitions is 9, wanted 8",
         "cleanup.policy is None, wanted delete", "retention.ms is None, wanted -1"]),
    ],
)  # fmt: skip
def test_each_difference_is_named(found: FoundTopic, said: list[str]) -> None:
    """With what is, and what should be."""
    (topic,) = plan(found).topics

    assert topic.need is Need.DIFFERS
    assert list(map(str, topic.differences)) == said


def test_topics_with_another_numbering_are_an_obstacle() -> None:
    """Told once for all of them, with both ways out."""
    other = FoundTopic(4, 3, RIGHT.config)

    (said,) = plan(other, RIGHT, other).obstacles

    assert "4 instead of 8: t0, t2." in said
    assert "partitions=4" in said
    assert "topic_prefix and app_id" in said


def test_drifted_configs_are_no_obstacle() -> None:
    """They can be set."""
    assert plan(FoundTopic(8, 3, {})).obstacles == []


def test_more_copies_than_brokers_are_an_obstacle_to_making_topics() -> None:
    """The hint names what would do."""
    (said,) = plan(None, brokers=2).obstacles

    assert "3 copies" in said
    assert "replication=2" in said
    assert plan(RIGHT, brokers=2).obstacles == []


def test_too_few_copies_are_noted_and_hinder_nothing() -> None:
    """Another tool adds copies; the topic works meanwhile."""
    thin = plan(FoundTopic(8, 1, RIGHT.config), RIGHT)

    (note,) = thin.notes
    assert "t0;" in note
    assert thin.is_done
    assert thin.obstacles == []
    assert plan(RIGHT).notes == []


found_topics = st.none() | st.builds(
    FoundTopic,
    partitions=st.sampled_from([4, 8]),
    replication=st.integers(1, 3),
    config=st.fixed_dictionaries(
        {},
        optional={name: st.sampled_from(["x", v]) for name, v in WANTED.config.items()},
    ),
)


@given(found=st.lists(found_topics, max_size=5))
def test_a_plan_is_done_when_no_topic_needs_anything(
    found: list[FoundTopic | None],
) -> None:
    """And a topic needs nothing when it has no difference."""
    made = plan(*found)

    assert made.is_done == all(topic.need is Need.OK for topic in made.topics)
    for topic in made.topics:
        is_there = topic.found is not None
        assert (topic.need is Need.CREATE) == (not is_there)
        assert (topic.need is Need.DIFFERS) == bool(topic.differences)
        assert set(topic.drift) <= set(topic.differences)


def test_every_topic_and_changelog_is_wanted() -> None:
    """With the prefix on topics, the app id on changelogs, and the set partitions."""
    settings = Settings(topic_prefix="eu-", app_id="one", partitions=5)

    wanted = {topic.name: topic for topic in topics_of(settings)}

    names = {f"eu-{topic.name}" for topic in TOPICS}
    assert wanted.keys() == names | {"one-graph-changelog", "one-lookups-changelog"}
    assert {topic.partitions for topic in wanted.values()} == {1, 5}
    assert wanted["one-graph-changelog"].partitions == 5
    assert wanted["one-graph-changelog"].config["cleanup.policy"] == "compact"


def test_changelogs_are_named_as_faust_names_them() -> None:
    """A table whose changelog has another name would not find its past."""
    app = faust.App("one", autodiscover=False)

    named = [
        app.Table(table).changelog_topic.get_topic_name()
        for table in (GRAPH_TABLE, LOOKUP_TABLE)
    ]

    assert changelogs_of("one") == named
