"""`idweave topics`: plan and apply against a real broker."""

import orjson
import pytest
from tests.streams.cli.conftest import Run
from tests.support.kafka import KafkaBroker

from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import Exit
from idweave_streams.cli.topics import exit_of
from idweave_streams.topics import TOPICS

COUNT = len(TOPICS) + 2  # and a changelog for each table


@pytest.fixture
def deployment(kafka: KafkaBroker, topic_prefix: str) -> list[str]:
    """Options that give this test topics of its own."""
    stated = {
        "kafka": kafka.bootstrap,
        "topic_prefix": topic_prefix,
        "app_id": topic_prefix,
        "replication": "1",
        "partitions": "2",
    }
    return [part for n, value in stated.items() for part in ("--set", f"{n}={value}")]


def words(text: str) -> list[str]:
    """The first word of each line."""
    return [line.split()[0] for line in text.splitlines()]


def test_plan_apply_plan(run: Run, deployment: list[str]) -> None:
    """To do (1), done (0), nothing to do (0); again, nothing to do."""
    before = run(*deployment, "topics", "plan")
    made = run(*deployment, "topics", "apply")
    after = run(*deployment, "topics", "plan")
    again = run(*deployment, "topics", "apply")

    assert (before.exit_code, words(before.stdout)) == (1, ["create"] * COUNT)
    assert (made.exit_code, words(made.stdout)) == (0, ["created"] * COUNT)
    assert (after.exit_code, words(after.stdout)) == (0, ["ok"] * COUNT)
    assert (again.exit_code, words(again.stdout)) == (0, ["ok"] * COUNT)
    assert before.stderr + made.stderr + after.stderr + again.stderr == ""


def test_every_topic_has_its_line(
    run: Run, deployment: list[str], topic_prefix: str
) -> None:
    """With the name that it has on the broker."""
    lines = run(*deployment, "topics", "plan").stdout.splitlines()

    names = {line.split()[1] for line in lines}
    assert names == {f"{topic_prefix}{topic.name}" for topic in TOPICS} | {
        f"{topic_prefix}-graph-changelog",
        f"{topic_prefix}-lookups-changelog",
    }


def test_json_tells_the_same(run: Run, deployment: list[str]) -> None:
    """With the exit code of the text form."""
    result = run(*deployment, "topics", "plan", "--json")
    plan = orjson.loads(result.stdout)
    done = orjson.loads(run(*deployment, "topics", "apply", "--json").stdout)

    assert result.exit_code == Exit.FAILURE
    assert (plan["done"], done["done"]) == (False, True)
    assert {topic["need"] for topic in plan["topics"]} == {"create"}
    assert {topic["need"] for topic in done["topics"]} == {"ok"}
    assert len(plan["topics"]) == COUNT


def test_another_number_of_partitions_is_refused(
    run: Run, deployment: list[str]
) -> None:
    """The plan shows it, apply changes nothing and says what to do."""
    run(*deployment, "topics", "apply")

    plan = run(*deployment, "--set", "partitions=3", "topics", "plan")
    made = run(*deployment, "--set", "partitions=3", "topics", "apply")

    assert plan.exit_code == Exit.FAILURE
    fixed = sum(topic.partitions is not None for topic in TOPICS)
    assert words(plan.stdout).count("differs") == COUNT - fixed
    assert "partitions is 2, wanted 3" in plan.stdout
    assert (made.exit_code, made.stdout) == (Exit.CONFIGURATION, "")
    assert "Set partitions=2" in made.stderr
    assert run(*deployment, "topics", "plan").exit_code == Exit.OK


def test_more_copies_than_brokers_are_refused(run: Run, deployment: list[str]) -> None:
    """With the number that would do."""
    result = run(*deployment, "--set", "replication=3", "topics", "apply")

    assert result.exit_code == Exit.CONFIGURATION
    assert "replication=1" in result.stderr


@pytest.mark.parametrize("name", ["plan", "apply"])
def test_too_few_copies_are_told_on_stderr(
    run: Run, deployment: list[str], name: str
) -> None:
    """The topics work, so it is no failure."""
    run(*deployment, "topics", "apply")

    result = run(*deployment, "--set", "replication=3", "topics", name)

    assert result.exit_code == Exit.OK
    assert "kafka-reassign-partitions" in result.stderr


@pytest.mark.parametrize("name", ["plan", "apply"])
def test_a_broker_that_does_not_answer_is_unavailable(run: Run, name: str) -> None:
    """One line, and no traceback."""
    result = run("--set", "kafka=127.0.0.1:1", "topics", name)

    assert (result.exit_code, result.stdout) == (Exit.UNAVAILABLE, "")
    assert len(result.stderr.splitlines()) == 1


def test_each_failure_of_the_broker_has_its_exit_code() -> None:
    """None falls through to a traceback."""
    kinds = BrokerError.__subclasses__()

    codes = {exit_of(kind("text")) for kind in kinds}

    assert codes == {
        Exit.UNAVAILABLE,
        Exit.NO_PERMISSION,
        Exit.TRY_AGAIN,
        Exit.CONFIGURATION,
    }
