"""Everybody can use the page: by keyboard, by ear, in the dark, enlarged, on paper."""

import pytest
from playwright.async_api import Browser, Page, ViewportSize
from tests.explorer.places import PLACES, Place, hash_of
from tests.support.browser import Explorer, check_axe, go, guarded, settled, signed_in

NARROW: ViewportSize = {"width": 320, "height": 640}
"""1280 pixels at 400 %: what WCAG 1.4.10 asks for."""


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
async def test_axe_finds_nothing(
    walker: Page, explorer: Explorer, place: Place
) -> None:
    """In no view: light, dark, and where there is little room."""
    await walker.emulate_media(reduced_motion="reduce")
    await go(walker, place(explorer))

    await check_axe(walker)
    await walker.emulate_media(color_scheme="dark")
    await check_axe(walker, runOnly=["color-contrast"])
    await walker.set_viewport_size({"width": 360, "height": 740})
    await check_axe(walker)


async def test_nothing_is_cut_off_where_there_is_little_room(
    walker: Page, explorer: Explorer
) -> None:
    """Only tables and drawings may be wider than the window, each in a frame of its own."""
    await walker.set_viewport_size(NARROW)
    wide = {}

    for name, place in PLACES.items():
        await go(walker, place(explorer))
        if await walker.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide[name] = await walker.evaluate(_WIDEST)

    assert wide == {}


_WIDEST = """() => [...document.querySelectorAll('main *, header *, footer *')]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 8)
  .map((each) => `${each.tagName}.${each.className?.baseVal ?? each.className}`)
"""


async def test_each_view_has_one_heading_and_takes_the_focus_there(
    walker: Page, explorer: Explorer
) -> None:
    """And the title says what it is, so that nobody has to look to know where they are."""
    wrong = {}

    for name, place in PLACES.items():
        await go(walker, hash_of("nothing", "at all"))
        before = await walker.title()
        await go(walker, place(explorer))
        title = await walker.title()
        headings = await walker.locator("h1").count()
        focused = await walker.evaluate("document.activeElement.tagName")
        is_new = title != before and title.endswith("idweave")
        if (headings, focused, is_new or name == "no view") != (1, "H1", True):
            wrong[name] = (headings, focused, title)

    assert wrong == {}


async def test_signing_in_needs_no_mouse_and_no_eyes(
    browser: Browser, explorer: Explorer
) -> None:
    """The field has a label, a wrong key is told, a right one opens the page."""
    async with guarded(browser, explorer.url) as (context, guard):
        page = await context.new_page()
        await page.goto("/")
        await settled(page)
        await check_axe(page)
        field = page.get_by_label("API key")
        await field.focus()
        await page.keyboard.type("idk_0_no")
        await page.keyboard.press("Enter")
        await page.get_by_text("opens nothing").wait_for()
        await check_axe(page)

        await page.get_by_label("API key").fill(explorer.key)
        await page.keyboard.press("Enter")

        await page.get_by_role("navigation", name="Views").wait_for()
        guard.check()


async def test_on_paper_are_heading_and_table_but_no_controls(
    page: Page, explorer: Explorer
) -> None:
    """Whoever prints a person gets the person."""
    await go(page, hash_of("person", explorer.person(explorer.cast.five)))

    await page.emulate_media(media="print")

    assert await page.locator("h1").is_visible()
    assert await page.locator("main table").first.is_visible()
    assert await page.locator("main svg").first.is_visible()
    assert not await page.locator("header.top").is_visible()


@pytest.mark.parametrize(
    "name", ["person thirty", "history", "overview", "what-if", "why together"]
)
async def test_nothing_moves_for_who_wants_no_motion(
    browser: Browser, explorer: Explorer, name: str
) -> None:
    """No animation runs, and no transition takes time."""
    options = {"reduced_motion": "reduce"}
    async with guarded(browser, explorer.url, **options) as (context, guard):
        page = await signed_in(context, explorer.key, PLACES[name](explorer))

        moving = await page.evaluate(_MOVING)

        assert moving == []
        guard.check()


_MOVING = """() => [...document.querySelectorAll('*')].filter((each) => {
  const looks = getComputedStyle(each);
  const times = `${looks.transitionDuration},${looks.animationDuration}`.split(',');
  return times.some((time) => parseFloat(time) > 0.01);
}).map((each) => each.tagName + '.' + each.className).slice(0, 9)"""


async def test_every_control_shows_that_it_has_the_focus(
    page: Page, explorer: Explorer
) -> None:
    """Whatever Tab leads to looks otherwise than before."""
    await go(page, hash_of("person", explorer.person(explorer.cast.five)))
    unseen = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        found = await page.evaluate(_FOCUS)
        if found and not found["seen"]:
            unseen.append(found["what"])

    assert unseen == []


_FOCUS = """() => {
  const it = document.activeElement;
  if (it === document.body) return null;
  const looks = () => {
    const marks = [it, ...it.querySelectorAll('*')].map((each) => getComputedStyle(each));
    return marks.map((one) => [one.outlineStyle, one.outlineWidth, one.boxShadow,
      one.stroke, one.strokeWidth, one.borderColor].join()).join(';');
  };
  const before = looks();
  it.blur();
  const after = looks();
  it.focus();
  return { seen: before !== after, what: it.outerHTML.slice(0, 120) };
}"""
