"""Answers that come when nobody waits for them any more, and keys that end meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Error, Page, Route, expect
from tests.adapters.api.desk import Desk, desk
from tests.explorer.places import hash_of
from tests.support.browser import Explorer, go, guarded, settled, signed_in
from tests.support.consumer_stories import ASID, MERGED, PSID


@pytest_asyncio.fixture(loop_scope="session")
async def live(tmp_path: Path) -> AsyncIterator[Desk]:
    """A server whose keys a test changes."""
    async with desk(tmp_path) as opened:
        opened.publish(MERGED)
        yield opened


@asynccontextmanager
async def held(page: Page, pattern: str) -> AsyncIterator[asyncio.Event]:
    """The first question like this is answered at the end; the event: it was asked."""
    asked, let_go = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        if asked.is_set():
            await route.continue_()
            return
        asked.set()
        await let_go.wait()
        try:
            await route.continue_()
        except Error:
            return  # the page has dropped it

    await page.route(pattern, hold)
    yield asked
    let_go.set()


def key_of(api: Desk, *businesses: str) -> str:
    return api.bearer(*businesses)["Authorization"].removeprefix("Bearer ")


async def test_what_one_key_is_for_is_not_taken_for_another(
    browser: Browser, live: Desk
) -> None:
    """Though its answer comes last."""
    slow, other = key_of(live, "900"), key_of(live, "901")
    business = ".business b"
    async with guarded(browser, live.url) as (context, guard):
        page = await context.new_page()
        async with held(page, "**/v1/status") as asked:
            await page.goto(f"/#key={slow}")
            await asked.wait()
            await page.evaluate(f"location.hash = '#key={other}'")
            await expect(page.locator(business)).to_have_text("901")
        await settled(page)

        await go(page, hash_of("overview"))

        await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        await expect(page.locator(business)).to_have_text("901")
        guard.check()


async def test_after_signing_out_no_late_answer_brings_anything_back(
    browser: Browser, live: Desk
) -> None:
    """Neither the box nor how fresh it all is."""
    async with guarded(browser, live.url) as (context, guard):
        page = await context.new_page()
        async with held(page, "**/v1/status") as asked:
            await page.goto(f"/#key={key_of(live, '900')}")
            await asked.wait()
            await page.evaluate("sessionStorage.clear(); location.hash = '#/overview'")
            await expect(page.get_by_label("API key")).to_be_visible()
        await settled(page)

        await expect(
            page.get_by_role("combobox", name="Search for any id")
        ).to_have_count(0)
        await expect(page.locator("#fresh")).to_be_hidden()
        guard.check()


async def test_a_text_leads_nobody_away_who_went_elsewhere(
    page: Page, explorer: Explorer
) -> None:
    """The answer to what was put into the box comes after that."""
    who = str(explorer.cast.five[0])
    async with held(page, "**/v1/ids/**") as asked:
        await page.get_by_role("combobox", name="Search for any id").fill(who)
        await page.get_by_role("combobox", name="Search for any id").press("Enter")
        await asked.wait()
        await go(page, hash_of("overview"))
    await settled(page)

    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert page.url.partition("#")[2].startswith("/overview")


async def test_a_question_that_is_left_is_no_fault(
    page: Page, explorer: Explorer
) -> None:
    """Nothing is written to the console, and nothing shown, by what is supposed then."""
    five = explorer.cast.five
    start = hash_of("whatif", explorer.person(five))
    await go(page, start)
    async with held(page, "**/v1/what-if*") as asked:
        mark = "&" if "?" in start else "?"
        words = f"ban {five[0]} {five[1]}".replace(" ", "+")
        await page.evaluate(f"location.hash = '{start}{mark}suppose={words}'")
        await asked.wait()
        await go(page, hash_of("overview"))
    await settled(page)

    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


async def test_who_loses_the_key_in_the_midst_of_a_view_sees_nothing_more(
    browser: Browser, live: Desk
) -> None:
    """Also where the question does not change the view."""
    key = key_of(live)
    [person] = live.workers.persons()
    async with guarded(browser, live.url) as (context, guard):
        page = await signed_in(context, key)
        await go(page, hash_of("whatif", person.id))
        await page.get_by_label("First id").fill(str(ASID))
        await page.get_by_label("Second id").fill(str(PSID))
        live.keys.revoke(key.split("_")[1], 5)
        live.book.reload()

        await page.get_by_role("button", name="See what would happen").click()

        await expect(page.get_by_role("alert")).to_contain_text("revoked")
        assert person.id not in (await page.locator("body").text_content() or "")
        guard.check()


async def test_signing_out_forgets_who_decides(page: Page) -> None:
    """The next one who signs in is somebody else."""
    await page.evaluate("sessionStorage.setItem('idweave.author', 'ann')")

    await page.get_by_role("button", name="Sign out").click()

    await expect(page.get_by_label("API key")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0
