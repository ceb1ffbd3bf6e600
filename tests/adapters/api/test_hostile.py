"""Whatever is sent: no fault of ours, and nothing of another business."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random

import yarl
from tests.adapters.api.desk import Desk, desk
from tests.adapters.api.forged import bad_bearers, good_token, tokens
from tests.adapters.api.hostility import Hostile, drawn
from tests.adapters.api.neighbours import (
    OUR_STORY,
    OURS,
    THEIR_APP,
    THEIR_IDS,
    THEIR_PAGE,
    THEIR_STORY,
    THEIRS,
    leaked,
    secrets,
)

from idweave_adapters.api import Limits

REQUESTS = int(os.environ.get("IDWEAVE_HOSTILE_REQUESTS", "10000"))
LIMITS = Limits(per_second=1e6, burst=10**6, poll_s=0.01, stream_s=0)
OPEN = ("/live", "/ready", "/", "/explorer/")
"""Paths below these need no credential."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that somebody sees of an answer but its time."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def all_of_it(self) -> bytes:
        """As one text."""
        return repr(self.headers).encode() + self.body


async def sent(api: Desk, request: Hostile, bearer: str) -> Seen:
    """Send it as it is."""
    url = yarl.URL(api.url + request.target, encoded=True)
    headers = [("Authorization", bearer), *request.headers]
    body = None if request.body is None else BytesIO(request.body)
    async with api.http.request(
        request.method, url, headers=headers, data=body, allow_redirects=False
    ) as response:
        told = tuple((k, v) for k, v in response.headers.items() if k != "Date")
        return Seen(response.status, told, await response.read())


@asynccontextmanager
async def twins(folder: Path) -> AsyncIterator[tuple[Desk, Desk]]:
    """Two servers for the same keys: with the other business, and without it."""
    taken = tokens(folder)
    async with desk(folder, LIMITS, taken) as full, desk(folder, LIMITS, taken) as bare:
        full.publish(THEIR_STORY)
        for each in (full, bare):
            each.publish(OUR_STORY)
        yield full, bare


def is_open(request: Hostile) -> bool:
    """Say whether it asks for what everybody may see."""
    path = request.target.partition("?")[0]
    return not path.startswith("/v1/") and path.startswith(OPEN)


async def test_hostile_requests_meet_no_fault_and_no_foreign_byte(
    tmp_path: Path,
) -> None:
    """The other business may be there or not: every answer is the same to the byte.

    Ids of others, path tricks, huge pages, forged tokens, bodies that are no JSON.
    """
    random = Random(11)
    refused: set[bytes] = set()
    async with twins(tmp_path) as (full, bare):
        theirs = secrets(full)
        good = [full.bearer(OURS)["Authorization"], f"Bearer {good_token()}"]
        bad = bad_bearers(full)
        full.clock.now = bare.clock.now = full.clock.now + 1
        bare.book.reload()
        for _ in range(REQUESTS // 2):
            request, is_good = drawn(random), random.random() < 0.8
            bearer = random.choice(good if is_good else bad)

            seen = await sent(full, request, bearer)
            other = await sent(bare, request, bearer)

            what = (bearer[:20], request)
            assert seen.status < 500, what
            assert not leaked(seen.all_of_it, theirs, map(str, THEIR_IDS)), what
            if not request.target.startswith("/v1/changes"):  # it names the copy
                assert seen == other, what
            if not is_good and not is_open(request):
                assert seen.status >= 400, what
            if seen.status == 401:
                refused.add(seen.body)

    assert len(refused - {b""}) == 1, refused


async def test_what_is_searched_for_is_there(tmp_path: Path) -> None:
    """The other business itself does see what the hostile requests are searched for."""
    paths = (
        "/v1/search?q=7",
        "/v1/search?q=Z",
        "/v1/search?q=p_",
        "/v1/changes?after=start",
    )
    async with twins(tmp_path) as (full, _):
        theirs, bearer = secrets(full), full.bearer(THEIRS)["Authorization"]
        seen = [await sent(full, Hostile("GET", p, (), None), bearer) for p in paths]

    found = leaked(b"".join(each.all_of_it for each in seen), theirs, ())
    assert {each.user.encode() for each in (THEIR_APP, THEIR_PAGE)} <= set(found)
    assert {b"Zq7713303", b"7713301", b"7713302"} <= set(found)
    assert {each[:2] for each in found} >= {b"p_", b"e_"}
