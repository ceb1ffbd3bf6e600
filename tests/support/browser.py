"""A real Chromium on a real server, and what no page may do in it."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    async_playwright,
)
from tests.support.explorer_data import Cast

from idweave_adapters.api import (
    ApiKeys,
    ApiServer,
    Audit,
    Freshness,
    KeyFile,
    Limits,
    Origin,
    Served,
    Verb,
    new_key,
)
from idweave_adapters.read_model import MemoryStore, StoredReadModel
from idweave_graph.ids import Member
from idweave_streams.api import fill
from idweave_streams.topics import TopicNames

NAMES = TopicNames.build()
NOW_MS = 1_780_000_000_000
"""When the keys were made."""
DAY_MS = 86_400_000
WAIT_MS = 15_000
"""For anything to appear: two busy cores are slow."""
SIZE: ViewportSize = {"width": 1280, "height": 900}

_FLAGS = (
    "--no-sandbox",  # as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # 64 MB in a container
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-color-profile=srgb",
)
_WATCH = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error('refused by the policy:', event.violatedDirective, event.blockedURI);
});
"""
_GO = """place => new Promise((done) => {
  if (location.hash === place) done(null);
  addEventListener('hashchange', () => done(null), { once: true });
  location.hash = place;
})"""


class BrowserMissingError(RuntimeError):
    """There is no Chromium: install `chromium`, or name one in IDWEAVE_CHROMIUM."""


def chromium() -> str:
    """Return where the browser is.

    Raises:
        BrowserMissingError: there is none.
    """
    names = (os.environ.get("IDWEAVE_CHROMIUM", ""), "chromium", "chromium-browser")
    for name in names:
        if name and (found := shutil.which(name)):
            return found
    raise BrowserMissingError(BrowserMissingError.__doc__)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Run a browser with a profile of its own, which is gone afterwards.

    Raises:
        BrowserMissingError: there is none.
    """
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(_FLAGS), headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(frozen=True)
class Explorer:
    """A server with the page, keys for it, and whom to look at."""

    url: str
    key: str = field(repr=False)
    """For the business 900, with all verbs."""
    both_key: str = field(repr=False)
    """For 900 and 901."""
    reading_key: str = field(repr=False)
    """For 900, with the verb `read` alone."""
    cast: Cast = field(repr=False)
    person_of: Mapping[str, str] = field(repr=False)
    """The person id of each member."""
    nobody: str
    """The id of a person of whom nothing is left."""
    ended: str
    """An id that a survivor has absorbed."""

    def person(self, members: Sequence[Member]) -> str:
        """Return the person id of the first of *members*, who is somebody."""
        return self.person_of[str(members[0])]


@asynccontextmanager
async def explorer_over(
    folder: Path, keys: Path, cast: Cast
) -> AsyncIterator[Explorer]:
    """Serve the export in *folder*, on a free port, with new keys in the file *keys*."""
    store, file = MemoryStore(), KeyFile(keys)
    await fill(store, folder, NAMES)
    everything = tuple(Verb)
    key, both_key = (_new_key(file, b, everything) for b in (["900"], ["900", "901"]))
    reading_key = _new_key(file, ["900"], [Verb.READ])
    served = Served(
        StoredReadModel(store),
        ApiKeys(file, lambda: NOW_MS),
        Audit(),
        lambda: Freshness(Origin.SNAPSHOT, 0, is_ready=True),
    )
    # Tests are faster than people.
    server = ApiServer(served, limits=Limits(per_second=10_000, burst=10_000))
    url = await server.start("127.0.0.1", 0)
    told = (cast, _persons(folder), _first(folder, "erased"), _absorbed(folder))
    try:
        yield Explorer(url, key, both_key, reading_key, *told)
    finally:
        await server.stop()


def _new_key(file: KeyFile, businesses: Sequence[str], verbs: Sequence[Verb]) -> str:
    key, shown = new_key(
        "a test", businesses, verbs, now_ms=NOW_MS - DAY_MS, life_ms=30 * DAY_MS
    )
    file.add(key)
    return shown.reveal()


def _persons(folder: Path) -> dict[str, str]:
    """Read who is whom."""
    return {
        _text(member): person["id"]
        for person in _values(folder, NAMES.persons)
        for member in person["members"]
    }


def _absorbed(folder: Path) -> str:
    absorbed = (each["absorbed"] for each in _values(folder, NAMES.persons))
    return next((str(ids[0]) for ids in absorbed if ids), "")


def _first(folder: Path, kind: str) -> str:
    """Return the person of the first event of that kind after which nobody is left."""
    events = (e for e in _values(folder, NAMES.events) if e["type"] == kind)
    return next(
        (str(e["person"]["id"]) for e in events if not e["person"]["members"]), ""
    )


def _values(folder: Path, topic: str) -> Iterator[dict[str, Any]]:
    with (folder / f"{topic}.jsonl").open("rb") as lines:
        yield from (orjson.loads(each)["value"] for each in lines)


def _text(member: Mapping[str, str]) -> str:
    parts = (member["kind"], member.get("asset"), member["value"])
    return ":".join(part for part in parts if part is not None)


@dataclass
class Guard:
    """Notes whatever a page does that no page may do."""

    url: str
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note what *page* does from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note(f"page error: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("requestfailed", self._failed)

    def check(self) -> None:
        """Fail if there was anything."""
        assert not self.faults, "\n".join(self.faults)

    def _note(self, fault: str) -> None:
        self.faults.append(fault)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports each 404 of the API; the page tells it in words.
        is_answer = message.location["url"].startswith(f"{self.url}/v1/")
        is_load = message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not (is_answer and is_load):
            self._note(f"console: {message.text} ({message.location['url']})")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(f"{self.url}/"):
            self._note(f"request to another origin: {request.url[:200]}")

    def _response(self, response: Response) -> None:
        is_answer = response.url.startswith(f"{self.url}/v1/")
        if response.status >= (500 if is_answer else 400):
            self._note(f"{response.status} for {response.url}")

    def _failed(self, request: Request) -> None:
        # A view that is left takes back what it has asked.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"request failed: {request.url} {request.failure}")


@asynccontextmanager
async def guarded(
    browser: Browser, url: str, **options: Any
) -> AsyncIterator[tuple[BrowserContext, Guard]]:
    """Open a context of its own, whose pages are watched.

    Args:
        browser: where.
        url: the origin; nothing else may be asked.
        options: of the context, such as `color_scheme`, `viewport` or `media`.
    """
    asked: dict[str, Any] = {"viewport": SIZE, "locale": "en-GB", "timezone_id": "UTC"}
    context = await browser.new_context(base_url=url, **{**asked, **options})
    context.set_default_timeout(WAIT_MS)
    await context.add_init_script(_WATCH)
    guard = Guard(url)
    context.on("page", guard.watch)
    try:
        yield context, guard
    finally:
        await context.close()


async def signed_in(context: BrowserContext, key: str, place: str = "") -> Page:
    """Open the page with *key*, then the view of the hash *place*."""
    page = await context.new_page()
    await page.goto(f"/#key={key}")
    await settled(page)
    await page.wait_for_function("!location.hash.includes('key=')")
    if place:
        await go(page, place)
    return page


async def go(page: Page, place: str) -> None:
    """Open the view of the hash *place*, and wait until it is there."""
    await page.evaluate(_GO, place)
    await settled(page)


async def settled(page: Page) -> None:
    """Wait until the view is whole: it has a heading, and waits for no answer."""
    await page.locator("main:not(:has([aria-busy=true])) h1").first.wait_for()


async def check_axe(page: Page, **options: Any) -> None:
    """Fail if axe-core finds anything, of whatever impact, in what is shown."""
    asked = {**_AXE, **options}
    found = await Axe().run(page, context=_SOME, options=asked)
    told = [
        f"{each['id']} ({each['impact']}): {each['help']}\n  "
        + "\n  ".join(
            f"{n['target']}: {n['failureSummary']}" for n in each["nodes"][:5]
        )
        for each in found.response["violations"]
    ]
    assert not told, "\n".join(told)


# What is well is not described, and no stylesheet is fetched again: much faster.
_AXE: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
# Rows are alike, and hundreds of them take minutes.
_SOME = {"exclude": [["tbody tr:nth-child(n+9)"], ["ol > li:nth-child(n+13)"]]}
