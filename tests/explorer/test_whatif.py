"""The question of what would come: asked in a real browser, and nothing is changed."""

from typing import Any

from playwright.async_api import Page
from tests.explorer.places import hash_of
from tests.support.browser import Explorer, check_axe, go, settled

from idweave_graph.ids import Member


def place_of(explorer: Explorer, name: str, *words: object) -> str:
    """The permalink of a question about somebody of the cast."""
    person = explorer.person(getattr(explorer.cast, name))
    text = " ".join(map(str, words))
    return hash_of("whatif", person, **({"suppose": text} if text else {}))


async def stated(page: Page, action: str, one: Member | str, two: Member | str) -> None:
    """State a change and ask, with the keyboard alone."""
    await page.get_by_label("What", exact=True).select_option(action)
    await page.get_by_label("First id").fill(str(one))
    await page.get_by_label("Second id").fill(str(two))
    await page.get_by_label("Second id").press("Enter")


async def result(page: Page) -> Any:
    heading = page.get_by_role("heading", name="What would happen")
    await heading.wait_for()
    await settled(page)
    return heading


async def test_a_cut_tells_who_would_be_who(page: Page, explorer: Explorer) -> None:
    """Events in words, both graphs, both tables, and the command to copy."""
    one, two = explorer.cast.pair[:2]
    await go(page, place_of(explorer, "pair"))

    await stated(page, "unlink", one, two)
    heading = await result(page)

    assert await heading.evaluate("it => it === document.activeElement")
    told = await page.locator(".whatif-told").inner_text()
    assert "The decision would be on record." in told
    assert "A person would fall apart" in told
    assert str(one) in told
    assert "idweave unlink - -" in told
    before, after = (
        page.locator(".whatif-graph").nth(0),
        page.locator(".whatif-graph").nth(1),
    )
    assert await before.locator(".graph-frame .graph-line.is-gone").count() == 1
    assert await after.locator(".graph-frame .graph-line").count() == 0
    rows = page.get_by_role("table", name="Ids before and after").locator("tbody tr")
    texts = [await row.inner_text() for row in await rows.all()]
    assert len(texts) == 2
    assert sorted(text.split("\t")[-1] for text in texts) == ["leaves", "stays"]
    announced = await page.locator("#announcer").inner_text()
    assert "events would come" in announced


async def test_the_address_holds_the_question(page: Page, explorer: Explorer) -> None:
    """Opened again it gives the same answer; back takes the last change away."""
    one, two = explorer.cast.pair[:2]
    await go(page, place_of(explorer, "pair"))
    await stated(page, "unlink", one, two)
    await result(page)
    first = await page.locator(".whatif-told").inner_text()

    await page.reload()
    await result(page)
    assert await page.locator(".whatif-told").inner_text() == first

    await stated(page, "ban", one, two)
    await page.locator(".whatif-outcomes > li").nth(1).wait_for()
    await page.go_back()
    await page.wait_for_function(
        "document.querySelectorAll('.whatif-outcomes > li').length === 1"
    )
    assert await page.locator(".whatif-told").inner_text() == first


async def test_a_link_with_another_person_merges_both(
    page: Page, explorer: Explorer
) -> None:
    """The other one's id is typed; the person id that ends is told."""
    await go(page, place_of(explorer, "lone"))

    await stated(page, "link", explorer.cast.lone[0], explorer.cast.five[1])
    await result(page)

    text = await page.locator(".whatif-answer").inner_text()
    assert "would go into quarantine" in text or "Persons would become one" in text


async def test_ids_are_taken_from_graph_and_lines(
    page: Page, explorer: Explorer
) -> None:
    """A node fills the field that is free, a line both and the withdrawal."""
    await go(page, place_of(explorer, "pair"))

    await page.locator(".graph-frame .graph-line").first.focus()
    await page.keyboard.press("Enter")

    ids = {
        await page.get_by_label("First id").input_value(),
        await page.get_by_label("Second id").input_value(),
    }
    assert ids == {str(each) for each in explorer.cast.pair}
    assert await page.get_by_label("What", exact=True).input_value() == "unlink"


async def test_what_is_refused_is_told(page: Page, explorer: Explorer) -> None:
    """Ids of nobody here, of another business, and what no command does."""
    mine = explorer.cast.pair[0]
    await go(page, place_of(explorer, "pair", "link", mine, explorer.cast.rival[0]))
    await page.get_by_role("alert").get_by_text("nobody's in this business").wait_for()

    await go(page, place_of(explorer, "pair", "link", mine, mine))
    await result(page)
    told = await page.locator(".whatif-told").inner_text()
    assert "No command does this: the two ids must differ." in told
    assert "Nothing would change." in told

    await go(page, place_of(explorer, "pair"))
    await stated(page, "link", "nonsense", mine)
    assert await page.get_by_label("First id").get_attribute("aria-invalid") == "true"
    await check_axe(page)


async def test_everybody_can_use_the_answer(page: Page, explorer: Explorer) -> None:
    """axe finds nothing in either theme; wild ids stay text; on paper is the answer."""
    wild = explorer.cast.wild
    for place in (
        place_of(explorer, "five", "ban", *explorer.cast.five[:2]),
        place_of(explorer, "wild", "unlink", wild[0], wild[4]),
    ):
        await page.emulate_media(color_scheme="light", media="screen")
        await go(page, place)
        await result(page)
        await check_axe(page)
        await page.emulate_media(color_scheme="dark")
        await check_axe(page)
        assert await page.evaluate("window.injected") is None
        await page.set_viewport_size({"width": 320, "height": 640})
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        await page.set_viewport_size({"width": 1280, "height": 900})
        await page.emulate_media(media="print")
        assert not await page.locator(".whatif-form").is_visible()
        assert await page.get_by_role("table", name="Ids before and after").is_visible()
