"""The history of a person, step by step."""

from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
from playwright.async_api import Browser, Page
from tests.explorer.asking import asked
from tests.support.browser import Explorer, check_axe, go, guarded, settled, signed_in

_ROWS = "rows => rows.map(row => row.querySelector('th').textContent)"


async def entries(explorer: Explorer, person: str) -> list[dict[str, Any]]:
    """Return what the API tells of *person*."""
    found = await asked(explorer, f"/v1/persons/{person}/history?limit=1000")
    items: list[dict[str, Any]] = found["items"]
    return items


async def shown(page: Page, rows: str = "tr") -> list[str]:
    """Return the ids in the table of the step."""
    found: list[str] = await page.locator(f".step-members tbody {rows}").evaluate_all(
        _ROWS
    )
    return found


def text_of(member: dict[str, str]) -> str:
    """Write a member as the page does."""
    parts = (member["kind"], member.get("asset"), member["value"])
    return ":".join(part for part in parts if part is not None)


async def test_every_event_is_a_step(page: Page, explorer: Explorer) -> None:
    """The last one is shown first, with whoever is the person now."""
    person = explorer.person(explorer.cast.five)
    told = await entries(explorer, person)

    await go(page, f"#/history/{person}")

    assert await page.locator(".told-event").count() == len(told)
    current = page.locator("[aria-current=step] .told-number")
    assert await current.inner_text() == str(len(told))
    assert sorted(await shown(page)) == sorted(map(str, explorer.cast.five))


async def test_each_step_shows_who_was_there_then(
    page: Page, explorer: Explorer
) -> None:
    """At each: the ids of the event's person, what came and what went marked."""
    person = explorer.person(explorer.cast.twelve)
    told = await entries(explorer, person)
    assert any(entry["lost"] for entry in told)

    for number, entry in enumerate(told, start=1):
        await go(page, f"#/history/{person}?at={number}")
        await page.locator(f"[aria-current=step]:has-text('{number}')").wait_for()

        here = await shown(page, "tr:not(.is-went)")
        if entry["gained"] or entry["lost"]:
            members = {text_of(m) for m in entry["event"]["person"]["members"]}
            assert members <= set(here)
            assert set(await shown(page, ".is-came")) == set(entry["gained"])
            assert set(await shown(page, ".is-went")) <= set(entry["lost"])
        assert len(here) == len(set(here))


async def test_the_slider_steps_by_the_keyboard(page: Page, explorer: Explorer) -> None:
    """Its value is told in words, and the address follows, so that a link shows it."""
    person = explorer.person(explorer.cast.five)
    await go(page, f"#/history/{person}?at=1")
    slider = page.get_by_role("slider", name="Step of the history")
    await slider.focus()

    await slider.press("ArrowRight")
    await slider.press("ArrowRight")

    assert page.url.endswith("at=3") or "at=3&" in page.url
    told = await slider.get_attribute("aria-valuetext") or ""
    assert told.startswith("Step 3 of 7: Created")
    await slider.press("End")
    assert await page.get_by_role("button", name="Next").is_disabled()
    await page.go_back()
    await page.go_forward()
    await settled(page)
    assert await slider.get_attribute("aria-valuetext") != told


async def test_a_permalink_opens_its_step(page: Page, explorer: Explorer) -> None:
    """Also after a reload; a step that is none leads to the last."""
    person = explorer.person(explorer.cast.five)

    await go(page, f"#/history/{person}?at=2")
    await page.reload()
    await settled(page)

    current = page.locator("[aria-current=step] .told-number")
    assert await current.inner_text() == "2"
    for wrong in ("0", "99", "-1", "1e400", "x", "2.5"):
        await go(page, f"#/history/{person}?at={wrong}")
        await page.locator("[aria-current=step]:has-text('7')").wait_for()


async def test_it_plays_until_the_end_and_can_be_stopped(
    page: Page, explorer: Explorer
) -> None:
    """From the beginning, if it stood at the end; any other control stops it."""
    await page.clock.install()
    person = explorer.person(explorer.cast.five)
    await go(page, f"#/history/{person}")
    current = page.locator("[aria-current=step] .told-number")

    await page.get_by_role("button", name="Play").click()
    assert await current.inner_text() == "1"
    await page.clock.run_for(3_000)
    assert await current.inner_text() == "3"
    await page.get_by_role("button", name="Back").click()
    await page.clock.run_for(10_000)
    assert await current.inner_text() == "2"

    await page.get_by_role("button", name="Play").click()
    await page.clock.run_for(30_000)
    assert await current.inner_text() == "7"
    assert await page.get_by_role("button", name="Play").is_enabled()


async def test_nothing_plays_where_less_motion_is_wanted(
    browser: Browser, explorer: Explorer
) -> None:
    """One steps by hand."""
    person = explorer.person(explorer.cast.five)
    async with guarded(browser, explorer.url, reduced_motion="reduce") as (
        context,
        guard,
    ):
        page = await signed_in(context, explorer.key, f"#/history/{person}?at=1")

        assert await page.get_by_role("button", name="Play").count() == 0
        await page.get_by_role("button", name="Next").click()
        current = page.locator("[aria-current=step] .told-number")
        assert await current.inner_text() == "2"
        guard.check()


async def test_a_node_of_a_step_says_what_it_is(page: Page, explorer: Explorer) -> None:
    """By keyboard as by mouse; Escape takes it back."""
    person = explorer.person(explorer.cast.five)
    await go(page, f"#/history/{person}")
    node = page.locator(".graph-node").first
    await node.focus()

    await node.press("Enter")

    chosen = page.locator(".step-chosen")
    assert "first seen" in await chosen.inner_text()
    await page.keyboard.press("Escape")
    assert await chosen.inner_text() == ""


async def test_an_absorbed_person_leads_to_the_survivor(
    page: Page, explorer: Explorer
) -> None:
    """And says by which way."""
    person = explorer.person(explorer.cast.five)
    found = await asked(explorer, f"/v1/persons/{person}")
    [ended, *_] = found["person"]["absorbed"]

    await go(page, f"#/history/{ended}")

    assert "has ended" in await page.inner_text("main")
    assert person[:8] in await page.locator("h1").inner_text()
    await page.get_by_text("persons ended in this one").click()
    assert await page.locator(".absorbed a").count() >= 1


async def test_who_is_gone_has_a_history_without_ids(
    page: Page, explorer: Explorer
) -> None:
    """That there was somebody, and when; at no step an id."""
    audit = await gone(explorer)

    await go(page, f"#/history/{audit}")

    assert "Nothing is left of this person" in await page.inner_text("main")
    steps = await page.locator(".told-event").count()
    assert steps >= 2
    for number in range(steps):
        await page.locator(".told-event").nth(number).click()
        text = await page.content()
        assert not any(str(each) in text for each in explorer.cast.forgotten)
    await check_axe(page)


async def gone(explorer: Explorer) -> str:
    """Return the person id of whom all is erased: it is told by the changes alone."""
    headers = {"Authorization": f"Bearer {explorer.key}"}
    async with (
        aiohttp.ClientSession(explorer.url) as http,
        http.get("/v1/changes?after=start", headers=headers) as stream,
    ):
        async for line in stream.content:
            if not line.startswith(b"data: "):
                continue
            event = orjson.loads(line[6:])
            person = event.get("person")
            if event["type"] == "erased" and person and not person["members"]:
                name: str = person["id"]
                return name
    msg = "nobody was erased"
    raise AssertionError(msg)


async def test_wild_ids_stay_text_at_every_step(page: Page, explorer: Explorer) -> None:
    """Nothing of them is taken for markup or for a path."""
    person = explorer.person(explorer.cast.wild)
    await go(page, f"#/history/{person}")

    for number in range(await page.locator(".told-event").count()):
        await page.locator(".told-event").nth(number).click()
    links = await page.locator(".step-members th a").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )

    assert await page.evaluate("window.injected") is None
    found = sorted(href.split("?")[0] for href in links)
    bare = "!'()*~"  # what encodeURIComponent leaves
    ids = [quote(str(each), safe=bare) for each in explorer.cast.wild]
    assert found == sorted(f"#/id/{each}" for each in ids)
    await check_axe(page)


async def test_a_person_too_large_to_draw_is_told_in_the_table(
    page: Page, explorer: Explorer
) -> None:
    """With all of their ids."""
    person = explorer.person(explorer.cast.large)

    await go(page, f"#/history/{person}")

    assert len(await shown(page)) == 320
    assert "too many for a drawing" in await page.inner_text(".step-graph")


async def test_a_step_is_announced_once(page: Page, explorer: Explorer) -> None:
    """A button's step by the page; the slider's by the slider itself."""
    person = explorer.person(explorer.cast.five)
    await go(page, f"#/history/{person}?at=1")
    announcer = page.locator("#announcer")

    await page.get_by_role("button", name="Next").click()
    told = await announcer.inner_text()
    slider = page.get_by_role("slider", name="Step of the history")
    await slider.focus()
    await slider.press("ArrowRight")

    assert told.startswith("Step 2 of 7. A person is seen for the first time")
    assert await announcer.inner_text() == told
    value = await slider.get_attribute("aria-valuetext") or ""
    assert value.startswith("Step 3 of 7")


async def test_the_focus_stays_where_a_button_is_of_no_more_use(
    page: Page, explorer: Explorer
) -> None:
    """At the last step the slider has it, not the page."""
    person = explorer.person(explorer.cast.five)
    await go(page, f"#/history/{person}?at=6")
    button = page.get_by_role("button", name="Next")
    await button.focus()

    await button.press("Enter")

    slider = page.get_by_role("slider", name="Step of the history")
    assert await button.is_disabled()
    assert await slider.evaluate("one => one === document.activeElement")
