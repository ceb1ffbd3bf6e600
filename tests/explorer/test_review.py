"""Quarantine, refusals, decisions and erasures: what the API lists, as cases."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route
from tests.adapters.api.desk import desk
from tests.explorer.asking import asked, key_of
from tests.support.browser import (
    Explorer,
    check_axe,
    go,
    guarded,
    settled,
    signed_in,
)
from tests.support.explorer_data import WILD_TEXT

LISTS = ("quarantine", "refusals", "decisions", "erasures")


@pytest.mark.parametrize("name", LISTS)
async def test_each_entry_is_a_case(page: Page, explorer: Explorer, name: str) -> None:
    """As many as the API lists, each with a sentence and a time; the list says so."""
    told = (await asked(explorer, f"/v1/{name}"))["items"]
    assert told

    await go(page, f"#/review/{name}")

    cases = page.locator(".case")
    assert await cases.count() == len(told)
    assert await cases.locator("time").count() >= len(told)
    sentences = await cases.locator("> p").all_inner_texts()
    assert len(sentences) == len(told)
    assert "That is all." in await page.inner_text(".cases-status")
    await check_axe(page)


async def test_a_case_in_quarantine_names_both_sides_and_the_contradiction(
    page: Page, explorer: Explorer
) -> None:
    """Which two ids of one Page a person would have."""
    cast = explorer.cast
    shop, stranger = str(cast.torn[0]), str(cast.stranger)
    await go(page, "#/review/quarantine")

    case = page.locator(".case").filter(has_text=shop)

    assert "two ids of Page 300451" in await case.locator("h2").inner_text()
    assert f"one person would have {cast.torn[1]} and {stranger}" in (
        await case.locator("p").first.inner_text()
    )
    sides = await case.locator(".side-id").all_inner_texts()
    assert sides == [shop, stranger]
    whose = await case.locator(".side-person a").first.get_attribute("href")
    assert explorer.person(cast.torn) in (whose or "")


async def test_the_evidence_of_both_sides_is_read_on_demand(
    page: Page, explorer: Explorer
) -> None:
    """And what an operator has said about the two."""
    await go(page, "#/review/quarantine")
    [one, two] = map(str, explorer.cast.parted)
    case = page.locator(".case").filter(has_text=one).filter(has_text=two)

    await case.get_by_text("Evidence of both sides").click()
    await case.get_by_text("What was said about the two").click()

    await case.get_by_text("two sisters with one phone").wait_for()
    await case.get_by_text("Evidence of p_").first.wait_for()
    await check_axe(page)


async def test_a_command_holds_both_ids_who_and_why(
    page: Page, explorer: Explorer
) -> None:
    """Ids on stdin, so in no list of processes; texts are quoted for a shell."""
    await go(page, "#/review/quarantine")
    shop, stranger = str(explorer.cast.torn[0]), str(explorer.cast.stranger)
    case = page.locator(".case").filter(has_text=shop)
    await case.get_by_text("Decide: commands to copy").click()
    await case.get_by_label("Your name").fill("Ada O'Neill")
    await case.get_by_label("Reason, without ids").fill("$(reboot); it's `she`")

    accept, reject = await case.locator("pre").all_inner_texts()

    for verdict, command in (("accept", accept), ("reject", reject)):
        found = await said(command)
        assert found == [
            ["quarantine", verdict, "-", "-"],
            ["--author=Ada O'Neill", "--reason=$(reboot); it's `she`"],
            [shop, stranger],
        ]


async def said(command: str) -> list[list[str]]:
    """Let a real shell read *command*, and tell what `idweave` would have got."""
    program = 'idweave() { printf "%s\\0" "$@" "--"; cat; }\n'
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", program + command, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await shell.communicate()
    assert shell.returncode == 0
    arguments, _, lines = out.decode().partition("\0--\0")
    parts = arguments.split("\0")
    return [parts[:4], parts[4:], lines.splitlines()]


async def test_what_an_operator_wrote_stays_text(page: Page) -> None:
    """Whatever it looks like."""
    await go(page, "#/review/decisions")

    assert await page.get_by_text(WILD_TEXT, exact=True).count() == 2
    assert await page.evaluate("window.injected") is None
    assert await page.locator("main img").count() == 0


@pytest.mark.parametrize(
    ("name", "only", "field"),
    [
        ("refusals", "stale-epoch", lambda item: item["refusal"]["reason"]),
        ("decisions", "banned", lambda item: item["type"]),
        ("erasures", "erase-person", lambda item: item["what"]),
        ("quarantine", "ids_for_pages", lambda item: item["proof"]["kind"]),
    ],
)
async def test_a_filter_shows_its_kind_alone(
    page: Page, explorer: Explorer, name: str, only: str, field: Any
) -> None:
    """As many as there are; the address keeps it, so a link shows the same."""
    items = (await asked(explorer, f"/v1/{name}"))["items"]
    wanted = sum(field(item) == only for item in items)
    assert 0 < wanted < len(items)
    await go(page, f"#/review/{name}")

    await page.get_by_label("Show").select_option(only)

    status = page.locator(".cases-status", has_text=f"among {len(items)}")
    await status.wait_for()
    assert await page.locator(".case").count() == wanted
    assert f"only={only}" in page.url
    await page.reload()
    await settled(page)
    assert await page.locator(".case").count() == wanted


async def test_a_list_is_read_on_where_it_ended(page: Page, explorer: Explorer) -> None:
    """Nothing twice, nothing left out; the focus goes to the first that is new."""
    whole = (await asked(explorer, "/v1/refusals"))["items"]

    await page.route("**/v1/refusals*", shorter)
    await go(page, "#/review/refusals")
    assert await page.locator(".case").count() == 10

    counts: list[int] = []
    while await page.get_by_role("button", name="Show more").is_visible():
        await page.get_by_role("button", name="Show more").click()
        more = min(10 * (len(counts) + 2), len(whole))
        await page.locator(f".case:nth-child({more})").wait_for()
        counts.append(await page.locator(".case").count())
        first = page.locator(f".case:nth-child({10 * len(counts) + 1}) h2")
        assert await first.evaluate("one => one === document.activeElement")

    assert counts[-1] == len(whole)
    ids = await page.locator(".case .side-id").all_inner_texts()
    assert len(set(ids[::2])) == len(whole)


async def test_an_empty_list_says_what_that_means(
    browser: Browser, tmp_path: Path
) -> None:
    """Not just that it is empty."""
    async with desk(tmp_path) as empty, guarded(browser, empty.url) as (context, guard):
        page = await signed_in(context, key_of(empty))
        for name in LISTS:
            await go(page, f"#/review/{name}")

            text = await page.inner_text(".cases-status")
            assert text.startswith(("Nothing", "No link", "Nobody"))
            assert await page.locator(".cases").is_hidden()
        guard.check()


async def test_a_page_that_can_not_be_read_is_asked_for_again(
    browser: Browser, explorer: Explorer
) -> None:
    """What was read stays, and why there is no more is told."""
    async with guarded(browser, explorer.url) as (context, _):
        page = await signed_in(context, explorer.key)
        await page.route("**/v1/refusals*", shorter)
        await go(page, "#/review/refusals")
        await context.set_offline(True)

        await page.get_by_role("button", name="Show more").click()
        await page.get_by_text("That could not be read").wait_for()
        assert await page.locator(".case").count() == 10
        await context.set_offline(False)
        await page.get_by_role("button", name="Show more").click()
        await page.locator(".case:nth-child(20)").wait_for()


async def shorter(route: Route) -> None:
    """Let a page be of ten."""
    await route.continue_(url=route.request.url.replace("limit=50", "limit=10"))


async def test_no_erasure_names_an_id(page: Page, explorer: Explorer) -> None:
    """Of whom it was, the audit says nothing."""
    await go(page, "#/review/erasures")

    text = await page.inner_text("main")

    assert not any(str(each) in text for each in explorer.cast.forgotten)
    assert "Erasure of a whole person" in text
