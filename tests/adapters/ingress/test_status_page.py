"""How far a deletion has come: for people as a page, for programs as JSON."""

import base64
import hashlib
import re
from collections.abc import Mapping
from html.parser import HTMLParser

import orjson
import pytest
from tests.adapters.ingress.door import Answer, opened
from tests.adapters.ingress.test_callbacks import CODE, Clock, callbacks, desk

from idweave_adapters.ingress.status_page import wants_json
from idweave_adapters.receipts import ReceiptBook, encode_received

ASKED_MS = 1_767_225_600_000
DONE_MS = ASKED_MS + 90_000
PATH = f"/data-deletion/status/{CODE}"
DONE = orjson.dumps({"receipt": CODE, "state": "done", "at_ms": ASKED_MS, "ids": 3})
RECEIVED = encode_received(CODE, ASKED_MS)
AS_JSON = {"Accept": "application/json"}
FROM_A_BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
}


async def status(
    *values: bytes,
    path: str = PATH,
    headers: Mapping[str, str] = AS_JSON,
    is_known: bool = True,
) -> Answer:
    """The answer where these records stand on the topic."""
    book = ReceiptBook()
    book.is_known = is_known
    for value in values:
        book.apply(CODE.encode(), value, DONE_MS)
    async with opened(callbacks=callbacks(book, Clock())) as door:
        return await door.ask("GET", path, headers=headers)


class Page(HTMLParser):
    """What a page says and what it would load."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(answer.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    ("values", "code", "told"),
    [
        (
            [RECEIVED],
            200,
            {
                "state": "received",
                "received_at": "2026-01-01T00:00:00Z",
                "done_at": None,
            },
        ),
        (
            [RECEIVED, DONE],
            200,
            {
                "state": "done",
                "received_at": "2026-01-01T00:00:00Z",
                "done_at": "2026-01-01T00:01:30Z",
            },
        ),
        ([], 404, {"state": "unknown", "received_at": None, "done_at": None}),
    ],
)
async def test_programs_get_json(
    values: list[bytes], code: int, told: dict[str, object]
) -> None:
    """In one shape, whatever is known."""
    answer = await status(*values)

    assert answer.status == code
    assert answer.headers["Content-Type"] == "application/json"
    assert orjson.loads(answer.body) == {"confirmation_code": CODE, **told}


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ([RECEIVED], 200, "received on 1 January 2026, 00:00 UTC"),
        ([DONE], 200, "carried out on 1 January 2026, 00:01 UTC"),
        ([], 404, "No request is on record"),
    ],
)
async def test_people_get_a_page(values: list[bytes], code: int, words: str) -> None:
    """With the dates and their code."""
    answer = await status(*values, headers=FROM_A_BROWSER)
    page = Page(answer)

    assert answer.status == code
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert words in page.words
    assert CODE in page.words


@pytest.mark.parametrize("values", [[RECEIVED], [DONE], []])
async def test_the_page_needs_nothing_but_itself(values: list[bytes]) -> None:
    """No request goes out, nothing runs, no frame holds it, no address is passed on."""
    answer = await status(*values, headers=FROM_A_BROWSER)
    page = Page(answer)

    assert not {"script", "link", "img", "iframe", "form", "a"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {"src", "href", "style", "onload", "onclick"} & names
    assert "url(" not in answer.body.decode()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


async def test_the_policy_lets_the_pages_own_style_in() -> None:
    """By its hash, as the browser makes it."""
    answer = await status(RECEIVED, headers=FROM_A_BROWSER)
    found = re.search(rb"<style>(.*)</style>", answer.body, re.DOTALL)
    assert found
    digest = base64.b64encode(hashlib.sha256(found[1]).digest()).decode()

    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


async def test_the_page_can_be_read_by_everybody() -> None:
    """It names its language, fits a telephone and follows a dark screen."""
    answer = await status(RECEIVED, headers=FROM_A_BROWSER)
    page = Page(answer)

    assert ("lang", "en") in page.attributes
    assert ("name", "viewport") in page.attributes
    assert {"title", "h1", "main", "time"} <= set(page.tags)
    assert b"color-scheme:light dark" in answer.body
    assert ("datetime", "2026-01-01T00:00:00Z") in page.attributes


@pytest.mark.parametrize("headers", [AS_JSON, FROM_A_BROWSER])
async def test_until_the_record_is_read_nothing_is_called_unknown(
    headers: dict[str, str],
) -> None:
    """503 in the same shapes; what was read already is told."""
    unread = await status(headers=headers, is_known=False)
    read = await status(RECEIVED, headers=headers, is_known=False)

    assert (unread.status, unread.headers["Retry-After"]) == (503, "5")
    assert unread.headers["Content-Type"] != "text/plain"
    assert read.status == 200


@pytest.mark.parametrize(
    "code", ["", "a-b", "a%2Fb", "a%00", "..", "<b>", "a" * 65, f"{CODE}/"]
)
async def test_what_is_no_code_is_no_address(code: str) -> None:
    """It never gets near the page."""
    answer = await status(path=f"/data-deletion/status/{code}")

    assert answer.status == 404
    assert b"confirmation_code" not in answer.body


async def test_a_code_is_told_to_be_received_at_once() -> None:
    """The ingress that took it does not wait for the topic to come around."""
    async with desk() as at:
        await at.delete()
        answer = await at.door.ask("GET", PATH, headers=AS_JSON)

    assert orjson.loads(answer.body)["state"] == "received"


@pytest.mark.parametrize(
    ("accept", "json"),
    [
        ("", False),
        ("*/*", False),
        ("text/html", False),
        (FROM_A_BROWSER["Accept"], False),
        ("application/json", True),
        ("Application/JSON ; charset=utf-8", True),
        ("application/json, text/plain, */*", True),
        ("text/html, application/json", False),
        ("text/html;q=0.5, application/json", True),
        ("application/json;q=0", False),
        ("application/json;q=x", False),
        (";;,=,q", False),
    ],
)
def test_json_is_for_who_wants_it(accept: str, json: bool) -> None:
    """Rather than a page; browsers and simple clients get the page."""
    assert wants_json(accept) is json
