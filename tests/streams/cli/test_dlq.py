"""`idweave dlq`: dead letters on a real broker, listed, shown and sent back."""

import asyncio
import stat
from bisect import bisect
from collections import Counter
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result
from tests.streams.cli.conftest import Run
from tests.streams.dlq.letters import letter_of
from tests.support.kafka import (
    KafkaBroker,
    Record,
    Stored,
    create_topics,
    produce,
    read_ended,
)

from idweave_streams.broker_errors import NotDone
from idweave_streams.cli import main
from idweave_streams.cli.exits import Exit
from idweave_streams.dead_letters import dead_letter
from idweave_streams.dlq.choice import Choice
from idweave_streams.dlq.letter import REPLAYS, Headers
from idweave_streams.dlq.memory import read_replayed
from idweave_streams.dlq.reading import dead_letters
from idweave_streams.dlq.replay import BATCH_LETTERS
from idweave_streams.dlq.rules import Rules
from idweave_streams.dlq.writing import replay_writer
from idweave_streams.reliable import Record as Input
from idweave_streams.settings import Settings
from idweave_streams.topics import RECORD_MAX_BYTES, TopicNames

TRACE = (("trace", b"\x01\xff"), ("trace", b"again"))


class Office:
    """A deployment with nothing but its topics, and the command line at work on it."""

    def __init__(self, server: str, prefix: str) -> None:
        self.server, self.names = server, TopicNames.build(prefix)
        stated = {
            "kafka": server,
            "topic_prefix": prefix,
            "app_id": prefix,
            "replication": "1",
            "partitions": "2",
        }
        self.settings = Settings.model_validate(stated)
        self._options = [f"--set={name}={value}" for name, value in stated.items()]

    def dlq(self, *words: object, typed: str = "") -> tuple[int, list[str], str]:
        """Exit code, lines on stdout, and stderr of one command."""
        told = self._run("dlq", *map(str, words), typed=typed)
        return told.exit_code, told.stdout.splitlines(), told.stderr

    def apply_topics(self) -> None:
        told = self._run("topics", "apply")
        assert told.exit_code == Exit.OK, told.stderr

    def _run(self, *words: str, typed: str = "") -> Result:
        runner = CliRunner(env={"IDWEAVE_CONFIG": None, "NO_COLOR": None})
        return runner.invoke(main, [*self._options, *words], input=typed)

    def bury(self, records: list[Input], code: str = "unknown-asset") -> list[str]:
        """The records are dead letters in partition 0; their coordinates."""
        stored = asyncio.run(self._bury(records, code))
        return [
            f"{self.names.dead_letters}-{place}-{offset}" for place, offset in stored
        ]

    async def _bury(self, records: list[Input], code: str) -> list[tuple[int, int]]:
        topic, places = self.names.dead_letters, []
        async with AIOKafkaProducer(bootstrap_servers=self.server) as producer:
            # Batches, as single records without key and value can't be sent.
            for record in records:
                letter = dead_letter(topic, record, stage="ingest", code=code)
                batch = producer.create_batch()
                batch.append(
                    timestamp=None,
                    key=letter.key,
                    value=letter.value,
                    headers=list(letter.headers),
                )
                sent = await producer.send_batch(batch, topic, partition=0)
                stored = await sent
                places.append((stored.partition, stored.offset))
        return places

    def on(self, topic: str) -> list[Stored]:
        return asyncio.run(read_ended(self.server, topic))

    def login(
        self, offset: int, key: bytes | None = b"k", value: bytes = b"v"
    ) -> Input:
        return Input(self.names.logins, 1, offset, 0, key, value, TRACE)


@pytest.fixture
def office(kafka: KafkaBroker, topic_prefix: str) -> Office:
    made = Office(kafka.bootstrap, topic_prefix)
    made.apply_topics()
    return made


def test_letters_are_counted_and_listed(office: Office) -> None:
    """A table for people; for scripts one object each, without keys and values."""
    webhook = Input(office.names.webhooks, 0, 9, 0, b"secret", b"secret", TRACE)
    office.bury([office.login(7, b"secret", b"secret"), office.login(8)])
    [place] = office.bury([webhook], "not-json")

    code, table, _ = office.dlq("list")
    _, lines, _ = office.dlq("list", "--json", "--code", "not-json")
    _, limited, _ = office.dlq("list", "--json", "--limit", 2, "--since", "1h")
    _, none, told = office.dlq("list", "--until", "2020-01-01T00:00:00Z")

    assert code == Exit.OK
    assert [line.split() for line in table[1:]] == [
        ["unknown-asset", "ingest", office.names.logins, *"200020"],
        ["not-json", "ingest", office.names.webhooks, *"100010"],
    ]
    [letter] = map(orjson.loads, lines)
    assert (letter["letter"], letter["origin"]) == (
        place,
        f"{office.names.webhooks}-0-9",
    )
    assert "strict JSON" in letter["hint"]
    assert len(limited) == 2
    assert (none, told) == ([], "there are no such dead letters\n")
    assert "secret" not in "\n".join([*table, *lines])


def test_one_letter_is_told_with_its_remedy(office: Office, tmp_path: Path) -> None:
    """By either coordinates; what may name people only when asked, or to a file."""
    value = b"secret\xff\x1b[2J"
    [place] = office.bury([office.login(7, b"k", value)])
    file = tmp_path / "value"

    code, lines, told = office.dlq("show", place)
    _, by_origin, _ = office.dlq("show", f"{office.names.logins}-1-7")
    _, revealed, _ = office.dlq("show", place, "--reveal")
    written, *_ = office.dlq("show", place, "--value", file)
    twice, _, refused = office.dlq("show", place, "--value", file)
    missing, _, advice = office.dlq("show", f"{office.names.logins}-1-8")

    assert code == written == Exit.OK
    assert by_origin == lines
    text = "\n".join(lines)
    assert "Add it to the assets topic and replay" in text
    assert "secret" not in text
    assert "--reveal" in told
    assert any(line.split()[1:] == [r"secret\xff\x1b[2J"] for line in revealed)
    assert file.read_bytes() == value
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (twice, missing) == (Exit.CANNOT_CREATE, Exit.FAILURE)
    assert "name a new file" in refused
    assert "dlq list" in advice


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(office: Office) -> None:
    """And nothing is remembered."""
    [place] = office.bury([office.login(7)])

    code, lines, told = office.dlq("replay", "--dry-run")
    again = office.dlq("replay", "--dry-run")

    assert code == Exit.OK
    assert [line.split()[:2] for line in lines] == [
        [place, f"{office.names.logins}-1-7"]
    ]
    assert "1 would be sent" in told
    assert again == (code, lines, told)
    assert office.on(office.names.logins) == office.on(office.names.replays) == []


def test_records_go_back_byte_for_byte_and_only_once(office: Office) -> None:
    """To the partition they came from; a second run sends nothing, unless told to."""
    records = [office.login(1), office.login(2, None), office.login(3, b"", b"")]
    empty = Input(office.names.webhooks, 0, 4, 0, None, None)
    office.bury([*records, empty])

    first = office.dlq("replay", "--confirm", 4)
    second = office.dlq("replay", "--confirm", 4)
    third = office.dlq("replay", "--confirm", 1, "--again", "--limit", 1)

    assert (first[0], len(first[1]), second[:2]) == (Exit.OK, 4, (Exit.OK, []))
    assert "4 passed over" in second[2]
    mark = (REPLAYS, b"1")
    sent = [
        (s.partition, s.key, s.value, s.headers) for s in office.on(office.names.logins)
    ]
    expected = [(1, r.key, r.value, (*TRACE, mark)) for r in records]
    assert sent == [*expected, expected[0]]
    [webhook] = office.on(office.names.webhooks)
    assert (webhook.partition, webhook.key, webhook.value) == (0, None, None)
    assert webhook.headers == (mark,)
    assert third[0] == Exit.OK


def test_the_largest_record_that_is_not_refused_is_taken_by_its_topic(
    office: Office,
) -> None:
    """So one that is too large is told of before anything is sent."""
    rules = Rules(office.names, Choice(), max_replays=3)
    headers = tuple((str(number), b"") for number in range(1_000))
    sizes = range(RECORD_MAX_BYTES)
    size = (
        bisect(
            sizes,
            False,
            key=lambda size: bool(
                rules.refusal(letter_of(sized(office, size, headers)))
            ),
        )
        - 1
    )
    office.bury([sized(office, size, headers), sized(office, size + 1, headers)])

    code, lines, told = office.dlq("replay", "--confirm", 1)

    assert (code, len(lines)) == (Exit.FAILURE, 1)
    assert "1 refused: is larger than its topic takes" in told
    [sent] = office.on(office.names.logins)
    assert len(sent.value or b"") == size


def sized(office: Office, size: int, headers: Headers) -> Input:
    return Input(office.names.logins, 0, 0, 0, b"k", bytes(size), headers)


def test_a_letter_that_comes_back_is_counted_and_refused_in_the_end(
    office: Office,
) -> None:
    """After --max-replays; until then it is a new letter, which may be sent."""
    record = office.login(1)
    for times in (1, 2):
        office.bury([record])
        assert office.dlq("replay", "--confirm", 1, "--max-replays", 2)[0] == Exit.OK
        back = office.on(office.names.logins)[-1]
        assert dict(back.headers)[REPLAYS] == str(times).encode()
        record = Input(
            office.names.logins, 1, back.offset, 0, back.key, back.value, back.headers
        )
    office.bury([record])

    code, lines, told = office.dlq("replay", "--max-replays", 2)

    assert (code, lines) == (Exit.FAILURE, [])
    assert "1 refused: was sent back too often" in told
    assert len(office.on(office.names.logins)) == 2


def test_what_must_not_be_sent_back_is_refused_with_the_reason(office: Office) -> None:
    """And does not keep the others from being sent."""
    names = office.names
    internal = [
        Input(topic, 0, 1, 0, b"k", b"v") for topic in (names.evidence, names.assets)
    ]
    office.bury([*internal, office.login(7)])

    code, lines, told = office.dlq("replay", "--confirm", 1)

    assert (code, len(lines)) == (Exit.FAILURE, 1)
    assert "1 refused: came from a topic that idweave writes for itself" in told
    assert "1 refused: came from the assets topic" in told
    assert office.on(names.evidence) == office.on(names.assets) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", Exit.USAGE),
        ("yes\n", Exit.USAGE),
        ("3\n", Exit.TRY_AGAIN),
        ("1\n", Exit.OK),
    ],
)
def test_nothing_is_sent_before_the_right_number_is_typed(
    office: Office, typed: str, code: Exit
) -> None:
    """Not when nobody answers, nor when there are more than somebody thought."""
    office.bury([office.login(7)])

    told = office.dlq("replay", typed=typed)

    sent = int(code is Exit.OK)
    assert (told[0], len(told[1])) == (code, sent)
    assert ("nothing was sent" in told[2]) is not bool(sent)
    assert len(office.on(office.names.logins)) == sent


def test_a_number_that_is_not_right_any_more_sends_nothing(office: Office) -> None:
    """More letters may have come since somebody looked."""
    office.bury([office.login(7), office.login(8)])

    code, lines, told = office.dlq("replay", "--confirm", 1)

    assert (code, lines) == (Exit.TRY_AGAIN, [])
    assert "1 were confirmed, but it is 2 now" in told
    assert office.on(office.names.logins) == []


def test_a_failure_in_the_middle_says_how_many_were_sent_and_goes_on_later(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """Nothing is lost and nothing is sent twice."""
    office = Office(kafka.bootstrap, topic_prefix)
    small = {"max.message.bytes": str(64 * 1024)}
    asyncio.run(create_topics(kafka.bootstrap, {office.names.logins: 2}, small))
    too_large = office.login(BATCH_LETTERS, b"k", b"x" * 100_000)
    records = [office.login(offset) for offset in range(BATCH_LETTERS)]
    others = {office.names.dead_letters: 2, office.names.replays: 1}
    asyncio.run(create_topics(kafka.bootstrap, others))
    places = office.bury([*records, too_large])
    count = len(records) + 1

    stopped, lines, told = office.dlq("replay", "--confirm", count)
    office.apply_topics()
    code, rest, _ = office.dlq("replay", "--confirm", 1)

    assert (stopped, len(lines)) == (Exit.CONFIGURATION, len(records))
    assert f"{len(records)} of {count} were sent, the last one {places[-2]}" in told
    assert "idweave topics apply" in told
    assert (code, [line.split()[0] for line in rest]) == (Exit.OK, places[-1:])
    values = Counter(each.value for each in office.on(office.names.logins))
    assert values == {b"v": len(records), too_large.value: 1}


async def test_of_two_replays_at_once_only_the_later_one_sends(
    kafka: KafkaBroker, office: Office
) -> None:
    """The earlier one is told so, and has sent nothing."""
    settings, names = office.settings, office.names
    letter = dead_letter(
        names.dead_letters, office.login(7), stage="ingest", code="not-json"
    )
    sent = Record(letter.value, letter.key, letter.headers, partition=0)
    await produce(kafka.bootstrap, names.dead_letters, [sent])
    async with dead_letters(settings) as topic:
        [found] = [each async for each in topic.all()]
        async with replay_writer(settings) as earlier, replay_writer(settings) as later:
            with pytest.raises(NotDone, match="another replay"):
                await earlier.send([found])
            await later.send([found])
        replayed = await read_replayed(settings, topic.spans)

    assert replayed.has(found.place)
    assert len(await read_ended(kafka.bootstrap, names.logins)) == 1


@pytest.mark.parametrize("words", [["list"], ["show", "a-0-1"], ["replay"]])
def test_a_broker_without_the_topics_is_told_so(
    run: Run, kafka: KafkaBroker, words: list[str]
) -> None:
    """With the command that makes them."""
    options = [f"--set=kafka={kafka.bootstrap}", "--set=topic_prefix=none-"]

    told = run(*options, "dlq", *words)

    assert told.exit_code == Exit.CONFIGURATION
    assert "idweave topics apply" in told.stderr
