"""Events and commands are given to whoever owns the asset now, or are dead letters."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictOwnership
from tests.support.stages import (
    NAMES,
    PARTITIONS,
    chunks,
    handled,
    letters,
    record,
    sent,
    values,
)

from idweave_adapters.commands import Requested, encode_command
from idweave_adapters.signed_request import sign
from idweave_graph.evidence import Cause, EvidenceKind
from idweave_graph.ids import (
    Asset,
    BusinessToken,
    LinkingCode,
    ScopedId,
    business_id,
)
from idweave_graph.messages import Command, CommandKind, Sighting
from idweave_graph.ownership import OwnedId, Ownership
from idweave_streams.agents.ingest import Ingest
from idweave_streams.codecs import decode_sightings
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Record, Unit

ACME, RIVAL = business_id("900"), business_id("901")
APP, TEST_APP, PAGE = map(Asset.parse, ("app:10", "app:11", "page:20"))
NOBODYS_APP, STRANGE_APP = map(Asset.parse, ("app:30", "app:31"))
SECRET = b"the-secret-of-app-10"
AT_MS = 1_767_225_600_000

OWNED = DictOwnership(
    {
        APP: Ownership(APP, ACME, 3),
        TEST_APP: Ownership(TEST_APP, ACME, 1, parent=APP),
        PAGE: Ownership(PAGE, RIVAL, 2),
        NOBODYS_APP: Ownership(NOBODYS_APP, None, 1),
    }
)


def secrets(app: Asset) -> list[bytes]:
    return [SECRET] if app == APP else []


INGEST = Ingest(NAMES, PARTITIONS, OWNED, secrets)


BELIEVING = replace(INGEST, believes_linking=True)


def login(app: Asset = APP, user: str = "5", offset: int = 0, **changes: Any) -> Record:
    event = {"app_id": app.id, "user_id": user, "time": AT_MS, "login_kind": "classic"}
    return record(NAMES.logins, orjson.dumps(event | changes), offset)


def message(page: Asset = PAGE, user: str = "7", **changes: Any) -> dict[str, Any]:
    return {
        "sender": {"id": user},
        "recipient": {"id": page.id},
        "timestamp": AT_MS,
        "message": {"mid": "m", "text": "hello"},
        **changes,
    }


def webhook(*messages: dict[str, Any], offset: int = 0) -> Record:
    entry = {"id": PAGE.id, "time": AT_MS, "messaging": list(messages)}
    body = {"object": "page", "entry": [entry]}
    return record(NAMES.webhooks, orjson.dumps(body), offset)


def sightings(unit: Unit) -> list[Sighting]:
    outputs = sent(unit, NAMES.sightings)
    found = [each for value in values(outputs) for each in decode_sightings(value)]
    return [each for each in found if isinstance(each, Sighting)]


def seen(unit: Unit) -> list[str]:
    return [str(sighting.seen.id) for sighting in sightings(unit)]


def test_a_login_is_a_sighting_in_the_owners_name() -> None:
    """With the epoch of now, the event's own time, and the record as its cause."""
    unit = handled(INGEST.handle, [login(offset=9)])

    assert sightings(unit) == [
        Sighting(ACME, OwnedId(ScopedId(APP, "5"), 3), AT_MS, Cause(NAMES.logins, 0, 9))
    ]
    assert unit.changes == {}


def test_a_message_is_a_sighting_of_who_wrote_it() -> None:
    unit = handled(INGEST.handle, [webhook(message())])

    [sighting] = sightings(unit)
    assert sighting.business == RIVAL
    assert sighting.seen == OwnedId(ScopedId(PAGE, "7"), 2)


@pytest.mark.parametrize(
    ("stored_ms", "seen_ms"),
    [
        (AT_MS - 3_000, AT_MS - 3_000),
        (AT_MS + 3_000, AT_MS),
        (0, AT_MS),
        (-1, AT_MS),
    ],
)
def test_nobody_is_seen_later_than_the_event_was_stored(
    stored_ms: int, seen_ms: int
) -> None:
    """Or a sender's fast clock would hide them from an erasure that came right after.

    A record without a time of its own says nothing.
    """
    stored = replace(login(), timestamp_ms=stored_ms)

    (sighting,) = sightings(handled(INGEST.handle, [stored]))

    assert sighting.at_ms == seen_ms


def test_a_test_apps_login_counts_as_the_parents_id() -> None:
    """In the parent's name and epoch, so both logins are about one scoped id."""
    unit = handled(INGEST.handle, [login(TEST_APP), login(APP)])

    one, two = sightings(unit)
    assert one.seen == two.seen == OwnedId(ScopedId(APP, "5"), 3)
    assert len(sent(unit, NAMES.sightings)) == 1


@given(users=st.lists(st.integers(1, 10**17).map(str), min_size=1, max_size=30))
def test_a_sighting_goes_to_the_partition_of_its_id(users: list[str]) -> None:
    """Whichever record it was in; those of one partition share a record, in order."""
    records = [login(user=user, offset=n) for n, user in enumerate(users)]

    unit = handled(INGEST.handle, records)

    outputs = sent(unit, NAMES.sightings)
    assert len({output.partition for output in outputs}) == len(outputs)
    for output in outputs:
        found = [str(each.seen.id) for each in read(output.value)]
        homes = {partition_of(each, PARTITIONS) for each in found}
        assert homes == {output.partition}
        names = [f"app:10:{user}" for user in users]
        assert found == [each for each in names if each in set(found)]
    assert len(seen(unit)) == len(users)


def test_good_parts_are_used_although_others_are_bad() -> None:
    """The record is also a dead letter, once, and says how many parts were lost."""
    bad = message(user="<PSID>")
    body = webhook(message(user="7"), bad, message(user="8"), bad)

    unit = handled(INGEST.handle, [body])

    assert sorted(seen(unit)) == ["page:20:7", "page:20:8"]
    [(_, count)] = letters(unit)
    assert count == 2


@pytest.mark.parametrize("app", [NOBODYS_APP, STRANGE_APP])
def test_an_asset_without_an_owner_makes_a_dead_letter(app: Asset) -> None:
    """Nothing is guessed, whether it is unknown or between two owners."""
    unit = handled(INGEST.handle, [login(app)])

    assert sightings(unit) == []
    assert letters(unit) == [("unknown-asset", 1)]


def test_all_unknown_assets_of_a_record_make_one_dead_letter() -> None:
    stranger = Asset.parse("page:99")
    entries = [
        {"id": page.id, "time": AT_MS, "messaging": [message(page, user)]}
        for page, user in ((stranger, "1"), (PAGE, "2"), (stranger, "3"))
    ]
    body = orjson.dumps({"object": "page", "entry": entries})

    unit = handled(INGEST.handle, [record(NAMES.webhooks, body)])

    assert seen(unit) == ["page:20:2"]
    assert letters(unit) == [("unknown-asset", 2)]


def test_the_reason_of_the_decoder_goes_before_the_unknown_asset() -> None:
    """Both are counted in the one letter."""
    stranger = Asset.parse("page:99")
    entries = [
        {"id": stranger.id, "time": AT_MS, "messaging": [message(stranger)]},
        {"id": PAGE.id, "time": AT_MS, "messaging": [message(user="<PSID>")]},
    ]
    body = orjson.dumps({"object": "page", "entry": entries})

    [(code, count)] = letters(handled(INGEST.handle, [record(NAMES.webhooks, body)]))

    assert code != "unknown-asset"
    assert count == 2


def test_a_dead_letter_is_the_record_as_it_came() -> None:
    """Key, value and headers byte for byte; ours stand behind them."""
    bad = record(NAMES.logins, b"\xff not json")

    [letter] = sent(handled(INGEST.handle, [bad]), NAMES.dead_letters)

    assert (letter.key, letter.value) == (bad.key, bad.value)
    assert letter.headers[: len(bad.headers)] == bad.headers


def test_a_tombstone_is_a_dead_letter() -> None:
    """An event without a value says nothing, and is not dropped silently."""
    unit = handled(INGEST.handle, [record(NAMES.logins, None)])

    assert [count for _, count in letters(unit)] == [1]


def signed_login(secret: bytes, app: Asset = APP) -> Record:
    payload = {
        "algorithm": "HMAC-SHA256",
        "issued_at": AT_MS // 1000,
        "user_id": "5",
        "token_for_business": "T",
    }
    return login(app, signed_request=sign(orjson.dumps(payload), secret))


def test_a_signed_request_proves_its_token() -> None:
    [sighting] = sightings(handled(INGEST.handle, [signed_login(SECRET)]))

    assert sighting.token == BusinessToken("T")
    assert sighting.token_proof is EvidenceKind.SIGNED_REQUEST


@pytest.mark.parametrize(
    "forged",
    [signed_login(b"another-apps-secret"), signed_login(SECRET, STRANGE_APP)],
)
def test_a_request_that_the_apps_secret_did_not_sign_is_refused(forged: Record) -> None:
    """And so is the whole event, with one dead letter."""
    unit = handled(INGEST.handle, [forged])

    assert sightings(unit) == []
    assert [count for _, count in letters(unit)] == [1]


def command(
    app: Asset = APP,
    user: str = "5",
    kind: CommandKind = CommandKind.ERASE_PERSON,
    offset: int = 0,
) -> Record:
    scoped = ScopedId(app, user)
    requested = Requested(scoped, kind, AT_MS, "operator", "r1")
    return record(NAMES.commands, encode_command(requested), offset)


Sent = Sighting | Command


def read(value: bytes | None) -> list[Sent]:
    """What ingest has put into one record: sightings and commands, nothing else."""
    found: list[Sent] = []
    for each in decode_sightings(value):
        assert isinstance(each, Sighting | Command)
        found.append(each)
    return found


def messages(unit: Unit) -> list[Sent]:
    outputs = sent(unit, NAMES.sightings)
    return [each for value in values(outputs) for each in read(value)]


@pytest.mark.parametrize("kind", CommandKind)
def test_a_command_goes_on_in_the_owners_name(kind: CommandKind) -> None:
    """With the epoch of now, its own time, its receipt, and the record as its cause."""
    unit = handled(INGEST.handle, [command(kind=kind, offset=4)])

    cause = Cause(NAMES.commands, 0, 4)
    seen_as = OwnedId(ScopedId(APP, "5"), 3)
    assert messages(unit) == [Command(ACME, seen_as, kind, AT_MS, cause, "r1")]
    assert letters(unit) == []


def test_a_command_about_a_test_apps_id_is_about_the_parents() -> None:
    """It is the same scoped id."""
    [found] = messages(handled(INGEST.handle, [command(TEST_APP)]))

    assert found.seen == OwnedId(ScopedId(APP, "5"), 3)


@given(
    users=st.lists(st.integers(1, 4).map(str), min_size=1, max_size=12),
    asked=st.sets(st.integers(0, 11)),
)
def test_a_command_stays_in_order_with_the_sightings_of_its_id(
    users: list[str], asked: set[int]
) -> None:
    """In one partition, as they came."""
    records = [
        command(user=user, offset=n) if n in asked else login(user=user, offset=n)
        for n, user in enumerate(users)
    ]

    by_place = by_partition([handled(INGEST.handle, records)])

    for user in set(users):
        place = partition_of(f"app:10:{user}", PARTITIONS)
        found = [each for each in by_place[place] if each.seen.id.user == user]
        expected = [(n in asked, n) for n, each in enumerate(users) if each == user]
        told = [(isinstance(each, Command), each.cause.offset) for each in found]
        assert told == expected


@pytest.mark.parametrize("app", [NOBODYS_APP, STRANGE_APP])
def test_a_command_about_nobodys_asset_is_not_lost(app: Asset) -> None:
    """It is a dead letter, to be replayed when somebody owns the asset."""
    asked = command(app)
    unit = handled(INGEST.handle, [asked])

    assert messages(unit) == []
    assert letters(unit) == [("unknown-asset", 1)]
    [letter] = sent(unit, NAMES.dead_letters)
    assert letter.value == asked.value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "empty-value"),
        (b"{", "not-json"),
        (b"[]", "not-an-object"),
        (b"{}", "command-field-missing"),
        (
            b'{"type":"all","asset":"app:1","user":"5","at_ms":1700000000000,"source":"x"}',
            "command-field-invalid",
        ),
    ],
)
def test_what_is_no_command_is_a_dead_letter(value: bytes | None, code: str) -> None:
    unit = handled(INGEST.handle, [record(NAMES.commands, value)])

    assert messages(unit) == []
    assert letters(unit) == [(code, 1)]


records = st.builds(
    record,
    st.sampled_from([NAMES.logins, NAMES.webhooks, NAMES.commands]),
    st.one_of(
        st.none(),
        st.binary(max_size=200),
        st.sampled_from([login().value, webhook(message(), {}).value, command().value]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["object", "entry", "messaging", "app_id", "id"]),
                    inner,
                    max_size=3,
                )
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
)


@given(several=st.lists(records, max_size=5))
def test_no_bytes_are_too_strange(several: list[Record]) -> None:
    """Whatever comes is used, ignored, or one dead letter; nothing is raised."""
    several = [replace(each, offset=n) for n, each in enumerate(several)]

    unit = handled(INGEST.handle, several)

    found = sent(unit, NAMES.dead_letters)
    offsets = [dict(letter.headers)["idweave.errors.offset"] for letter in found]
    assert len(set(offsets)) == len(offsets)
    by_offset = {str(each.offset).encode(): each.value for each in several}
    assert all(by_offset[n] == x.value for n, x in zip(offsets, found, strict=True))


@given(
    users=st.lists(st.integers(1, 9), max_size=12),
    sizes=st.lists(st.integers(1, 4), max_size=5),
)
def test_it_does_not_matter_how_records_are_batched(
    users: list[int], sizes: list[int]
) -> None:
    """Each partition gets the same sightings in the same order."""
    several: Sequence[Record] = [
        login(user=str(u), offset=n) for n, u in enumerate(users)
    ]

    pieces = [handled(INGEST.handle, piece) for piece in chunks(several, sizes)]

    together = by_partition([handled(INGEST.handle, several)])
    assert by_partition(pieces) == together


def by_partition(units: list[Unit]) -> dict[int | None, list[Sent]]:
    found: dict[int | None, list[Sent]] = {}
    for unit in units:
        for output in sent(unit, NAMES.sightings):
            found.setdefault(output.partition, []).extend(read(output.value))
    return found


@pytest.mark.parametrize("ingest", [INGEST, BELIEVING])
def test_account_linking_is_believed_only_where_it_is_set(ingest: Ingest) -> None:
    """It is the business's own word; the event itself is a sighting in any case."""
    event = login(authorization_code="PASS-THROUGH")

    unit = handled(ingest.handle, [event])

    [sighting] = [
        each
        for output in sent(unit, NAMES.sightings)
        for each in decode_sightings(output.value)
    ]
    assert isinstance(sighting, Sighting)
    believed = LinkingCode.of("PASS-THROUGH") if ingest.believes_linking else None
    assert sighting.code == believed
