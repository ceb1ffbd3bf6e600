"""What the tests of the page need: a browser, a server with people, a page that is watched."""

import inspect
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from tests.support.browser import (
    SIZE,
    BrowserMissingError,
    Explorer,
    Guard,
    explorer_over,
    guarded,
    launched,
    signed_in,
)
from tests.support.explorer_data import cast, engine_after, erasures, exported, story

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of this folder in the loop of the session, where the browser is."""
    for item in items:
        is_async = isinstance(item, pytest.Function) and inspect.iscoroutinefunction(
            item.obj
        )
        if item.path.is_relative_to(HERE) and is_async:
            mark = pytest.mark.asyncio(loop_scope="session")
            item.add_marker(mark, append=False)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of all that has happened, erasures included."""
    who = cast()
    log = story(who)
    engine = engine_after([*log, *erasures(who, log)])
    return exported(engine, tmp_path_factory.mktemp("explorer") / "export")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the session; each test has a context of its own in it."""
    try:
        async with launched() as started:
            yield started
    except BrowserMissingError as reason:
        if os.environ.get("IDWEAVE_REQUIRE_BROWSER") == "1":
            pytest.fail(f"IDWEAVE_REQUIRE_BROWSER=1, but {reason}", pytrace=False)
        pytest.skip(str(reason))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def explorer(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Explorer]:
    """A server over the export. Nothing that a page can ask changes it."""
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    async with explorer_over(folder, keys, cast()) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, explorer: Explorer) -> AsyncIterator[Page]:
    """The page, signed in; the test fails if it does what no page may do."""
    async with guarded(browser, explorer.url) as (context, guard):
        yield await signed_in(context, explorer.key)
        guard.check()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walking(
    browser: Browser, explorer: Explorer
) -> AsyncIterator[tuple[Page, Guard]]:
    """One page for all tests of a module, with what it has done wrong."""
    async with guarded(browser, explorer.url) as (context, guard):
        yield await signed_in(context, explorer.key), guard


@pytest_asyncio.fixture(loop_scope="session")
async def walker(walking: tuple[Page, Guard]) -> AsyncIterator[Page]:
    """As `page`, for tests that go to many views and leave nothing behind."""
    page, guard = walking
    guard.faults.clear()
    await page.emulate_media(media="screen", color_scheme="light")
    await page.set_viewport_size(SIZE)
    yield page
    guard.check()
