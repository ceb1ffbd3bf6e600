"""What may be sent back, and what may not."""

from dataclasses import replace

import pytest
from tests.streams.dlq.letters import NAMES, TIME_MS, Read, letter_of

from idweave_streams.dlq.choice import Choice
from idweave_streams.dlq.letter import REPLAYS, read_letter
from idweave_streams.dlq.rules import Refusal, Rules
from idweave_streams.reliable import Record
from idweave_streams.topics import MIB, RECORD_MAX_BYTES, TOPICS, Role

RULES = Rules(NAMES, Choice(), max_replays=3)


def record(topic: str, value: bytes = b"{}", replays: int = 0) -> Record:
    headers = ((REPLAYS, str(replays).encode()),) if replays else ()
    return Record(topic, 0, 0, 0, b"k", value, headers)


@pytest.mark.parametrize("topic", [NAMES.logins, NAMES.webhooks, NAMES.commands])
def test_what_others_write_may_be_sent_back(topic: str) -> None:
    """What comes twice or late does no harm there."""
    assert RULES.refusal(letter_of(record(topic))) is None


@pytest.mark.parametrize("key", [t.key for t in TOPICS if t.role is not Role.SOURCE])
def test_what_idweave_writes_is_never_sent_back(key: str) -> None:
    """Whatever a letter claims: nobody writes results or the log of truth this way."""
    refusal = RULES.refusal(letter_of(record(getattr(NAMES, key))))

    internal = key in {"sightings", "answers", "evidence"}
    assert refusal is (Refusal.INTERNAL if internal else Refusal.UNKNOWN_TOPIC)


def test_an_asset_is_never_sent_back() -> None:
    """An old record would take the place of a newer one, and with it of the owner."""
    assert RULES.refusal(letter_of(record(NAMES.assets))) is Refusal.ASSETS


def test_what_is_no_dead_letter_is_not_sent_anywhere() -> None:
    """Nobody says where it came from."""
    assert RULES.refusal(read_letter(Read(record("dead")))) is Refusal.FOREIGN


def test_what_was_left_out_can_not_be_sent_back() -> None:
    """There is nothing to send but an empty record."""
    large = record(NAMES.logins, b"x" * (RECORD_MAX_BYTES + 1))

    assert RULES.refusal(letter_of(large)) is Refusal.OMITTED


@pytest.mark.parametrize(
    ("topic", "limit"), [(NAMES.logins, RECORD_MAX_BYTES), (NAMES.commands, MIB)]
)
def test_what_its_topic_does_not_take_is_refused_beforehand(
    topic: str, limit: int
) -> None:
    """A compressed batch brought it in; one such letter must not stop all others."""
    fits, too_large = b"x" * (limit - 1_024), b"x" * (limit - 16)

    assert RULES.refusal(letter_of(record(topic, fits))) is None
    assert RULES.refusal(letter_of(record(topic, too_large))) is Refusal.TOO_LARGE


@pytest.mark.parametrize(("replays", "is_refused"), [(0, False), (2, False), (3, True)])
def test_what_comes_back_again_and_again_is_refused(
    replays: int, *, is_refused: bool
) -> None:
    """After as many replays as allowed."""
    refusal = RULES.refusal(letter_of(record(NAMES.logins, replays=replays)))

    assert refusal is (Refusal.WORN_OUT if is_refused else None)


@pytest.mark.parametrize(
    ("choice", "takes"),
    [
        (Choice(), True),
        (Choice(codes=frozenset({"unknown-asset"})), True),
        (Choice(codes=frozenset({"not-json"})), False),
        (Choice(topics=frozenset({NAMES.logins})), True),
        (Choice(topics=frozenset({NAMES.webhooks})), False),
        (Choice(since_ms=TIME_MS), True),
        (Choice(since_ms=TIME_MS + 1), False),
        (Choice(until_ms=TIME_MS), False),
        (Choice(until_ms=TIME_MS + 1), True),
    ],
)
def test_only_what_is_asked_for_is_taken(choice: Choice, *, takes: bool) -> None:
    """By code, by topic, and by the time when it was given up."""
    letter = letter_of(record(NAMES.logins))

    assert choice.takes(letter) is takes
    assert not replace(choice, codes=frozenset({"too-deep"})).takes(letter)
