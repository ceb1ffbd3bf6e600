"""The frame around the views: signing in, searching, finding one's way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect
from tests.adapters.api.desk import Desk, desk
from tests.explorer.places import hash_of
from tests.support.browser import Explorer, check_axe, go, guarded, settled, signed_in
from tests.support.consumer_stories import MERGED

from idweave_adapters.api import Freshness, Origin, Verb

STORED = "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"
FRONT = "document.dispatchEvent(new Event('visibilitychange'))"
"""What the browser tells when the page comes to the front."""


@pytest_asyncio.fixture(loop_scope="session")
async def live(tmp_path: Path) -> AsyncIterator[Desk]:
    """A server whose keys and freshness a test changes."""
    async with desk(tmp_path) as opened:
        opened.publish(MERGED)
        yield opened


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search for any id")


def suggested(page: Page) -> Locator:
    return page.locator("#suggestions [role=option]")


def heading(page: Page, text: str) -> Locator:
    return page.get_by_role("heading", level=1, name=text)


async def test_a_key_in_the_link_is_taken_out_of_the_address(
    browser: Browser, explorer: Explorer
) -> None:
    """It stays in no address, no history, and nowhere but in this tab."""
    async with guarded(browser, explorer.url) as (context, guard):
        page = await context.new_page()

        await page.goto(f"/#key={explorer.key}/overview")
        await expect(heading(page, "Overview")).to_be_visible()

        assert explorer.key not in page.url
        assert page.url.partition("#")[2].startswith("/overview")
        assert await page.evaluate("sessionStorage['idweave.key']") == explorer.key
        assert await page.evaluate("localStorage.length + document.cookie.length") == 0
        await page.go_back()
        assert explorer.key not in page.url
        guard.check()


async def test_who_signs_in_comes_to_what_the_link_names(
    browser: Browser, explorer: Explorer
) -> None:
    """A permalink is good for whoever has a key of their own."""
    person = explorer.person(explorer.cast.five)
    async with guarded(browser, explorer.url) as (context, guard):
        page = await context.new_page()
        await page.goto(f"/{hash_of('person', person, business='900')}")
        await expect(heading(page, "Sign in")).to_be_visible()

        await page.get_by_label("API key").fill(explorer.key)
        await page.get_by_role("button", name="Sign in").click()

        await expect(page.locator("h1")).to_contain_text(person)
        guard.check()


@pytest.mark.parametrize(
    ("key", "told"),
    [("idk_0123456789ab_no", "opens nothing"), ("schlüssel", "can't be a key")],
)
async def test_a_wrong_key_is_told_and_forgotten(
    browser: Browser, explorer: Explorer, key: str, told: str
) -> None:
    """The field is marked, and one can try again at once."""
    async with guarded(browser, explorer.url) as (context, guard):
        page = await context.new_page()
        await page.goto("/")
        field = page.get_by_label("API key")

        await field.fill(key)
        await field.press("Enter")

        await expect(page.get_by_role("alert")).to_contain_text(told)
        await expect(field).to_be_focused()
        await expect(field).to_have_attribute("aria-invalid", "true")
        assert key not in await page.evaluate(STORED)
        guard.check()


async def test_a_key_that_is_revoked_meanwhile_opens_nothing_more(
    browser: Browser, live: Desk
) -> None:
    """The page says so, and shows nothing any more."""
    key = live.bearer()["Authorization"].removeprefix("Bearer ")
    async with guarded(browser, live.url) as (context, guard):
        page = await signed_in(context, key)
        live.keys.revoke(key.split("_")[1], 5)
        live.book.reload()

        await go(page, hash_of("overview"))

        await expect(page.get_by_role("alert")).to_contain_text("revoked")
        await expect(box(page)).to_have_count(0)
        assert key not in await page.evaluate(STORED)
        guard.check()


async def test_signing_out_forgets_all(page: Page, explorer: Explorer) -> None:
    """Going back shows nobody either."""
    person = explorer.person(explorer.cast.five)
    await go(page, hash_of("person", person))

    await page.get_by_role("button", name="Sign out").click()

    await expect(heading(page, "Sign in")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0
    await page.go_back()
    await expect(heading(page, "Sign in")).to_be_visible()
    assert person not in (await page.locator("body").text_content() or "")
    await expect(box(page)).to_have_count(0)


async def test_only_what_the_key_is_for_is_offered(
    browser: Browser, explorer: Explorer
) -> None:
    """Who follows a link to more is told which verb is missing."""
    async with guarded(browser, explorer.url) as (context, guard):
        page = await signed_in(context, explorer.reading_key)
        offered = page.get_by_role("navigation", name="Views").get_by_role("link")

        await expect(offered).to_have_text(["Search"])
        await go(page, hash_of("overview"))

        await expect(page.locator("main")).to_contain_text(
            "It lacks the verb overview."
        )
        await check_axe(page)
        guard.check()


async def test_a_key_that_may_not_search_begins_elsewhere(
    browser: Browser, live: Desk
) -> None:
    """With the first view that it is for, and without the box."""
    shown = live.bearer(verbs=[Verb.OVERVIEW])["Authorization"]
    async with guarded(browser, live.url) as (context, guard):
        page = await signed_in(context, shown.removeprefix("Bearer "))

        await expect(heading(page, "Overview")).to_be_visible()

        await expect(box(page)).to_have_count(0)
        guard.check()


async def test_a_key_for_all_is_offered_all(page: Page) -> None:
    """And the entry that leads here says so."""
    offered = page.get_by_role("navigation", name="Views").get_by_role("link")

    await expect(offered).to_have_text(["Search", "Overview", "Review"])
    await offered.nth(1).click()

    await expect(heading(page, "Overview")).to_be_visible()
    await expect(offered.nth(1)).to_have_attribute("aria-current", "page")
    await expect(offered.nth(0)).not_to_have_attribute("aria-current", "page")


async def test_who_has_several_businesses_chooses(
    browser: Browser, explorer: Explorer
) -> None:
    """The list stays the one that was looked at, and the address names the business."""
    async with guarded(browser, explorer.url) as (context, guard):
        page = await signed_in(
            context, explorer.both_key, hash_of("review", "refusals")
        )
        chooser = page.get_by_role("banner").get_by_label("Business")
        await expect(chooser).to_have_value("900")

        await chooser.select_option("901")

        await expect(chooser).to_have_value("901")
        await expect(heading(page, "Refusals")).to_be_visible()
        assert page.url.endswith("#/review/refusals?business=901")
        rival = explorer.cast.rival[0]
        await go(page, hash_of("id", str(rival), business="901"))
        await expect(page.locator("h1")).to_contain_text(explorer.person([rival]))
        await go(page, hash_of("id", str(rival), business="900"))
        await expect(heading(page, "Nobody here has that id")).to_be_visible()
        guard.check()


async def test_a_link_to_a_business_of_others_is_told(page: Page) -> None:
    """Nothing is asked of it, so nobody learns whether there is one."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await go(page, hash_of("overview", business="901"))

    await expect(page.locator("h1")).to_contain_text("your key is not for")
    assert not [url for url in asked if "/v1/overview" in url]


async def test_suggestions_come_as_one_types(page: Page, explorer: Explorer) -> None:
    """Arrows choose one, Enter opens it; the focus stays in the box until then."""
    wanted = str(explorer.cast.five[0])
    field = box(page)

    await field.press_sequentially(wanted[:-1])
    options = suggested(page)
    await expect(options.first).to_contain_text(wanted)
    await expect(field).to_have_attribute("aria-expanded", "true")
    await check_axe(page)
    await field.press("ArrowDown")

    await expect(field).to_be_focused()
    await expect(options.first).to_have_attribute("aria-selected", "true")
    chosen = await field.get_attribute("aria-activedescendant")
    assert chosen == await options.first.get_attribute("id")
    await field.press("Enter")
    person = explorer.person(explorer.cast.five)
    await expect(page.locator("h1")).to_contain_text(person)
    await expect(field).to_have_attribute("aria-expanded", "false")


async def test_arrows_go_round_and_escape_closes(page: Page) -> None:
    """Behind the last comes the box itself, then the first."""
    field = box(page)
    await field.press_sequentially("24")
    options = suggested(page)
    await expect(options).to_have_count(8)

    await field.press("ArrowUp")
    await expect(options.last).to_have_attribute("aria-selected", "true")
    await field.press("ArrowDown")
    await expect(field).not_to_have_attribute("aria-activedescendant", "suggestion-7")
    await field.press("ArrowDown")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await field.press("Escape")

    await expect(options).to_have_count(0)
    await expect(field).to_have_value("24")
    await expect(field).to_be_focused()


async def test_a_suggestion_can_be_clicked(page: Page, explorer: Explorer) -> None:
    """Though the box loses the focus by it."""
    wanted = str(explorer.cast.five[0])
    await box(page).press_sequentially(wanted)

    await suggested(page).first.click()

    person = explorer.person(explorer.cast.five)
    await expect(page.locator("h1")).to_contain_text(person)


@pytest.mark.parametrize(
    "written", ["{id}", "  {id}\t", "900/{id}", "{user}", "{person}"]
)
async def test_one_that_is_meant_is_opened_at_once(
    page: Page, explorer: Explorer, written: str
) -> None:
    """However it was copied: from a log, from a topic's key, without its app."""
    scoped, person = str(explorer.cast.five[0]), explorer.person(explorer.cast.five)
    user = scoped.rpartition(":")[2]

    await box(page).fill(written.format(id=scoped, user=user, person=person))
    await box(page).press("Enter")

    await expect(page.locator("h1")).to_contain_text(person)
    await expect(box(page)).to_have_value("")


async def test_an_ended_person_id_leads_to_who_stands_for_it(
    page: Page, explorer: Explorer
) -> None:
    """And the page says that it has ended."""
    await box(page).fill(explorer.ended)
    await box(page).press("Enter")

    await expect(page.locator("main")).to_contain_text(explorer.ended)
    await expect(page.locator("h1")).not_to_contain_text(explorer.ended)


@pytest.mark.parametrize("text", ["app:1:2", "nothing-like-it", "p_" + "0" * 32])
async def test_what_nobody_has_is_told_with_what_can_be_looked_for(
    page: Page, text: str
) -> None:
    """No difference is made between erased, of others, and never seen."""
    await box(page).fill(text)
    await box(page).press("Enter")

    await expect(heading(page, "Nobody here has that id")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("app:647733:1015")
    await expect(page.locator("main")).to_contain_text("which of these is not told")


async def test_long_lists_grow_as_one_asks(page: Page) -> None:
    """The focus goes to the first that is new; at the end there is no button."""
    await go(page, hash_of("search", q="24"))
    rows, more = page.locator("tbody tr"), page.get_by_role("button", name="Show more")
    await expect(rows).to_have_count(100)

    await more.click()

    await expect(rows.nth(100)).to_be_visible()
    await expect(rows.nth(100).get_by_role("link").first).to_be_focused()
    while await more.is_visible():
        await more.click()
        await expect(more).not_to_be_disabled()
    ids = await rows.locator("a.id:not(.clip)").all_text_contents()
    assert len(ids) == len(set(ids)) == await rows.count() > 100


async def test_control_k_leads_to_the_box_from_everywhere(page: Page) -> None:
    """As in other tools; the key is announced."""
    await go(page, hash_of("overview"))

    await page.keyboard.press("Control+k")

    await expect(box(page)).to_be_focused()
    await expect(box(page)).to_have_attribute("aria-keyshortcuts", "Control+K")


async def test_who_types_meanwhile_keeps_the_focus(
    page: Page, explorer: Explorer
) -> None:
    """A view that comes late takes nobody out of the box."""
    typed = asyncio.Event()

    async def answer_late(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await page.route("**/v1/overview*", answer_late)
    await page.evaluate("location.hash = '#/overview'")
    await box(page).focus()
    await page.keyboard.type("24")
    typed.set()

    await expect(page.locator("main [aria-busy]")).to_have_count(0)
    await expect(heading(page, "Overview")).to_be_visible()

    await expect(box(page)).to_be_focused()
    await expect(box(page)).to_have_value("24")


async def test_the_first_stop_of_tab_skips_the_frame(page: Page) -> None:
    """And what it leads to is the content, with the address as it was."""
    before = page.url
    await page.evaluate("document.activeElement.blur()")

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")

    await expect(page.locator("main")).to_be_focused()
    assert page.url == before


@pytest.mark.parametrize("hash_", ["#/nothing/here", "#/constructor", "#/__proto__"])
async def test_a_view_that_there_is_not_is_told(page: Page, hash_: str) -> None:
    """Whatever the address says."""
    await go(page, hash_)

    await expect(heading(page, "There is no such view")).to_be_visible()
    assert (await page.title()).startswith("There is no such view")


async def test_the_theme_is_kept_on_this_device(page: Page) -> None:
    """Also when the page is loaded anew, before anything is drawn."""
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)

    await page.get_by_label("Theme").select_option("dark")
    dark = await page.evaluate(ground)
    await page.reload()
    await settled(page)

    assert light != dark == await page.evaluate(ground)
    await expect(page.get_by_label("Theme")).to_have_value("dark")
    await page.get_by_label("Theme").select_option("auto")
    assert await page.evaluate(ground) == light
    assert await page.evaluate("localStorage.length") == 0


async def test_a_snapshot_is_called_one(page: Page) -> None:
    """So that nobody takes it for what is now."""
    await expect(page.get_by_role("contentinfo")).to_contain_text("From a snapshot")


async def test_the_foot_says_how_far_behind_the_page_is(
    browser: Browser, live: Desk
) -> None:
    """It is looked up again when the page comes to the front."""
    key = live.bearer()["Authorization"].removeprefix("Bearer ")
    live.fresh.append(Freshness(Origin.TOPICS, 1, is_ready=True))
    async with guarded(browser, live.url) as (context, guard):
        page = await signed_in(context, key)
        foot = page.locator("#fresh")
        await expect(foot).to_have_text("1 record behind")

        for behind, told in [(1200, "1,200 records behind"), (0, "Up to date")]:
            live.fresh.append(Freshness(Origin.TOPICS, behind, is_ready=True))
            await page.evaluate(FRONT)
            await expect(foot).to_have_text(told)
        live.fresh.append(Freshness(Origin.TOPICS, None, is_ready=True))
        await page.evaluate(FRONT)
        await expect(foot).to_contain_text("not known now")
        guard.check()


async def test_a_server_that_reads_still_is_told_and_can_be_asked_again(
    browser: Browser, live: Desk
) -> None:
    """Without loading the page anew."""
    key = live.bearer()["Authorization"].removeprefix("Bearer ")
    live.fresh.append(Freshness(Origin.TOPICS, 12, is_ready=False))
    async with guarded(browser, live.url) as (context, _):
        page = await signed_in(context, key)  # answers of 503 are no fault here
        await expect(heading(page, "Not ready yet")).to_be_visible()
        await check_axe(page)

        live.fresh.append(Freshness(Origin.TOPICS, 0, is_ready=True))
        await page.get_by_role("button", name="Try again").click()

        await expect(heading(page, "Who is whom")).to_be_visible()


async def test_a_server_that_is_away_is_told(browser: Browser, tmp_path: Path) -> None:
    """Of each view, and in the foot."""
    async with guarded(browser, "http://127.0.0.1") as (context, _):
        async with desk(tmp_path) as live:
            key = live.bearer()["Authorization"].removeprefix("Bearer ")
            page = await context.new_page()
            await page.goto(f"{live.url}/#key={key}")
            await settled(page)

        await go(page, hash_of("search", q="1"))

        await expect(heading(page, "The server can't be reached.")).to_be_visible()
        await page.evaluate(FRONT)
        await expect(page.locator("#fresh")).to_contain_text("No answer")
