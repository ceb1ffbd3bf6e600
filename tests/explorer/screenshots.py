"""Pictures of the explorer for its document: `make screenshots`.

They show the people of `tests.support.explorer_data`, always the same, at times in UTC.
Where no font, browser or view has changed, neither have the files.
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ViewportSize
from tests.explorer.places import PLACES, Place, hash_of
from tests.support.browser import (
    Explorer,
    explorer_over,
    go,
    guarded,
    launched,
    signed_in,
)
from tests.support.explorer_data import cast, engine_after, erasures, exported, story

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WIDE: ViewportSize = {"width": 1200, "height": 780}
TALL: ViewportSize = {"width": 1200, "height": 1100}


@dataclass(frozen=True)
class Picture:
    """One file."""

    name: str
    view: str
    """The module that draws it."""
    place: Place
    scheme: Literal["light", "dark"] = "light"
    size: ViewportSize = field(default_factory=lambda: WIDE)


def _choosing(explorer: Explorer) -> str:
    five = explorer.cast.five
    return hash_of("person", explorer.person(five), select=str(five[2]))


def _falling_apart(explorer: Explorer) -> str:
    # The 22nd of its events: the bridge between two halves is rejected.
    return hash_of("history", explorer.person(explorer.cast.twelve), at="22")


def _supposing(explorer: Explorer) -> str:
    five = explorer.cast.five
    cut = f"unlink {five[0]} {five[4]}"
    return hash_of("whatif", explorer.person(five), suppose=cut)


PICTURES = (
    Picture("search", "search", PLACES["search results"]),
    Picture("person", "person", _choosing),
    Picture("person-dark", "person", PLACES["person thirty"], "dark"),
    Picture("why", "why", PLACES["why together"]),
    Picture("history", "history", _falling_apart),
    Picture("overview", "overview", PLACES["overview"]),
    Picture("quarantine", "review", PLACES["quarantine"]),
    Picture("what-if", "whatif", _supposing, size=TALL),
)


async def take(
    browser: Browser, explorer: Explorer, picture: Picture, folder: Path
) -> Path:
    """Write *picture* to *folder* and return its path."""
    options = {"color_scheme": picture.scheme, "viewport": picture.size}
    async with guarded(browser, explorer.url, reduced_motion="reduce", **options) as (
        context,
        guard,
    ):
        page = await signed_in(context, explorer.key)
        await go(page, picture.place(explorer))
        path = folder / f"{picture.name}.png"
        await page.screenshot(
            path=path, animations="disabled", caret="hide", scale="css"
        )
        guard.check()
    return path


async def take_all(folder: Path) -> None:
    """Write all pictures to *folder*, which is there."""
    who = cast()
    log = story(who)
    engine = engine_after([*log, *erasures(who, log)])
    with tempfile.TemporaryDirectory() as room:
        export = exported(engine, Path(room) / "export")
        async with (
            launched() as browser,
            explorer_over(export, Path(room) / "keys.json", who) as explorer,
        ):
            for picture in PICTURES:
                path = await take(browser, explorer, picture, folder)
                sys.stdout.write(f"{path} {path.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    asyncio.run(take_all(IMAGES))
