"""The explorer's document shows every view as it is."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.async_api import Browser
from tests.explorer.screenshots import IMAGES, PICTURES, take
from tests.support.browser import Explorer

DOCUMENT = Path(__file__).parents[2] / "docs" / "explorer.md"
MOST_BYTES = 300_000
"""A picture that everybody fetches with the sources."""


def test_every_picture_in_the_document_is_there() -> None:
    """And none lies around that it does not show."""
    shown = re.findall(r"!\[[^]]{20,}\]\(images/([\w-]+)\.png\)", DOCUMENT.read_text())

    assert sorted(shown) == sorted(picture.name for picture in PICTURES)
    assert {f"{name}.png" for name in shown} == {each.name for each in IMAGES.iterdir()}


def test_every_view_has_a_picture() -> None:
    """One of them in the dark."""
    modules = files("idweave_adapters.explorer") / "page" / "js" / "views"
    names = (entry.name for entry in modules.iterdir() if entry.is_file())
    views = {name.removesuffix(".js") for name in names}

    assert {picture.view for picture in PICTURES} == views
    assert "dark" in {picture.scheme for picture in PICTURES}


@pytest.mark.parametrize("path", sorted(IMAGES.glob("*.png")), ids=lambda it: it.name)
def test_pictures_are_small(path: Path) -> None:
    """They are PNG files, and no burden."""
    content = path.read_bytes()

    assert content.startswith(b"\x89PNG")
    assert len(content) < MOST_BYTES


async def test_a_picture_can_be_taken_anew(
    browser: Browser, explorer: Explorer, tmp_path: Path
) -> None:
    """Twice the same, byte for byte: a picture changes only with what it shows."""
    [picture] = [each for each in PICTURES if each.name == "why"]

    one = (await take(browser, explorer, picture, tmp_path)).read_bytes()
    two = (await take(browser, explorer, picture, tmp_path)).read_bytes()

    assert one == two
