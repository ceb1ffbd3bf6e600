"""`idweave quarantine accept`, `reject` and `reopen`, `link`, `unlink`: what they write."""

import asyncio

import orjson
import pytest
from click.testing import CliRunner
from tests.streams.cli.conftest import Run
from tests.support.ecma import Ecma
from tests.support.kafka import KafkaBroker, read_topic

from idweave_adapters.commands import decode_command
from idweave_adapters.decision_commands import RequestedDecision
from idweave_graph.decisions import Verdict
from idweave_streams.cli import main
from idweave_streams.cli.exits import Exit
from idweave_streams.contracts import schema
from idweave_streams.topics import TopicNames

ASID, PSID = "app:647733:1015", "page:190638:1542"
TOKEN, CODE = "token:AbC9", f"code:{'0c' * 16}"
WHY = ["--author", "Ann", "--reason", "she told us"]
COMMANDS = {
    ("quarantine", "accept"): Verdict.ACCEPT,
    ("quarantine", "reject"): Verdict.REJECT,
    ("quarantine", "reopen"): Verdict.REOPEN,
    ("link",): Verdict.LINK,
    ("unlink",): Verdict.REJECT,
}


@pytest.fixture
def options(run: Run, kafka: KafkaBroker, topic_prefix: str) -> list[str]:
    """A deployment with its topics made, and no worker."""
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


def decisions(kafka: KafkaBroker, prefix: str) -> list[RequestedDecision]:
    """What stands on the commands topic, each under the key of its id."""
    topic = TopicNames.build(prefix).commands
    found = []
    for record in asyncio.run(read_topic(kafka.bootstrap, topic)):
        Ecma(schema("command")).validate(orjson.loads(record.value or b""))
        command = decode_command(record.value)
        assert isinstance(command, RequestedDecision)
        assert record.key == str(command.scoped).encode()
        found.append(command)
    return found


def test_a_decision_stands_on_the_commands_topic(
    run: Run, kafka: KafkaBroker, topic_prefix: str, options: list[str]
) -> None:
    """With who decided it and why, whichever command; and no id on the screen."""
    for name in COMMANDS:
        told = run(*options, *name, ASID, PSID, *WHY)
        assert (told.exit_code, told.stdout) == (0, ""), told.output
        assert "1015" not in told.stderr

    found = decisions(kafka, topic_prefix)

    assert [each.verdict for each in found] == list(COMMANDS.values())
    assert {(str(each.scoped), str(each.other)) for each in found} == {(ASID, PSID)}
    assert {(each.author, each.reason) for each in found} == {("Ann", "she told us")}
    assert {each.source for each in found} == {"operator"}


def test_a_token_or_a_code_may_be_an_end(
    kafka: KafkaBroker, topic_prefix: str, options: list[str]
) -> None:
    """In either place, also by stdin; the id says which business it is."""
    runner = CliRunner()
    given = [*options, "unlink", "-", "-", *WHY]
    ends = ((TOKEN, ASID), (ASID, CODE))

    told = [runner.invoke(main, given, input=f"{x}\n{y}\n") for x, y in ends]

    assert [each.exit_code for each in told] == [0, 0]
    found = decisions(kafka, topic_prefix)
    assert [str(each.scoped) for each in found] == [ASID, ASID]
    assert [str(each.other) for each in found] == [TOKEN, CODE]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["link", ASID, ASID, *WHY], "two different ids"),
        (["link", ASID, "app:647733:77", *WHY], "never one person"),
        (["quarantine", "accept", ASID, "app:647733:77", *WHY], "never one person"),
        (["unlink", TOKEN, CODE, *WHY], "an app's or a Page's id"),
        (["unlink", "12345", PSID, *WHY], "write an id as app:"),
        (["link", ASID, PSID, "--author", "Ann"], "--reason"),
        (["link", ASID, PSID, "--author", "a\nb", "--reason", "x"], "one line"),
        (["quarantine", "reopen", ASID, PSID, "--reason", "x"], "--author"),
    ],
)
def test_what_is_no_decision_is_wrong_use(
    run: Run, arguments: list[str], said: str
) -> None:
    """It is told before anything is written, and not repeated."""
    told = run(*arguments)

    assert told.exit_code == Exit.USAGE
    assert said in told.stderr
    assert "12345" not in told.stderr
