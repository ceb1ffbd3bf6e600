"""The page runs its own scripts alone, and asks its own server alone."""

import pytest
from playwright.async_api import Browser, Page
from tests.explorer.places import PLACES, hash_of
from tests.support.browser import Explorer, go, guarded, signed_in
from tests.support.explorer_data import INJECTED, WILD_TEXT

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}
MARKUP = f"<img src=x onerror={INJECTED}><script>{INJECTED}</script>"


async def test_the_document_comes_with_the_whole_policy(page: Page) -> None:
    """Nothing from elsewhere, nothing inline, no frame around it."""
    answer = await page.goto("/")
    assert answer is not None

    policy = answer.headers["content-security-policy"]

    assert {part.strip() for part in policy.split(";") if part.strip()} == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


REFUSED = {
    "an inline script": (
        "document.head.append(Object.assign(document.createElement('script'),"
        f" {{textContent: '{INJECTED}'}}))"
    ),
    "a text that becomes code": f"setTimeout('{INJECTED}')",
    "a handler in markup": (
        f"document.body.insertAdjacentHTML('beforeend', '<img src=x onerror={INJECTED}>')"
    ),
    "a script from a text": (
        "document.head.append(Object.assign(document.createElement('script'),"
        f" {{src: 'data:text/javascript,{INJECTED}'}}))"
    ),
}


@pytest.mark.parametrize("act", REFUSED.values(), ids=REFUSED.keys())
async def test_what_would_be_injected_is_refused(
    browser: Browser, explorer: Explorer, act: str
) -> None:
    """Were there a hole in the page, the browser would still run nothing."""
    async with guarded(browser, explorer.url) as (context, guard):
        page = await signed_in(context, explorer.key)

        await page.evaluate(f"() => {{ {act} }}")
        await page.wait_for_timeout(300)

        assert await page.evaluate("window.injected") is None
        assert any("Content Security Policy" in each for each in guard.faults)


async def test_ids_and_reasons_stay_text(walker: Page, explorer: Explorer) -> None:
    """Nothing in any view has become an element that it should not be."""
    strange = "main :is(script, iframe, object, embed, img, base, form[action])"
    found = {}

    for name, place in PLACES.items():
        await go(walker, place(explorer))
        handlers = await walker.evaluate(_HANDLERS)
        if handlers or await walker.locator(strange).count():
            found[name] = handlers

    assert found == {}
    assert await walker.evaluate("window.injected") is None


_HANDLERS = """() => [...document.querySelectorAll('*')]
  .flatMap((each) => each.getAttributeNames())
  .filter((name) => name.startsWith('on'))"""


async def test_wild_ids_are_shown_as_they_are(walker: Page, explorer: Explorer) -> None:
    """Every character of them, so that they can be copied."""
    who = explorer.cast.wild

    await go(walker, hash_of("person", explorer.person(who)))

    shown = await walker.locator("main").text_content() or ""
    for scoped in who[:3]:
        assert str(scoped).split(":", 2)[2] in shown


async def test_wild_reasons_are_shown_as_they_are(
    walker: Page, explorer: Explorer
) -> None:
    """What an operator wrote stands among the decisions."""
    await go(walker, PLACES["decisions"](explorer))

    assert WILD_TEXT in (await walker.locator("main").text_content() or "")


@pytest.mark.parametrize("view", ["search", "person", "id", "history", "whatif", "x"])
@pytest.mark.parametrize("where", ["path", "query"])
async def test_an_address_is_text_too(
    walker: Page, explorer: Explorer, view: str, where: str
) -> None:
    """A link that somebody sends can't bring markup or scripts along."""
    names = ("q", "select", "at", "business")
    query = dict.fromkeys(names[:-1], MARKUP) if where == "query" else {}
    parts = (view, MARKUP) if where == "path" else (view,)

    await go(walker, hash_of(*parts, **query))
    await go(walker, hash_of("why", MARKUP, MARKUP))

    assert await walker.evaluate("window.injected") is None
    assert await walker.locator("main :is(script, img)").count() == 0


async def test_the_key_is_in_no_address_and_in_no_document(
    page: Page, explorer: Explorer
) -> None:
    """It was in the link, and is taken out of it at once."""
    assert explorer.key not in page.url
    assert explorer.key not in await page.content()
    kept = await page.evaluate("JSON.stringify({ ...localStorage })")
    assert explorer.key not in kept
    assert await page.evaluate("document.cookie") == ""
