"""`idweave ban`, `unban` and `erase`: what they write, on a real broker."""

import asyncio

import orjson
import pytest
from click.testing import CliRunner
from tests.streams.cli.conftest import Run
from tests.support.ecma import Ecma
from tests.support.kafka import KafkaBroker, Record, produce, read_topic

from idweave_adapters.ban_commands import (
    MAX_AUTHOR_CHARS,
    MAX_REASON_CHARS,
    BanKind,
    RequestedBan,
)
from idweave_adapters.commands import (
    AnyRequest,
    Requested,
    command_key,
    decode_command,
)
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_graph.documents import receipt_document
from idweave_graph.ids import ScopedId, member
from idweave_graph.messages import CommandKind, Receipt
from idweave_streams.cli import main
from idweave_streams.cli.exits import Exit
from idweave_streams.contracts import schema
from idweave_streams.topics import TopicNames

ASID, PSID = "app:647733:1015", "page:190638:1542"
WHY = ["--author", "Ann", "--reason", "two people"]


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


def commands(kafka: KafkaBroker, prefix: str) -> list[AnyRequest]:
    """What stands on the commands topic, each under the key of its id."""
    topic = TopicNames.build(prefix).commands
    records = asyncio.run(read_topic(kafka.bootstrap, topic))
    found = []
    for record in records:
        Ecma(schema("command")).validate(orjson.loads(record.value or b""))
        command = decode_command(record.value)
        assert record.key == command_key(command)
        found.append(command)
    return found


@pytest.mark.parametrize(
    ("name", "kind"), [("ban", BanKind.BAN), ("unban", BanKind.LIFT_BAN)]
)
def test_a_ban_or_its_end_stands_on_the_commands_topic(
    run: Run,
    kafka: KafkaBroker,
    topic_prefix: str,
    options: list[str],
    *,
    name: str,
    kind: BanKind,
) -> None:
    """With who decided it and why, and no id on the screen."""
    told = run(*options, name, ASID, PSID, *WHY)

    assert (told.exit_code, told.stdout) == (0, "")
    assert "1015" not in told.stderr
    [command] = commands(kafka, topic_prefix)
    assert isinstance(command, RequestedBan)
    assert (str(command.scoped), str(command.other)) == (ASID, PSID)
    assert (command.kind, command.source) == (kind, "operator")
    assert (command.author, command.reason) == ("Ann", "two people")


def test_ids_may_come_by_stdin(
    kafka: KafkaBroker, topic_prefix: str, options: list[str]
) -> None:
    """So they are in no list of processes; one a line."""
    told = CliRunner().invoke(
        main, [*options, "ban", "-", "-", *WHY], input=f"{ASID}\n{PSID}\n"
    )

    assert told.exit_code == 0
    [command] = commands(kafka, topic_prefix)
    assert isinstance(command, RequestedBan)
    assert (str(command.scoped), str(command.other)) == (ASID, PSID)


@pytest.mark.parametrize(
    ("more", "kind"),
    [([], CommandKind.ERASE_ID), (["--person"], CommandKind.ERASE_PERSON)],
)
def test_an_erasure_is_received_before_it_is_commanded(
    run: Run,
    kafka: KafkaBroker,
    topic_prefix: str,
    options: list[str],
    *,
    more: list[str],
    kind: CommandKind,
) -> None:
    """The code that is printed stands on both topics, and each has its own."""
    told = [run(*options, "erase", ASID, *more) for _ in range(2)]

    codes = [each.stdout.strip() for each in told]
    assert len(set(codes)) == 2
    found = commands(kafka, topic_prefix)
    assert [each.receipt for each in found if isinstance(each, Requested)] == codes
    assert {each.kind for each in found if isinstance(each, Requested)} == {kind}
    topic = TopicNames.build(topic_prefix).receipts
    receipts = asyncio.run(read_topic(kafka.bootstrap, topic))
    assert [each.key for each in receipts] == [code.encode() for code in codes]
    states = [orjson.loads(each.value or b"") for each in receipts]
    assert [(each["receipt"], each["state"]) for each in states] == [
        (code, "received") for code in codes
    ]
    assert [each["at_ms"] for each in states] == [each.at_ms for each in found]


def test_all_ids_of_an_asset_are_erased_by_one_command(
    run: Run, kafka: KafkaBroker, topic_prefix: str, options: list[str]
) -> None:
    """Under a receipt as any erasure."""
    told = run(*options, "erase", "app:1015", "--yes")
    document = run(*options, "erase", "page:22", "--yes", "--json")

    receipts = [told.stdout.strip(), orjson.loads(document.stdout)["receipt"]]
    found = commands(kafka, topic_prefix)
    assert all(isinstance(each, RequestedAssetErasure) for each in found)
    assert {
        (str(e.asset), e.receipt) for e in found if isinstance(e, RequestedAssetErasure)
    } == {*zip(("app:1015", "page:22"), receipts, strict=True)}
    topic = TopicNames.build(topic_prefix).receipts
    stored = asyncio.run(read_topic(kafka.bootstrap, topic))
    assert {each.key for each in stored} == {code.encode() for code in receipts}


def test_an_erasure_as_json_is_its_receipt(run: Run, options: list[str]) -> None:
    told = run(*options, "erase", ASID, "--json")

    document = orjson.loads(told.stdout)
    Ecma(schema("receipt")).validate(document)
    assert document["state"] == "received"
    assert "1015" not in told.output


def test_an_erasure_that_is_not_done_in_time_is_on_record(
    run: Run, kafka: KafkaBroker, topic_prefix: str, options: list[str]
) -> None:
    """No worker runs, and others' receipts are not taken for it; the code is printed."""
    names = TopicNames.build(topic_prefix)
    done = orjson.dumps(receipt_document(Receipt("another", 1_767_225_600_000, 3)))
    other = Record(key=b"another", value=done)
    asyncio.run(produce(kafka.bootstrap, names.receipts, [other]))

    told = run(*options, "erase", ASID, "--wait", "--timeout", "0.5")

    assert told.exit_code == Exit.TRY_AGAIN
    assert "not done within 0.5 s" in told.stderr
    [command] = commands(kafka, topic_prefix)
    assert isinstance(command, Requested)
    assert told.stdout.strip() == command.receipt


@pytest.mark.parametrize(
    "arguments",
    [
        ["ban", "app:1", PSID, *WHY],
        ["ban", "token:4711", PSID, *WHY],
        ["ban", ASID, ASID, *WHY],
        ["ban", ASID, PSID, "--author", "Ann"],
        ["ban", ASID, PSID, "--author", "", "--reason", "x"],
        ["ban", ASID, PSID, "--author", "a" * (MAX_AUTHOR_CHARS + 1), "--reason", "x"],
        [
            "unban",
            ASID,
            PSID,
            "--author",
            "a",
            "--reason",
            "x" * (MAX_REASON_CHARS + 1),
        ],
        ["unban", ASID, PSID, "--author", "a", "--reason", "two\nlines"],
        ["erase", "4711"],
        ["erase", ASID, "--timeout", "0"],
        ["erase", "app:4711"],
        ["erase", "app:4711", "--person", "--yes"],
    ],
)
def test_what_can_not_be_meant_is_refused_before_kafka_is_asked(
    run: Run, arguments: list[str]
) -> None:
    """And no id is repeated."""
    told = run("--set=kafka=127.0.0.1:1", *arguments)

    assert told.exit_code == Exit.USAGE
    assert "1015" not in told.stderr
    assert "4711" not in told.stderr or arguments[1] == "app:4711"  # no person


@pytest.mark.parametrize("arguments", [["ban", ASID, PSID, *WHY], ["erase", ASID]])
def test_a_broker_without_the_topics_is_told_so(
    run: Run, kafka: KafkaBroker, arguments: list[str]
) -> None:
    """With the command that makes them; none is made by the way."""
    options = [f"--set=kafka={kafka.bootstrap}", "--set=topic_prefix=none-"]

    told = run(*options, *arguments)

    assert told.exit_code == Exit.CONFIGURATION
    assert "idweave topics apply" in told.stderr


def test_what_the_program_writes_is_a_valid_id() -> None:
    """The examples above name what they seem to."""
    assert all(isinstance(member(text), ScopedId) for text in (ASID, PSID))
