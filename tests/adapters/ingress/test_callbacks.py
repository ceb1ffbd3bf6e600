"""Meta's callbacks: who takes an app away, and who wants to be forgotten."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.ingress.door import (
    APP,
    OLD_SECRET,
    OTHER_APP,
    OTHER_SECRET,
    SECRET,
    Answer,
    Door,
    Shelf,
    opened,
)
from tests.support.ecma import Ecma

from idweave_adapters.commands import Requested, decode_command
from idweave_adapters.ingress import Callbacks, Limits
from idweave_adapters.ingress.replies import Refused
from idweave_adapters.ingress.wishes import MAX_AGE_S, wish_of
from idweave_adapters.receipts import ReceiptBook, ReceiptCodes
from idweave_adapters.secret import Secret
from idweave_adapters.signed_request import CLOCK_SKEW_S, sign
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.contracts import schema

USER = "218471"
PERSON = ScopedId(Asset.parse(f"app:{APP}"), USER)
NOW_S = 1_767_225_600
ISSUED_S = NOW_S - 2
PUBLIC = "https://people.example/idweave/"
CODES = ReceiptCodes(Secret("k" * 32))
CODE = CODES.of(PERSON)
DELETION, DEAUTHORIZATION = f"/data-deletion/{APP}", f"/deauthorize/{APP}"
BOTH = pytest.mark.parametrize("path", [DELETION, DEAUTHORIZATION])


def signed_request(secret: str = SECRET, **changes: Any) -> str:
    """As in the sample of Meta's document, for whom and when the test wants it."""
    payload = {
        "algorithm": "HMAC-SHA256",
        "expires": ISSUED_S + 3600,
        "issued_at": ISSUED_S,
        "user_id": USER,
    }
    kept = {n: v for n, v in {**payload, **changes}.items() if v is not None}
    return sign(orjson.dumps(kept), secret.encode())


def form(text: str) -> bytes:
    return urlencode({"signed_request": text}).encode()


@dataclass
class Clock:
    """Unix time, as the test says."""

    now_s: float = NOW_S

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Desk:
    """A door with callbacks, what is on record, and the time."""

    door: Door
    book: ReceiptBook
    clock: Clock
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = self.door.shelf

    async def post(self, path: str, text: str) -> Answer:
        return await self.door.ask("POST", path, data=form(text))

    async def delete(self, **changes: Any) -> Answer:
        return await self.post(DELETION, signed_request(**changes))

    def commands(self) -> list[Requested]:
        found = [decode_command(v) for t, v in self.shelf.stored if t == "commands"]
        return [each for each in found if isinstance(each, Requested)]

    def receipts(self) -> list[dict[str, Any]]:
        return [orjson.loads(v) for t, v in self.shelf.stored if t == "receipts"]

    def carry_out(self, at_s: float) -> None:
        """Tell that all commands were carried out, as workers do."""
        for each in self.commands():
            row = {"receipt": each.receipt, "state": "done", "at_ms": each.at_ms}
            done = orjson.dumps(row | {"ids": 1})
            self.book.apply(each.receipt.encode(), done, int(at_s * 1000))


def callbacks(book: ReceiptBook, clock: Clock) -> Callbacks:
    return Callbacks(CODES, book, public_url=PUBLIC, clock_s=clock)


@asynccontextmanager
async def desk(
    shelf: Shelf | None = None, limits: Limits | None = None, *, is_known: bool = True
) -> AsyncIterator[Desk]:
    book, clock = ReceiptBook(), Clock()
    book.is_known = is_known
    async with opened(shelf, limits=limits, callbacks=callbacks(book, clock)) as door:
        yield Desk(door, book, clock)


async def test_a_deletion_is_answered_with_code_and_status_page() -> None:
    """Exactly the two fields that Meta wants, in JSON."""
    async with desk() as at:
        answer = await at.delete()

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert orjson.loads(answer.body) == {
        "url": f"https://people.example/idweave/data-deletion/status/{CODE}",
        "confirmation_code": CODE,
    }


async def test_a_deletion_is_a_command_about_the_whole_person() -> None:
    """Of the moment when it came, so that all that is known until then goes."""
    async with desk() as at:
        await at.delete()

    at_ms = NOW_S * 1000
    kind = CommandKind.ERASE_PERSON
    assert at.commands() == [Requested(PERSON, kind, at_ms, "data-deletion", CODE)]
    assert at.receipts() == [{"receipt": CODE, "state": "received", "at_ms": at_ms}]
    Ecma(schema("receipt")).validate(at.receipts()[0])


async def test_the_receipt_stands_before_the_command() -> None:
    """So "done" always comes after "received", also where only the last one is kept."""
    async with desk() as at:
        await at.delete()

    assert [topic for topic, _ in at.shelf.stored] == ["receipts", "commands"]
    assert at.shelf.keys == [CODE.encode(), str(PERSON).encode()]


async def test_a_deauthorization_is_a_command_of_the_time_it_was_issued() -> None:
    """Who has come back before a late one arrives is not shut out again."""
    async with desk() as at:
        answer = await at.post(DEAUTHORIZATION, signed_request())

    assert answer.status == 200
    at_ms = ISSUED_S * 1000 + 999
    asked = Requested(PERSON, CommandKind.DEAUTHORIZE, at_ms, "deauthorize")
    assert at.commands() == [asked]
    assert at.shelf.keys == [str(PERSON).encode()]
    assert at.receipts() == []


async def test_an_id_may_come_as_a_number() -> None:
    """As in old samples of Meta's."""
    async with desk() as at:
        await at.delete(user_id=218471)

    assert [each.scoped for each in at.commands()] == [PERSON]


# Repeated requests.


@pytest.mark.parametrize("is_done", [False, True])
async def test_a_repeated_deletion_has_the_same_code_and_runs_once(
    is_done: bool,
) -> None:
    """Before and after it has been carried out."""
    async with desk() as at:
        first = await at.delete()
        if is_done:
            at.carry_out(NOW_S + 1)
        at.clock.now_s += 3600
        again = [await at.delete() for _ in range(3)]

    assert [each.body for each in again] == [first.body] * 3
    assert len(at.commands()) == len(at.receipts()) == 1


async def test_who_asks_again_later_is_forgotten_again() -> None:
    """They have come back in between; the code stays the same."""
    async with desk() as at:
        first = await at.delete()
        at.carry_out(NOW_S + 1)
        at.clock.now_s += 3600
        again = await at.delete(issued_at=NOW_S + 3599)
        status = await at.door.ask(
            "GET",
            f"/data-deletion/status/{CODE}",
            headers={"Accept": "application/json"},
        )

    assert again.body == first.body
    assert [each.at_ms for each in at.commands()] == [
        NOW_S * 1000,
        (NOW_S + 3600) * 1000,
    ]
    assert orjson.loads(status.body)["state"] == "received"


async def test_a_captured_request_can_not_be_used_again() -> None:
    """Whoever replays it erases nobody who has come back since."""
    async with desk() as at:
        await at.delete()
        at.carry_out(NOW_S + 1)
        at.clock.now_s += MAX_AGE_S - 60
        replayed = await at.delete()

    assert replayed.status == 200
    assert len(at.commands()) == 1


async def test_a_request_that_is_on_record_without_its_command_is_completed() -> None:
    """The process died in between, or Kafka failed: with the same time, so as one."""
    async with desk(Shelf.open_at_once()) as at:
        at.shelf.breaks_at = "commands"
        failed = await at.delete()
        [stored] = at.shelf.stored
        at.book.apply(CODE.encode(), stored[1], NOW_S * 1000)
        at.shelf.breaks_at = ""
        at.clock.now_s += 60
        completed, repeated = await at.delete(), await at.delete()

    assert (failed.status, completed.status, repeated.status) == (503, 200, 200)
    assert [each.at_ms for each in at.commands()] == [NOW_S * 1000]
    assert len(at.receipts()) == 1


async def test_without_its_receipt_nothing_is_commanded() -> None:
    """503: Meta sends it again."""
    async with desk(Shelf.open_at_once()) as at:
        at.shelf.breaks_at = "receipts"
        answer = await at.delete()

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert at.shelf.stored == []


async def test_another_replica_knows_the_same() -> None:
    """From the receipts topic; it gives the same code and runs nothing again."""
    async with desk() as one, desk() as other:
        first = await one.delete()
        one.carry_out(NOW_S + 1)
        for each in one.commands():
            row = {"receipt": CODE, "state": "done", "at_ms": each.at_ms, "ids": 1}
            other.book.apply(CODE.encode(), orjson.dumps(row), NOW_S * 1000 + 1)
        again = await other.delete()

    assert again.body == first.body
    assert other.shelf.stored == []


async def test_people_of_two_apps_have_two_codes() -> None:
    """An id means nothing without its app."""
    async with desk() as at:
        mine = await at.delete()
        theirs = await at.post(
            f"/data-deletion/{OTHER_APP}", signed_request(OTHER_SECRET)
        )

    assert orjson.loads(mine.body) != orjson.loads(theirs.body)
    assert len(at.commands()) == 2


# Who is let in.


@BOTH
@pytest.mark.parametrize("held", ["code", "oauth_token"])
async def test_the_signed_request_of_a_login_is_no_callback(
    path: str, held: str
) -> None:
    """Whoever got hold of one could have the person forgotten."""
    async with desk() as at:
        answer = await at.post(path, signed_request(**{held: "AQBx"}))

    assert answer.status == 403
    assert b"of a login" in answer.body
    assert at.shelf.begun == 0


@BOTH
@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_while_a_secret_is_replaced_both_are_good(path: str, secret: str) -> None:
    """Meta may sign with either."""
    async with desk() as at:
        assert (await at.post(path, signed_request(secret))).status == 200


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        signed_request(OTHER_SECRET),
        signed_request(""),
        signed_request(algorithm="HMAC-SHA1"),
        signed_request(algorithm="none"),
        signed_request()[:-4] + "AAAA",
    ],
)
async def test_what_the_apps_secret_did_not_sign_is_refused(
    path: str, text: str
) -> None:
    """The app in the address decides, since the payload names none."""
    async with desk() as at:
        answer = await at.post(path, text)

    assert answer.status == 403
    assert answer.body == b'{"error":"not signed with a secret of this app"}'
    assert at.shelf.begun == 0


@BOTH
@pytest.mark.parametrize(
    "issued_s",
    [NOW_S - MAX_AGE_S - 1, NOW_S + CLOCK_SKEW_S + 1, 0, None],
)
async def test_an_old_or_undated_request_is_refused(
    path: str, issued_s: int | None
) -> None:
    """And one from the future."""
    async with desk() as at:
        answer = await at.post(path, signed_request(issued_at=issued_s))

    assert answer.status == 403
    assert b"issued_at" in answer.body
    assert at.shelf.begun == 0


@BOTH
@pytest.mark.parametrize("issued_s", [NOW_S - MAX_AGE_S, NOW_S + CLOCK_SKEW_S])
async def test_a_late_one_is_taken(path: str, issued_s: int) -> None:
    """After `expires` too: what is refused is lost, and Meta may have had to wait."""
    async with desk() as at:
        text = signed_request(issued_at=issued_s, expires=issued_s + 1)
        assert (await at.post(path, text)).status == 200


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"signed_request",
        b"signed_request=",
        b"signed_request=a&signed_request=b",
        form(signed_request()) + b"&" + form(signed_request()),
        b"Signed_Request=" + signed_request().encode(),
        signed_request().encode(),
        b'{"signed_request":"' + signed_request().encode() + b'"}',
        b"signed_request=no-dot",
        b"signed_request=.payload",
        b"signed_request=mac.",
        b"signed_request=" + "\u00fc".encode(),
        b"\xff",
        b"&" * 1000,
    ],
)
async def test_a_body_without_a_signed_request_is_refused(
    path: str, body: bytes
) -> None:
    """400, and with words."""
    async with desk() as at:
        answer = await at.door.ask("POST", path, data=body)

    assert answer.status == 400
    assert b"signed" in answer.body
    assert at.shelf.begun == 0


@BOTH
@pytest.mark.parametrize("user", [None, "", "0", "<ASID>", 1.5])
async def test_a_request_that_names_nobody_is_refused(path: str, user: object) -> None:
    """It can't be carried out."""
    async with desk() as at:
        answer = await at.post(path, signed_request(user_id=user))

    assert answer.status == 400
    assert at.shelf.begun == 0


@BOTH
async def test_other_fields_are_passed_over(path: str) -> None:
    """Meta may add some."""
    async with desk() as at:
        body = b"more=1&" + form(signed_request()) + b"&most="
        assert (await at.door.ask("POST", path, data=body)).status == 200


@BOTH
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_another_method_is_told_the_right_one(path: str, method: str) -> None:
    async with desk() as at:
        answer = await at.door.ask(method, path)

    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("route", ["data-deletion", "deauthorize"])
@pytest.mark.parametrize("app", ["1", "0", "x", "", "1/2"])
async def test_an_app_of_nobodys_has_no_address(route: str, app: str) -> None:
    """Unknown and impossible ones get one answer."""
    async with desk() as at:
        answer = await at.post(f"/{route}/{app}", signed_request())

    assert answer.status == 404


@BOTH
async def test_a_large_body_is_refused(path: str) -> None:
    """Signed requests are small."""
    limit = Limits().form_bytes
    async with desk() as at:
        answer = await at.door.ask("POST", path, data=b"x" * (limit + 1))

    assert answer.status == 413
    assert str(limit).encode() in answer.body


@BOTH
async def test_a_compressed_body_is_refused(path: str) -> None:
    """Small ones may hold huge ones."""
    async with desk() as at:
        headers = {"Content-Encoding": "gzip"}
        answer = await at.door.ask("POST", path, data=b"x", headers=headers)

    assert answer.status == 415


@BOTH
async def test_it_is_answered_when_it_is_stored_and_not_before(path: str) -> None:
    """Whatever Kafka takes for it."""
    async with desk(Shelf()) as at:
        waiting = asyncio.create_task(at.post(path, signed_request()))
        await at.shelf.has_begun(1)
        assert not waiting.done()
        at.shelf.open()
        assert (await waiting).status == 200


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
payloads = st.binary(max_size=60) | st.dictionaries(
    st.sampled_from(["algorithm", "issued_at", "user_id", "expires"]), values
).map(lambda fields: json.dumps({"algorithm": "HMAC-SHA256"} | fields).encode())


@given(
    body=st.binary(max_size=60)
    | payloads.map(lambda payload: form(sign(payload, SECRET.encode())))
)
def test_whatever_is_posted_is_a_wish_or_refused(body: bytes) -> None:
    """Genuinely signed nonsense too."""
    with suppress(Refused):
        wish = wish_of(body, APP, [SECRET.encode()], now_s=NOW_S)
        assert NOW_S - MAX_AGE_S <= wish.issued_s <= NOW_S + CLOCK_SKEW_S


# On and off.


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", DELETION),
        ("POST", DEAUTHORIZATION),
        ("GET", f"/data-deletion/status/{CODE}"),
    ],
)
async def test_without_a_key_the_callbacks_are_off(method: str, path: str) -> None:
    """And it is said what switches them on; 503, so that Meta may come again."""
    async with opened() as door:
        answer = await door.ask(method, path, data=form(signed_request()))

    assert answer.status == 503
    assert b"ingress_receipt_key_file" in answer.body
    assert b"ingress_public_url" in answer.body
    assert door.shelf.begun == 0


async def test_until_it_is_known_what_is_on_record_deletions_wait() -> None:
    """They would run again. Deauthorizations need no record."""
    async with desk(is_known=False) as at:
        deletion = await at.delete()
        deauthorization = await at.post(DEAUTHORIZATION, signed_request())
        at.book.is_known = True
        later = await at.delete()

    assert (deletion.status, deletion.headers["Retry-After"]) == (503, "5")
    assert (deauthorization.status, later.status) == (200, 200)


async def test_nobody_is_named_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """Neither by id nor by code nor by what was signed."""
    caplog.set_level(logging.DEBUG)
    text = signed_request()
    async with desk() as at:
        await at.post(DELETION, text)
        await at.post(DEAUTHORIZATION, text)
        await at.delete(secret=OTHER_SECRET)
        await at.delete(issued_at=0)
        await at.door.ask("GET", f"/data-deletion/status/{CODE}")
        at.shelf.is_broken = True
        await at.delete(issued_at=NOW_S + 60)

    assert "/data-deletion/status/{code}" in caplog.text
    for hidden in (USER, CODE, text, text[:20], APP):
        assert hidden not in caplog.text
