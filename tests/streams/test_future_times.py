"""No clock that is ahead reaches the graph, whatever it comes with."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from tests.support.graph import DictOwnership
from tests.support.stages import NAMES, PARTITIONS, handled, record, sent, values

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import AnyRequest, Requested, encode_command
from idweave_adapters.decision_commands import RequestedDecision
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_adapters.fields import LATEST_MS
from idweave_adapters.signed_request import sign
from idweave_graph.decisions import Verdict
from idweave_graph.ids import Asset, BusinessId, BusinessToken, LinkingCode, ScopedId
from idweave_graph.messages import CommandKind
from idweave_graph.ownership import Ownership
from idweave_streams.agents.ingest import CLOCKS_APART_MS, Ingest, Memory
from idweave_streams.codecs import decode_log, decode_sightings
from idweave_streams.reliable import Record

APP, PAGE = Asset.parse("app:11"), Asset.parse("page:22")
ACME = BusinessId("1")
OWNED = DictOwnership({asset: Ownership(asset, ACME, 1) for asset in (APP, PAGE)})
SECRET = b"secret"
DAY_MS = 24 * 3_600_000
INGEST = Ingest(
    NAMES,
    PARTITIONS,
    OWNED,
    lambda _: [SECRET],
    believes_linking=True,
    memory=Memory(DAY_MS, of_ids=True),
)

STORED_MS = 1_767_225_600_000
"""When Kafka got the record."""
AHEAD_MS = [1, CLOCKS_APART_MS + 1, DAY_MS, LATEST_MS - STORED_MS]

ONE, OTHER = ScopedId(APP, "5"), ScopedId(PAGE, "7")


def stored(topic: str, value: bytes, at_ms: int = STORED_MS) -> Record:
    """The record, as it lies in Kafka since then."""
    return replace(record(topic, value), timestamp_ms=at_ms)


def login(at_ms: int, **more: Any) -> Record:
    row = {"app_id": APP.id, "user_id": "5", "time": at_ms, "login_kind": "classic"}
    return stored(NAMES.logins, orjson.dumps(row | more))


def canvas(at_ms: int) -> Record:
    """With a signed request, which brings a token."""
    signed = {
        "algorithm": "HMAC-SHA256",
        "issued_at": at_ms // 1000,
        "user_id": "5",
        "token_for_business": "AbCdEfGhIjKlMnOp",
    }
    return login(at_ms, signed_request=sign(orjson.dumps(signed), SECRET))


def webhook(entry_ms: int, **item: Any) -> Record:
    item = {"sender": {"id": "7"}, "recipient": {"id": PAGE.id}, **item}
    entry = {"id": PAGE.id, "time": entry_ms, "messaging": [item]}
    return stored(NAMES.webhooks, orjson.dumps({"object": "page", "entry": [entry]}))


def message(at_ms: int) -> Record:
    return webhook(STORED_MS, timestamp=at_ms, message={"mid": "m", "text": "hello"})


def read_of_entry(at_ms: int) -> Record:
    """It has no time but its entry's."""
    return webhook(at_ms, message={"mid": "m", "text": "hello"})


def linking(at_ms: int) -> Record:
    linked = {"status": "linked", "authorization_code": "code-1"}
    return webhook(STORED_MS, timestamp=at_ms, account_linking=linked)


def unlinking(at_ms: int) -> Record:
    return webhook(STORED_MS, timestamp=at_ms, account_linking={"status": "unlinked"})


EVENTS = [login, canvas, message, read_of_entry, linking, unlinking]


def sent_on(given: Record) -> list[Any]:
    """What ingest makes of the record."""
    unit = handled(INGEST.handle, [given])
    assert sent(unit, NAMES.dead_letters) == []
    found: list[Any] = []
    for value in values(sent(unit, NAMES.sightings)):
        found += decode_sightings(value)
    for value in values(sent(unit, NAMES.evidence)):
        found += decode_log(value)
    assert found
    return found


def times(given: Record) -> list[int]:
    """When what ingest sends on is said to have happened."""
    return [message.at_ms for message in sent_on(given)]


@pytest.mark.parametrize("ahead_ms", AHEAD_MS)
@pytest.mark.parametrize("event", EVENTS)
def test_an_event_happened_when_it_was_stored_at_the_latest(
    event: Any, ahead_ms: int
) -> None:
    """Or who has asked to be forgotten would come back with what was before."""
    assert set(times(event(STORED_MS + ahead_ms))) == {STORED_MS}


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_of_the_past_keeps_its_time(event: Any) -> None:
    assert set(times(event(STORED_MS - DAY_MS))) == {STORED_MS - DAY_MS}


def commands(at_ms: int) -> list[AnyRequest]:
    """One of each type."""
    why = (at_ms, "operator", "Ann", "two people")
    others = (OTHER, BusinessToken("AbCdEfGhIjKlMnOp"), LinkingCode("0" * 32))
    return [
        *(Requested(ONE, kind, at_ms, "operator", "r1") for kind in CommandKind),
        *(RequestedBan(ONE, OTHER, kind, *why) for kind in BanKind),
        *(
            RequestedDecision(ONE, other, verdict, *why)
            for other in others
            for verdict in Verdict
        ),
        RequestedAssetErasure(APP, at_ms, "operator", "r1"),
    ]


def command_times(at_ms: int, stored_ms: int = STORED_MS) -> set[int]:
    found = set()
    for each in commands(at_ms):
        found.update(times(stored(NAMES.commands, encode_command(each), stored_ms)))
    return found


@pytest.mark.parametrize("ahead_ms", AHEAD_MS[1:])
def test_a_command_was_given_soon_after_it_was_stored_at_the_latest(
    ahead_ms: int,
) -> None:
    """One of a later year would forget all who come until then, or count for ever."""
    assert command_times(STORED_MS + ahead_ms) == {STORED_MS + CLOCKS_APART_MS}


@pytest.mark.parametrize("ahead_ms", [-DAY_MS, 0, 1, CLOCKS_APART_MS])
def test_a_command_keeps_its_time_where_clocks_differ_a_little(ahead_ms: int) -> None:
    """Its receipt is told under that time."""
    assert command_times(STORED_MS + ahead_ms) == {STORED_MS + ahead_ms}


@pytest.mark.parametrize("stored_ms", [-1, 0])
def test_a_record_without_a_time_of_its_own_says_nothing(stored_ms: int) -> None:
    """As those from files."""
    assert command_times(STORED_MS, stored_ms) == {STORED_MS}


@pytest.mark.parametrize("ahead_ms", AHEAD_MS[1:])
def test_the_memory_of_an_erasure_ends_however_far_ahead_its_clock_is(
    ahead_ms: int,
) -> None:
    """Of an id and of an asset."""
    erasures: list[AnyRequest] = [
        Requested(ONE, CommandKind.ERASE_ID, STORED_MS + ahead_ms, "operator", "r1"),
        RequestedAssetErasure(APP, STORED_MS + ahead_ms, "operator", "r1"),
    ]
    for each in erasures:
        [told] = sent_on(stored(NAMES.commands, encode_command(each)))
        assert told.until_ms <= STORED_MS + CLOCKS_APART_MS + DAY_MS
