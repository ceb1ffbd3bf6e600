"""Whatever is sent: no fault of ours, and nothing of another business."""

import base64
import os
from pathlib import Path
from random import Random
from urllib.parse import quote

import yarl
from tests.adapters.api.desk import desk
from tests.support.consumer_stories import STORIES

from idweave_adapters.api import ROUTES, Limits

REQUESTS = int(os.environ.get("IDWEAVE_HOSTILE_REQUESTS", "1500"))

TEXTS = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "%",
    "%00",
    "%ff",
    "%2e%2e%2f",
    "\0",
    "é",
    "💥",
    "p_",
    "p_" + "f" * 32,
    "p_" + "g" * 32,
    "app:10:1001",
    "app:10:",
    "app::",
    "page:30:3001",
    "token:AbC9",
    "code:zz",
    "app:10:1001\0x",
    "900",
    "901",
    "900\x00app",
    "9" * 5000,
    "-1",
    "0",
    "1",
    "1000",
    "1001",
    "1e3",
    "true",
    "null",
    "{}",
    "' OR 1=1 --",
    "start",
    base64.urlsafe_b64encode(b"901\0app:10:1001").decode().rstrip("="),
    base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("="),
    base64.urlsafe_b64encode(b"..\0\0\0\xc2\x80").decode().rstrip("="),
]
NAMES = ["business", "cursor", "limit", "q", "one", "two", "after", "nobody", ""]
BODIES = [
    b"",
    b"{",
    b"[" * 10_000,
    b'{"ids":["app:10:1001"]}',
    b'{"ids":["app:10:1001","page:30:3001"],"ids":[]}',
    b'{"ids":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"\xff\xfe\x00",
    b'{"ids":["' + b"9" * 100_000 + b'"]}',
]
SECRETS = (b"1001", b"3001", b"2001", b'"901"')
"""Users of the other business, and its name where it was not sent."""


async def test_hostile_requests_meet_no_fault_and_no_foreign_byte(
    tmp_path: Path,
) -> None:
    """Ids of others, path tricks, huge pages, forged tokens, bodies that are no JSON."""
    random = Random(11)
    async with desk(tmp_path, Limits(per_second=1e6, burst=10**6)) as api:
        api.publish(STORIES["chain"])
        api.publish(STORIES["quarantine"])
        foreign = {p.id.encode() for p in api.workers.persons()}
        good = api.bearer("905")
        templates = [r.template for r in ROUTES if r.name != "changes"]
        for _ in range(REQUESTS):
            path = random.choice(templates)
            for name in ("{person}", "{id}"):
                path = path.replace(name, quote(random.choice(TEXTS), safe="%"))
            if random.random() < 0.1:
                path += random.choice(["/", "//", "/..", "?", "%2f", ";x"])
            pairs = [
                f"{random.choice(NAMES)}={quote(random.choice(TEXTS), safe='%')}"
                for _ in range(random.choice([0, 0, 1, 1, 2, 3, 20]))
            ]
            url = api.url + path + ("?" + "&".join(pairs) if pairs else "")
            headers = {**good} if random.random() < 0.9 else {"Authorization": "x"}
            if random.random() < 0.7:
                headers["Content-Type"] = "application/json"
            method = random.choice(["GET", "GET", "GET", "POST", "PUT", "DELETE"])
            async with api.http.request(
                method,
                yarl.URL(url, encoded=True),
                headers=headers,
                data=random.choice(BODIES) if method == "POST" else None,
                allow_redirects=False,
            ) as response:
                told = await response.read()
                head = str(response.headers).encode()
            assert response.status < 500, (method, path, pairs)
            # What a look-up was asked comes back in its answer, as nobody's.
            shown = told.replace(b'"id":"app:10:1001","person":null', b"")
            shown = shown.replace(b'"id":"page:30:3001","person":null', b"")
            assert not any(each in shown + head for each in (*SECRETS, *foreign)), (
                method,
                url,
                told,
            )
