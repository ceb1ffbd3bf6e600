"""What people come for, from the search to the history, without a mouse."""

from playwright.async_api import Locator, Page, expect
from tests.support.browser import Explorer, settled


async def tabbed_to(page: Page, wanted: Locator, most: int = 120) -> None:
    """Press Tab until *wanted* has the focus, as somebody does who has no mouse."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead there: {wanted}")


async def test_from_an_id_to_person_reasons_and_history(
    page: Page, explorer: Explorer
) -> None:
    """Tab, Enter and arrow keys are enough, and nothing is ever clicked."""
    one, two = explorer.cast.five[0], explorer.cast.five[2]
    person = explorer.person(explorer.cast.five)

    await tabbed_to(page, page.locator("header.top").get_by_role("combobox"))
    await page.keyboard.type(str(one))
    await page.keyboard.press("Enter")
    await expect(page.locator("main h1")).to_contain_text("Person")
    await settled(page)

    await _open_a_node(page)
    for member in (one, two):
        await _choose(page, str(member).rpartition(":")[2])
    await expect(page.locator(".verdict")).to_contain_text("are one person, because")
    await settled(page)

    await tabbed_to(page, page.locator("main").get_by_role("link", name=person))
    await page.keyboard.press("Enter")
    await expect(page.locator("main h1")).to_contain_text("Person")
    await settled(page)
    await tabbed_to(page, page.get_by_role("link", name="History", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.locator("main h1")).to_contain_text("History")
    await settled(page)
    slider = page.get_by_role("slider")
    await tabbed_to(page, slider)
    last = await slider.input_value()
    await page.keyboard.press("ArrowLeft")

    assert int(await slider.input_value()) == int(last) - 1


async def _open_a_node(page: Page) -> None:
    node = page.locator(".graph-node[tabindex='0']").first
    await tabbed_to(page, node)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Close")).to_be_visible()
    await page.keyboard.press("Escape")


async def _choose(page: Page, user: str) -> None:
    row = page.get_by_role("table", name="Ids").get_by_text(user)
    await tabbed_to(page, row)
    await page.keyboard.press("Enter")
    await tabbed_to(page, page.locator(".for-why"))
    await page.keyboard.press("Enter")
