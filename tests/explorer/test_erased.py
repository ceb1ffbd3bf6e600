"""An erased id is in no page, whatever it stood in before."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Response
from tests.explorer.places import hash_of
from tests.support.browser import Explorer, explorer_over, go, guarded, signed_in
from tests.support.explorer_data import (
    GAME,
    HELP,
    Cast,
    Teller,
    cast,
    engine_after,
    erasures,
    exported,
)

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import EvidenceKind
from idweave_graph.ids import ScopedId
from idweave_graph.messages import LogMessage, RefusalReason

STRANGER = ScopedId(HELP, "24880000000001")


def known(who: Cast) -> list[LogMessage]:
    """Two of whom much is known, so that their ids stand in views of all kinds."""
    teller = Teller()
    for members in (who.gone, who.thinned):
        scoped = [each for each in members if isinstance(each, ScopedId)]
        teller.seen(*scoped)
        teller.chained(members)
    teller.seen(STRANGER)
    for members in (who.gone, who.thinned):
        first, last = members[0], members[-1]
        assert isinstance(first, ScopedId)
        assert isinstance(last, ScopedId)
        teller.proved((EvidenceKind.IDS_FOR_PAGES, last, STRANGER))
        teller.banned(last, STRANGER, "two sisters")
        teller.decided(Verdict.LINK, first, last, "she said so")
        teller.refused(RefusalReason.UNKNOWN_ASSET, last, GAME)
    return teller.log


@dataclass
class Looking:
    """What one went through all views and saw, and what the server sent for it."""

    seen: dict[str, str] = field(default_factory=dict)
    """The whole document, by view."""
    sent: list[str] = field(default_factory=list)

    async def through(self, page: Page, places: dict[str, str]) -> None:
        answers: list[Response] = []

        def take(answer: Response) -> None:
            answers.append(answer)

        page.on("response", take)
        for name, place in places.items():
            await go(page, place)
            self.seen[name] = await page.content()
        page.remove_listener("response", take)
        self.sent += [await each.text() for each in answers if "/v1/" in each.url]


def views_of(explorer: Explorer, persons: dict[str, str]) -> dict[str, str]:
    """Views whose address names no id: what stands in them comes from the data."""
    about = {
        f"{view} {name}": hash_of(view, person)
        for name, person in persons.items()
        for view in ("person", "history", "whatif")
    }
    lists = {
        name: hash_of("review", name)
        for name in ("quarantine", "refusals", "decisions", "erasures")
    }
    who = explorer.cast
    several = hash_of("search", q=who.gone[0].user[:6])  # type: ignore[union-attr]
    return {
        **about,
        **lists,
        "overview": hash_of("overview"),
        "search": several,
        "search of the rest": hash_of("search", q="24"),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def before(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Explorer]:
    """A server over what was known."""
    folder, who = tmp_path_factory.mktemp("before"), cast()
    exported(engine_after(known(who)), folder / "export")
    async with explorer_over(folder / "export", folder / "keys.json", who) as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def after(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Explorer]:
    """A server over the same, after two erasures."""
    folder, who = tmp_path_factory.mktemp("after"), cast()
    log = known(who)
    exported(engine_after([*log, *erasures(who, log)]), folder / "export")
    async with explorer_over(folder / "export", folder / "keys.json", who) as served:
        yield served


async def test_an_erased_id_is_in_no_view(
    browser: Browser, before: Explorer, after: Explorer
) -> None:
    """Nor in anything that the server sends for one; before, it was in most."""
    who = before.cast
    persons = {"gone": before.person(who.gone), "thinned": before.person(who.thinned)}
    erased = [str(each).rpartition(":")[2] for each in who.forgotten]

    then = Looking()
    async with guarded(browser, before.url) as (context, guard):
        page = await signed_in(context, before.key)
        await then.through(page, views_of(before, persons))
        guard.check()
    now = Looking()
    async with guarded(browser, after.url) as (context, guard):
        page = await signed_in(context, after.key)
        await now.through(page, views_of(after, persons))
        guard.check()

    had = [name for name, text in then.seen.items() if _any(erased, text)]
    assert {"person gone", "history gone", "person thinned", "history thinned"} <= {
        *had
    }
    assert {"refusals", "decisions", "search"} <= {*had}
    assert [name for name, text in now.seen.items() if _any(erased, text)] == []
    assert not [text for text in now.sent if _any(erased, text)]
    assert str(who.thinned[0]).rpartition(":")[2] in now.seen["person thinned"]


async def test_an_erased_id_is_nobodys(browser: Browser, after: Explorer) -> None:
    """As one that nobody ever had: the page says no more of it than of that one."""
    told = []
    async with guarded(browser, after.url) as (context, guard):
        page = await signed_in(context, after.key)
        for user in (after.cast.gone[0].user, "24000000000000"):  # type: ignore[union-attr]
            await go(page, hash_of("id", f"app:647733:{user}"))
            text = await page.locator("main").inner_text()
            told.append(text.replace(user, "…"))
        guard.check()

    assert told[0] == told[1]


def _any(erased: list[str], text: str) -> bool:
    return any(each in text for each in erased)
