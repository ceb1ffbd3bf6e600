"""An id is found in whatever form it is written, and no other id is taken for it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support import webhook_samples as webhooks
from tests.support import wire_strategies as wire

from idweave_adapters.signed_request import sign
from idweave_graph.documents import (
    alias_document,
    alias_key,
    event_document,
    person_document,
)
from idweave_graph.events import IdentityEvent
from idweave_graph.ids import Asset, ScopedId, business_id
from idweave_graph.person import Person, PersonId
from idweave_streams.codecs import (
    encode_answers,
    encode_log,
    encode_lookup,
    encode_person,
    encode_sightings,
)
from idweave_streams.erasing.needle import Needle
from idweave_streams.tables import Lane

APP, TEST_APP, PAGE = map(Asset.parse, ("app:647733", "app:900100", "page:190638"))
USER = "10153949089790582"
ID = ScopedId(APP, USER)
ACME = business_id("900")


def ids_in(value: Any) -> Iterator[ScopedId]:
    """All scoped ids that a value of the core holds, wherever they are."""
    if isinstance(value, ScopedId):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from ids_in(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from ids_in([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from ids_in(each)


def shown(person: Person) -> Person:
    """What a document tells of a person: not who bears a name of theirs."""
    return replace(person, titles=(), presence={})


def event_shown(event: IdentityEvent) -> IdentityEvent:
    if event.person is None:
        return event
    return replace(event, person=shown(event.person))


encoded = st.one_of(
    wire.log_messages.map(lambda m: (m, encode_log([m]))),
    wire.sightings.map(lambda m: (m, encode_sightings([m]))),
    wire.answers.map(lambda a: (a, encode_answers([a]))),
    wire.lookups.map(lambda x: (x, encode_lookup(x))),
    wire.whole_persons().map(lambda p: (p, encode_person(p))),
    wire.whole_persons().map(lambda p: (shown(p), orjson.dumps(person_document(p)))),
    wire.events.map(lambda e: (event_shown(e), orjson.dumps(event_document(e)))),
)


@given(pair=encoded)
def test_every_id_of_every_message_and_table_is_found(pair: tuple[Any, bytes]) -> None:
    """Also in kinds that are added later, as far as the strategies know them."""
    value, data = pair

    for scoped in ids_in(value):
        assert Needle([scoped]).is_in(data)


@given(scoped=narrow.any_scoped_ids)
def test_an_id_is_found_in_keys(scoped: ScopedId) -> None:
    """Of topics and of tables, whatever is before and behind it."""
    needle = Needle([scoped])
    lane = Lane(ACME, scoped.asset)
    keys = [
        alias_key(ACME, scoped),
        str(scoped),
        f"m|{ACME}|{scoped}",
        f"l|{scoped}",
        f"q|{ACME}|{lane.asset}|00001767225600|{scoped.user}",
    ]

    assert all(needle.is_in_key(key.encode()) for key in keys)
    assert all(needle.is_in_record(key.encode(), None) for key in keys)


@given(scoped=narrow.any_scoped_ids, more=st.sampled_from("0aZ-"))
def test_a_longer_or_shorter_id_is_another_one(scoped: ScopedId, more: str) -> None:
    """In keys and in values."""
    longer = (
        ScopedId(scoped.asset, scoped.user + more) if len(scoped.user) < 128 else None
    )
    assume(longer is not None)
    document = orjson.dumps(alias_document(ACME, scoped, PersonId("p_1"), 1))
    values = [document, orjson.dumps({"a": str(scoped)}), encode_text(str(scoped))]
    assert longer is not None
    # Such as a user who is called "app": rather found once too often than passed over.
    assume(orjson.dumps(longer.user) not in b"".join(values))

    for value in values:
        assert Needle([scoped]).is_in(value)
        assert not Needle([longer]).is_in(value)
    assert not Needle([scoped]).is_in(orjson.dumps({"a": str(longer)}))
    assert not Needle([scoped]).is_in_key(alias_key(ACME, longer).encode())


def encode_text(text: str) -> bytes:
    """As a list in a frame."""
    return b"\x01" + orjson.dumps([[text, 1]])


def test_an_id_of_another_asset_is_another_one() -> None:
    """Although the user has the same number there; and a Page is no app."""
    elsewhere = ScopedId(Asset.parse("page:647733"), USER)
    document = orjson.dumps(alias_document(ACME, elsewhere, PersonId("p_1"), 1))

    assert not Needle([ID]).is_in(document)
    assert not Needle([ID]).is_in(orjson.dumps({"a": str(elsewhere)}))
    assert Needle([elsewhere]).is_in(document)


LOGIN = {"app_id": APP.id, "user_id": USER, "time": 1, "login_kind": "classic"}
SIGNED = sign(orjson.dumps({"user_id": USER, "algorithm": "HMAC-SHA256"}), b"secret")


@pytest.mark.parametrize(
    "document",
    [
        LOGIN,
        LOGIN | {"user_id": int(USER), "app_id": int(APP.id)},
        {"app_id": APP.id, "time": 1, "signed_request": SIGNED},
        {"type": "erase-id", "asset": str(APP), "user": USER},
        {"type": "ban", "asset": "app:1", "user": "2"}
        | {"other_asset": str(APP), "other_user": USER},
        {"b": "900", "k": "sweep", "a": str(APP), "f": USER},
        {"n": 1, "s": [[str(APP), USER]]},
        {"object": "user", "entry": [{"id": USER, "changed": {"app": APP.id}}]},
    ],
)
def test_an_id_is_found_in_fields(document: dict[str, Any]) -> None:
    """As logins, commands and tables have it."""
    data = orjson.dumps(document)

    assert Needle([ID]).is_in(data)
    assert not Needle([ScopedId(APP, USER[:-1])]).is_in(data)
    assert not Needle([ScopedId(TEST_APP, USER)]).is_in(data)


@pytest.mark.parametrize("name", list(webhooks.EVENTS))
def test_an_id_is_found_in_every_webhook(name: str) -> None:
    """Whatever the person or the Page did."""
    psid = ScopedId(Asset.parse(f"page:{webhooks.PAGE}"), webhooks.PSID)
    body = webhooks.body(webhooks.EVENTS[name].event)

    is_named = {webhooks.PSID, webhooks.PAGE} <= set(re.findall(r"\d+", body.decode()))
    assert Needle([psid]).is_in(body) == is_named


def test_two_entries_of_one_webhook_have_nothing_to_do_with_each_other() -> None:
    """The Page of one and the person of another make no id."""

    def entry(page: str, user: str) -> dict[str, Any]:
        message = {"sender": {"id": user}, "recipient": {"id": page}}
        return {"id": page, "time": 1, "messaging": [message]}

    body = {"object": "page", "entry": [entry("1", "71"), entry("2", "72")]}
    data = orjson.dumps(body)

    for page, user, is_in in [("1", "71", 1), ("2", "72", 1), ("1", "72", 0)]:
        scoped = ScopedId(Asset.parse(f"page:{page}"), user)
        assert Needle([scoped]).is_in(data) == is_in


def test_the_names_of_test_apps_are_the_id_too() -> None:
    needle = Needle([ID, ScopedId(TEST_APP, USER)])

    assert needle.is_in(orjson.dumps(LOGIN | {"app_id": TEST_APP.id}))
    assert needle.is_in_key(alias_key(ACME, ID).encode())


@pytest.mark.parametrize(
    "data",
    [
        b'{"app_id": "647733", "user_id": "10153949089790582", ',
        b"\xff app:647733:10153949089790582 \x00",
        b"app_id=647733&user_id=10153949089790582",
        b'{"app_id": "647733", "user_id": "\\u00310153949089790582"}',
    ],
)
def test_an_id_is_found_in_what_is_no_message(data: bytes) -> None:
    """As dead letters may be, or JSON with letters as codes."""
    assert Needle([ID]).is_in(data)
    assert Needle([ID]).is_in_record(None, None, [("header", data)])


@pytest.mark.parametrize("data", [None, b"", b"\x01", b"{}", b"[]", b"647733", b"7"])
def test_nothing_is_found_in_nothing(data: bytes | None) -> None:
    assert not Needle([ID]).is_in(data)
    assert not Needle([ID]).is_in_key(data)


def test_json_of_any_depth_is_read() -> None:
    """A hostile event ends no search."""
    deep = b"[" * 900 + orjson.dumps(LOGIN) + b"]" * 900

    assert Needle([ID]).is_in(deep)
