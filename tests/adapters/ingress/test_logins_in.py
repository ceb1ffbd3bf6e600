"""Login events at the door: who may bring them, and how wrong ones are told."""

import asyncio
import json
from typing import Any

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.adapters.ingress.door import BEARER, LOGIN_TOKEN, Shelf, opened

from idweave_adapters.ingress.login_events import events_of
from idweave_adapters.ingress.replies import Refused
from idweave_adapters.logins import decode_login

EVENT: dict[str, Any] = {
    "app_id": "647733625268125",
    "user_id": "10153949089790582",
    "time": 1_767_225_600_000,
    "login_kind": "classic",
}


def written(*events: dict[str, Any]) -> bytes:
    """An array of events, as some JSON writer writes it."""
    return b" [ " + b" ,\n".join(orjson.dumps(event) for event in events) + b"\t]\r\n"


async def test_one_event_is_stored_as_it_was_sent() -> None:
    """Byte for byte, and told as taken."""
    body = b' {"user_id": "605665581", "app_id":"370612223054807",\n "time": 1767225600000, "login_kind": "limited"} '
    async with opened() as door:
        answer = await door.logins(body)

    assert (answer.status, answer.body) == (202, b'{"accepted":1}')
    assert door.shelf.stored == [("logins", body)]


async def test_each_event_of_an_array_is_a_record() -> None:
    """As it was written: escapes, blanks and long numbers stay what they are."""
    odd = rb'{"app_id":"1","user_id":"2","time":1.7672256e12,"login_kind":"classic","n":123456789012345678901234567890,"x":"\u00e4\/\ud83d\ude00"}'
    long = orjson.dumps(EVENT)[:-1] + b',"n":' + b"9" * 300 + b"}"
    body = b"[" + odd + b", " + orjson.dumps(EVENT) + b"," + long + b"]"
    async with opened() as door:
        answer = await door.logins(body)

    assert (answer.status, answer.body) == (202, b'{"accepted":3}')
    assert door.shelf.values == [odd, orjson.dumps(EVENT), long]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer let-me-im"},
        {"Authorization": f"Basic {LOGIN_TOKEN}"},
        {"Authorization": LOGIN_TOKEN},
        {"X-Token": LOGIN_TOKEN},
    ],
)
async def test_without_a_login_token_nothing_is_taken(headers: dict[str, str]) -> None:
    """A missing and a wrong one get one answer."""
    async with opened() as door:
        answer = await door.logins(orjson.dumps(EVENT), headers)

    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.body == b'{"error":"send one of the login tokens as a bearer token"}'
    assert door.shelf.begun == 0


async def test_the_token_does_not_belong_into_the_query() -> None:
    """Proxies log it."""
    async with opened() as door:
        path = f"/logins?access_token={LOGIN_TOKEN}"
        answer = await door.ask("POST", path, data=orjson.dumps(EVENT))

    assert answer.status == 401


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ({"time": 1_767_225_600}, "time"),
        ({"user_id": 10153949089790582}, "user_id"),
        ({"user_id": None}, "user_id"),
        ({"login_kind": "hush-kind"}, "login_kind"),
        ({"token_for_business": "hush hush"}, "token_for_business"),
        ({"signed_request": 7}, "signed_request"),
    ],
)
async def test_a_wrong_event_is_told_with_field_and_place(
    fault: dict[str, Any], name: str
) -> None:
    """Without its values; and none of the array is stored."""
    async with opened() as door:
        answer = await door.logins(written(EVENT, EVENT, EVENT | fault, EVENT))

    told = orjson.loads(answer.body)
    assert (answer.status, told["index"]) == (400, 2)
    assert name in told["error"]
    assert "hush" not in told["error"]
    assert EVENT["user_id"] not in told["error"]
    assert door.shelf.begun == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"7",
        b"{",
        b"[",
        b"[]",
        b"[,]",
        b"[1,]",
        b"[[]]",
        b"[{}",
        b'[{}"]',
        b"[NaN]",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff",
        b"[\xff]",
        b"\xef\xbb\xbf[]",
        b"\x0b[]",
        written(EVENT)[:-4],
        written(EVENT).replace(b"{", b'{"n":' + b"9" * 5000 + b","),
        written(EVENT) + b"[]",
        written(EVENT).replace(b"{", b'{"app_id":"1",'),
        b"app_id=1&user_id=2",
    ],
)
async def test_what_is_no_event_is_refused(body: bytes) -> None:
    """As the sender's fault, with words and without storing anything."""
    async with opened() as door:
        answer = await door.logins(body)

    assert answer.status == 400
    assert orjson.loads(answer.body)["error"]
    assert door.shelf.begun == 0


async def test_an_array_may_have_a_thousand_events() -> None:
    """And not one more."""
    async with opened() as door:
        most = await door.logins(written(*[EVENT] * 1000))
        more = await door.logins(written(*[EVENT] * 1001))

    assert (most.status, most.body) == (202, b'{"accepted":1000}')
    assert more.status == 413
    assert len(door.shelf.stored) == 1000


async def test_whether_a_signed_request_is_genuine_is_left_to_the_pipeline() -> None:
    """Which knows who owns the app, and keeps what it can't use."""
    body = orjson.dumps(EVENT | {"signed_request": "no.such"})
    async with opened() as door:
        assert (await door.logins(body)).status == 202


async def test_a_compressed_body_is_refused() -> None:
    """Small ones may hold huge ones."""
    async with opened() as door:
        answer = await door.logins(b"x", {**BEARER, "Content-Encoding": "gzip"})

    assert answer.status == 415


async def test_an_array_is_taken_only_when_all_of_it_is_stored() -> None:
    """One record that is not makes the sender send all again."""
    shelf = Shelf.open_at_once()
    async with opened(shelf) as door:
        shelf.close()
        waiting = asyncio.create_task(door.logins(written(EVENT, EVENT)))
        await shelf.has_begun(2)
        assert not waiting.done()
        shelf.is_broken = True
        shelf.open()
        assert (await waiting).status == 503


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    extras=st.lists(json_values, min_size=1, max_size=5), space=st.sampled_from(" \n\t")
)
def test_events_come_out_of_an_array_as_they_were_written(
    extras: list[Any], space: str
) -> None:
    """Whatever else stands in them."""
    texts = [json.dumps(EVENT | {"extra": each}).encode() for each in extras]
    assume(all(decode_login(t, secrets=lambda _: ()).observations for t in texts))
    between = f"{space},{space}".encode()

    assert events_of(b"[" + between.join(texts) + b"]", limit=5) == texts


@settings(max_examples=300)
@given(st.binary() | st.text('[]{},":1a\\ \n', max_size=40).map(str.encode))
def test_garbage_is_refused_and_raises_nothing_else(body: bytes) -> None:
    """Neither as one event nor as an array."""
    with pytest.raises(Refused) as refusal:
        events_of(body, limit=3)

    assert refusal.value.reply.status in {400, 413}
