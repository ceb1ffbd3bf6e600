"""The watch over pages sees what it is there for."""

import pytest
from playwright.async_api import Browser, Page
from tests.support.browser import Explorer, guarded, signed_in

ACTS = {
    "an error on the console": "console.error('no')",
    "an error that nobody catches": "setTimeout(() => { throw new Error('no') })",
    "a request elsewhere": "void fetch('http://127.0.0.1:9/').catch(() => {})",
    "an image from elsewhere": "new Image().src = 'http://elsewhere.invalid/a.png'",
    "an inline script": (
        "document.head.append(Object.assign(document.createElement('script'),"
        " {textContent: '1'}))"
    ),
    "an inline style": "document.body.setAttribute('style', 'color: red')",
    "a text that becomes code": "setTimeout('window.injected = 1')",
    "a file that is not there": "void fetch('/explorer/none.js')",
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
async def test_what_no_page_may_do_is_seen(
    browser: Browser, explorer: Explorer, act: str
) -> None:
    """Each of them fails the test in which it happens."""
    async with guarded(browser, explorer.url) as (context, guard):
        page = await signed_in(context, explorer.key)
        guard.check()

        await page.evaluate(f"() => {{ {act} }}")
        await page.wait_for_timeout(300)

        with pytest.raises(AssertionError):
            guard.check()
        assert await page.evaluate("window.injected") is None


async def test_a_page_that_behaves_is_let_be(page: Page) -> None:
    """It is signed in, and there is something to see."""
    assert await page.locator("main h1").count() == 1
