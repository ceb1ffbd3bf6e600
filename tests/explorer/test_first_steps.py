"""The README's way of a new user, step by step: demo, page, why, export, SQL, graph."""

# ruff: noqa: S603, S607 - our own program, and the shell
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page
from tests.streams.api.test_explore import explored
from tests.support.browser import check_axe, guarded, settled

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
SET_UP = ("pip install --editable '.[analysts]'", ". .venv/bin/activate")
"""Done for the tests already."""


@dataclass(frozen=True)
class Demo:
    """What the demo left, and what it named."""

    folder: Path
    business: str
    one: str
    two: str
    env: dict[str, str]


def chapter() -> tuple[str, list[str], str]:
    """The text of the chapter, its commands, and its Python."""
    _, _, rest = README.partition("## Look at it\n")
    text = rest.split("\n## ")[0]
    commands, python = re.findall(r"```\w*\n(.*?)```", text, flags=re.DOTALL)
    lines = [line.partition("  #")[0].strip() for line in commands.splitlines()]
    return text, [line for line in lines if line not in SET_UP], python


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A small demo without Kafka, as a pipe sees it."""
    here = tmp_path_factory.mktemp("demo")
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "TMPDIR": str(here), "PATH": path}
    told = subprocess.run(
        ["idweave", "demo", "--in-process", "--events", "1500", "--seconds", "2"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    why = re.search(r"idweave why --from (\S+) (\S+) (\S+)\n", told)
    assert why is not None, told
    folder, one, two = why.groups()
    answer = subprocess.run(
        ["idweave", "why", "--from", folder, one, two],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    business = re.search(r"of business (\d+)", answer)
    assert business is not None
    names = {"FOLDER": folder, "ONE": one, "TWO": two}
    return Demo(Path(folder), business[1], one, two, {**env, **names})


def test_the_commands_do_what_is_said(demo: Demo, tmp_path: Path) -> None:
    """As a shell reads them, one after the other; then the Python."""
    _, commands, python = chapter()
    explore, why, *others = commands
    assert explore == 'idweave explore "$FOLDER"'  # the page has a test of its own

    told = [shell(command, demo, tmp_path) for command in (why, *others)]
    counted = subprocess.run(
        [sys.executable, "-c", python],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert f"{demo.one} and {demo.two} are one person" in told[0]
    sizes = [line.split() for line in told[-1].splitlines()[1:]]
    persons = sum(int(many) for _, many in sizes)
    assert persons > 1
    assert counted == f"{persons} persons\n"


def shell(command: str, demo: Demo, here: Path) -> str:
    """What *command* prints, in *here*."""
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=here,
        env=demo.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_page_shows_what_is_said(browser: Browser, demo: Demo) -> None:
    """Search, person, proof, why, history, and the views of the whole business."""
    with explored(demo.folder) as (url, key):
        async with guarded(browser, url) as (context, guard):
            page = await context.new_page()
            await page.goto(f"{url}/#key={key}/search?business={demo.business}")
            await settled(page)
            assert "key=" not in page.url

            await person_is_found(page, demo)
            await why_is_told(page, demo)
            await business_is_told(page)
            guard.check()


async def business_is_told(page: Page) -> None:
    """In numbers, and in lists of what somebody should look at, none of them empty."""
    text, _, _ = chapter()
    for name in ("Overview", "Review"):
        assert f"*{name}*" in text
        views = page.get_by_role("navigation", name="Views")
        await views.get_by_role("link", name=name).click()
        await settled(page)
    lists = page.get_by_role("navigation", name="Lists to review").get_by_role("link")
    for name in await lists.all_inner_texts():
        assert name.lower() in text
        await lists.get_by_text(name, exact=True).click()
        await page.get_by_role("heading", name=name, exact=True).wait_for()
        await page.locator("ol.cases > li").first.wait_for()


async def person_is_found(page: Page, demo: Demo) -> None:
    """By the search box; as a graph and as a table, and with the proofs of an id."""
    await page.get_by_role("combobox", name="Search for any id").fill(demo.one)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Person p_").wait_for()
    await settled(page)

    value = demo.one.rpartition(":")[2]
    await page.locator("svg text", has_text=value).first.wait_for()
    await page.get_by_role("row").filter(has_text=value).first.wait_for()
    assert "ids for" in await page.locator("main").inner_text()
    await check_axe(page)


async def why_is_told(page: Page, demo: Demo) -> None:
    """From two ids of the person, by the buttons that the README names; then history."""
    text, _, _ = chapter()
    person = page.url
    for member, button in (
        (demo.one, "Choose for why"),
        (demo.two, "Why with the chosen id"),
    ):
        assert f"*{button}*" in text
        value = member.rpartition(":")[2]
        row = page.get_by_role("row").filter(has_text=value).first
        await row.get_by_text(value).click()
        await page.get_by_role("button", name=button).click()
    await page.get_by_role("heading", name="Why one person, or two").wait_for()
    await settled(page)
    assert "one person" in await page.locator(".why-answer").inner_text()

    for name in ("What if …", "History"):
        assert f"*{name}*" in text
        await page.goto(person)
        await settled(page)
        await page.get_by_role("link", name=name).click()
        await settled(page)
        assert urlsplit(page.url).fragment.split("/")[1] in {"history", "whatif"}
