"""The files of the page, over real HTTP."""

import logging
import re
from html.parser import HTMLParser

import pytest
import yarl
from aiohttp import ClientResponse
from tests.adapters.api.desk import Desk

from idweave_adapters.api import Verb
from idweave_adapters.explorer import Explorer

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PATHS = sorted(Explorer())
ASSETS = [path for path in PATHS if path != "/"]


class Linked(HTMLParser):
    """What a document loads, and whether it has anything inline."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []
        self.inline: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        path = found.get("src") or (found.get("href") if tag == "link" else None)
        if path:
            self.paths.append(path)
        self._is_script = tag in {"script", "style"}
        self.inline += [name for name in found if name == "style" or name[:2] == "on"]

    def handle_data(self, data: str) -> None:
        if self._is_script and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._is_script = False


def parsed(document: str) -> Linked:
    links = Linked()
    links.feed(document)
    return links


async def get(
    api: Desk, path: str, method: str = "GET", **headers: str
) -> ClientResponse:
    url = yarl.URL(api.url + path, encoded=True)
    response = await api.http.request(
        method, url, headers=headers, allow_redirects=False
    )
    await response.read()
    return response


@pytest.mark.parametrize("path", PATHS)
async def test_every_file_is_there_for_everybody_under_the_strict_policy(
    api: Desk, path: str
) -> None:
    """No credential is asked for: it holds nothing of anybody."""
    response = await get(api, path)

    assert response.status == 200
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert len(await response.read()) == int(response.headers["Content-Length"])


@pytest.mark.parametrize(
    ("suffix", "media"),
    [
        ("/", "text/html; charset=utf-8"),
        (".css", "text/css; charset=utf-8"),
        (".js", "text/javascript; charset=utf-8"),
        (".svg", "image/svg+xml"),
    ],
)
async def test_each_file_says_what_it_is(api: Desk, suffix: str, media: str) -> None:
    """Browsers take no module of another type, and sniff none."""
    answers = [await get(api, path) for path in PATHS if path.endswith(suffix)]

    assert {each.headers["Content-Type"] for each in answers} == {media}


async def test_files_are_kept_for_ever_and_the_document_is_asked_for_again(
    api: Desk,
) -> None:
    """A new release has new paths, so nobody sees a page of two releases."""
    kept = {(await get(api, path)).headers["Cache-Control"] for path in ASSETS}
    document = await get(api, "/")
    tag = document.headers["ETag"]

    assert kept == {"public, max-age=31536000, immutable"}
    assert document.headers["Cache-Control"] == "no-cache"
    assert tag.strip('"') in ASSETS[0]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}'])
async def test_a_document_that_one_has_is_not_sent_again(api: Desk, form: str) -> None:
    """Also if something on the way has weakened its tag."""
    tag = (await get(api, "/")).headers["ETag"]

    again = await get(api, "/", **{"If-None-Match": form.format(tag)})
    other = await get(api, "/", **{"If-None-Match": '"0123456789abcdef"'})

    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["Content-Security-Policy"] == POLICY
    assert other.status == 200


async def test_the_document_loads_only_files_that_are_there(api: Desk) -> None:
    """All of this server, and nothing is inline: the policy would stop it."""
    text = await (await get(api, "/")).text()

    links = parsed(text)

    assert set(links.paths) <= set(ASSETS)
    assert any(path.endswith("/js/main.js") for path in links.paths)
    assert not links.inline
    assert "/explorer/_/" not in text


def test_what_is_inline_would_be_noticed() -> None:
    """The test above sees each of the ways."""
    text = "<p style='x'><a onclick='y'>z</a><script>w</script><style>v</style>"

    assert parsed(text).inline == ["style", "onclick", "w", "v"]


@pytest.mark.parametrize("path", [p for p in ASSETS if p.endswith(".js")])
async def test_every_module_imports_only_files_that_are_there(
    api: Desk, path: str
) -> None:
    """By relative paths, which one hash for all files keeps good."""
    text = await (await get(api, path)).text()
    asked = re.findall(r'(?:\bfrom |\bimport |\bimport\()"([^"]+)"', text)

    found = [yarl.URL(path).join(yarl.URL(each)).path for each in asked]

    assert set(found) <= set(ASSETS)
    assert all(each.startswith(".") for each in asked)


@pytest.mark.parametrize("path", ["/", ASSETS[0]])
async def test_head_tells_what_get_would(api: Desk, path: str) -> None:
    """Without the content."""
    full, head = await get(api, path), await get(api, path, "HEAD")
    dated = {"Date", "Connection"}

    assert (head.status, await head.read()) == (200, b"")
    assert {k: v for k, v in head.headers.items() if k not in dated} == {
        k: v for k, v in full.headers.items() if k not in dated
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_a_file_can_only_be_read(api: Desk, method: str) -> None:
    """The refusal says how."""
    response = await get(api, "/", method)

    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD"


VERSION = "/explorer/" + ASSETS[0].split("/")[2]


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/explorer",
        "/explorer/",
        VERSION,
        f"{VERSION}/",
        f"{VERSION}/index.html",
        f"{VERSION}/nobody.js",
        f"{VERSION}/../files.py",
        f"{VERSION}/%2e%2e/files.py",
        f"{VERSION}/..%2ffiles.py",
        f"{VERSION}//etc/passwd",
        f"{VERSION}/js/../explorer.css",
        f"{VERSION}/js/..%5cexplorer.css",
        f"{VERSION}/explorer.css%00",
        f"{VERSION}/explorer.css/",
        f"{VERSION}/vendor/vendor.lock",
        f"{VERSION}/vendor/d3-force.LICENSE",
        "/explorer/0000000000000000/explorer.css",
        "/explorer/_/explorer.css",
    ],
)
async def test_no_other_path_leads_anywhere(api: Desk, path: str) -> None:
    """It is answered as any path at which nothing is."""
    response = await get(api, path)

    assert response.status == 404
    assert (await response.json(content_type=None))["title"] == (
        "There is nothing at this path."
    )


async def test_the_log_says_the_page_and_no_path(
    api: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody may type an id behind any of our paths."""
    with caplog.at_level(logging.INFO, logger="idweave.api.access"):
        for path in ("/", ASSETS[0], "/explorer/app:10:1001", "/app:10:1001"):
            await get(api, path)
    told = [each.getMessage().partition(",")[0] for each in caplog.records]

    assert told == [
        "GET / 200",
        "GET /explorer/… 200",
        "GET /explorer/… 404",
        "- - 404",
    ]


async def test_the_status_says_what_a_key_is_for(api: Desk) -> None:
    """Its own businesses and verbs alone, so that the page offers no more."""
    bearer = api.bearer("901", "900", verbs=[Verb.READ, Verb.EXPLAIN])

    async with api.http.get("/v1/status", headers=bearer) as response:
        told = await response.json()

    assert told["businesses"] == ["900", "901"]
    assert told["verbs"] == ["explain", "read"]
