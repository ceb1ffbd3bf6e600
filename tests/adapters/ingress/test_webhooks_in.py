"""Webhooks at the door: who may bring them, and what of them is kept."""

import gzip
from collections.abc import AsyncIterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.ingress.door import (
    APP,
    OLD_SECRET,
    OTHER_APP,
    OTHER_SECRET,
    SECRET,
    Shelf,
    opened,
    request,
    signature,
    signed,
    statuses,
)
from tests.support import webhook_samples as samples

BODY = samples.as_meta_writes(samples.FEED_CHANGE | {"text": "caf\u00e9 / <b>"})

ODD_BODIES = [
    BODY,
    b'{"object":"page" , "entry":[ ]}\r\n\r\n',
    b'{"object":"page","text":"\\u00e4\\/\\ud83d\\ude00"}',
    b'{"object": "page", "object": "twice"}',
    "\ufeff{}".encode(),
    bytes(range(256)) * 3,
    b"\x00",
    b"",
]


@pytest.mark.parametrize("body", ODD_BODIES)
async def test_a_body_is_kept_byte_for_byte(body: bytes) -> None:
    """Whatever is signed is stored as it came: nothing is parsed and written again."""
    async with opened() as door:
        answer = await door.webhook(body)

    assert answer.status == 200
    assert door.shelf.stored == [("webhooks", body)]
    assert door.shelf.keys == [None]


async def test_a_record_says_which_app_it_came_for() -> None:
    """Some webhooks name a person of an app and not the app."""
    async with opened() as door:
        await door.webhook(BODY)

    assert door.shelf.headers == [[("app_id", APP.encode())]]


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_while_a_secret_is_replaced_both_are_good(secret: str) -> None:
    """Meta may sign with either."""
    async with opened() as door:
        assert (await door.webhook(BODY, signed(BODY, secret))).status == 200


NOT_SIGNED: list[Mapping[str, str]] = [
    {},
    {"X-Hub-Signature-256": ""},
    {"X-Hub-Signature-256": "sha256="},
    {"X-Hub-Signature-256": signature(BODY)[:-1]},
    {"X-Hub-Signature-256": signature(BODY, OTHER_SECRET)},
    {"X-Hub-Signature-256": signature(BODY + b" ")},
    {"X-Hub-Signature-256": signature(BODY).replace("sha256", "sha1")},
    {"X-Hub-Signature": signature(BODY)},
]


@pytest.mark.parametrize("headers", NOT_SIGNED)
async def test_what_the_app_did_not_sign_is_refused(headers: Mapping[str, str]) -> None:
    """With one and the same answer, whether the signature is missing or wrong."""
    async with opened() as door:
        answer = await door.webhook(BODY, headers)

    assert answer.status == 403
    assert answer.body == b'{"error":"not signed with a secret of this app"}'
    assert door.shelf.begun == 0


async def test_two_signatures_are_none() -> None:
    """Nobody can say which one counts, even when both are right."""
    async with opened() as door:
        reader, writer = await door.connect()
        lines = {**signed(BODY), "x-hub-signature-256": signature(BODY)}
        writer.write(
            request(f"/webhooks/{APP}", BODY, {**lines, "Connection": "close"})
        )
        assert await statuses(reader) == [403]
        writer.close()

    assert door.shelf.stored == []


async def test_the_secret_of_another_app_opens_no_other_address() -> None:
    """Each address goes with its own app."""
    async with opened() as door:
        own = await door.webhook(BODY, signed(BODY, OTHER_SECRET), OTHER_APP)
        foreign = await door.webhook(BODY, signed(BODY, SECRET), OTHER_APP)

    assert (own.status, foreign.status) == (200, 403)


@pytest.mark.parametrize(
    "path", ["/webhooks/999", "/webhooks/", "/webhooks/01", "/webhooks/x", "/webhooks",
             f"/webhooks/{APP}/", f"//webhooks/{APP}", "/"]
)  # fmt: skip
async def test_an_app_without_credentials_has_no_address(path: str) -> None:
    """For the handshake as for webhooks."""
    async with opened() as door:
        post = await door.ask("POST", path, data=BODY, headers=signed(BODY))
        get = await door.ask("GET", path)

    assert (post.status, get.status) == (404, 404)
    assert door.shelf.begun == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused_with_the_right_ones(method: str) -> None:
    """Of every address."""
    async with opened() as door:
        webhooks = await door.ask(method, f"/webhooks/{APP}")
        logins = await door.ask(method, "/logins")

    assert (webhooks.status, webhooks.headers["Allow"]) == (405, "GET, POST")
    assert (logins.status, logins.headers["Allow"]) == (405, "POST")


async def test_a_body_is_not_unpacked() -> None:
    """The signature is over what was sent; and a small body may hold a huge one."""
    packed = gzip.compress(BODY)
    async with opened() as door:
        headers = {**signed(packed), "Content-Encoding": "gzip"}
        answer = await door.webhook(packed, headers)

    assert answer.status == 200
    assert door.shelf.values == [packed]


async def test_a_body_may_come_in_chunks() -> None:
    """Without its length, and in pieces of any size."""

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(BODY), 7):
            yield BODY[at : at + 7]

    async with opened() as door:
        path = f"/webhooks/{APP}"
        answer = await door.ask("POST", path, data=pieces(), headers=signed(BODY))

    assert answer.status == 200
    assert door.shelf.values == [BODY]


async def test_a_sender_that_asks_first_is_told_to_go_on() -> None:
    """As curl does with large bodies."""
    async with opened() as door:
        answer = await door.ask(
            "POST",
            f"/webhooks/{APP}",
            data=BODY,
            headers=signed(BODY),
            expect100=True,
        )
        odd = await door.webhook(BODY, {**signed(BODY), "Expect": "the unexpected"})

    assert (answer.status, odd.status) == (200, 417)
    assert door.shelf.values == [BODY]


async def test_nothing_is_acknowledged_that_is_not_stored() -> None:
    """503 makes Meta send it again, and says when."""
    shelf = Shelf.open_at_once()
    shelf.is_broken = True
    async with opened(shelf) as door:
        refused = await door.webhook(BODY)
        shelf.is_broken = False
        taken = await door.webhook(BODY)

    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert taken.status == 200
    assert shelf.values == [BODY]


@settings(max_examples=25)
@given(body=st.binary(max_size=300))
async def test_bytes_are_stored_if_and_only_if_the_app_signed_them(body: bytes) -> None:
    """Over HTTP, whatever they are."""
    async with opened() as door:
        right = await door.webhook(body)
        wrong = await door.webhook(body, signed(body + b"x"))
        garbage = await door.webhook(body, {"X-Hub-Signature-256": body.hex()})

    assert (right.status, wrong.status, garbage.status) == (200, 403, 403)
    assert door.shelf.values == [body]
