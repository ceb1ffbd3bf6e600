"""A person is shown as a graph and as tables that say the same, by mouse and by keyboard."""

import re
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from tests.explorer.places import hash_of
from tests.support.browser import (
    Explorer,
    check_axe,
    go,
    guarded,
    settled,
    signed_in,
)

from idweave_graph.ids import Member

_OVERLAPS: Final = """() => {
  const texts = [...document.querySelectorAll('.node-label, .lane-title')];
  const boxes = texts.map((each) => [each.textContent, each.getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.flatMap(([one, a], n) => boxes.slice(n + 1)
    .filter(([, b]) => meet(a, b)).map(([two]) => `${one} / ${two}`));
}"""
"""Texts of the drawing that lie on each other."""

_MODULE: Final = """const module = (name) => import(performance.getEntriesByType('resource')
  .map((each) => each.name).find((each) => each.endsWith('/js/' + name)));"""

_STROLL: Final = (
    """async () => {"""
    + _MODULE
    + """
  const { graphModel } = await module('draw/model.js');
  const { laidOut } = await module('draw/layout.js');
  const { stepped } = await module('draw/keys.js');
  const rows = [...document.querySelectorAll('.sortable tbody tr')].map((row) => row.dataset.key);
  const ends = rows.filter((key) => key.includes(' ')).map((key) => key.split(' '));
  const model = graphModel(rows.filter((key) => !key.includes(' ')),
    ends.map(([a, b], n) => ({ kind: 'manual', a, b, at_ms: n, epochs: [1, 1], cause: {} })));
  laidOut(model);
  const name = (stand) => `${stand.line?.id ?? ''}|${stand.node.id}`;
  const seen = new Map([[name({ node: model.nodes[0] }), { node: model.nodes[0] }]]);
  for (const stand of seen.values()) {
    for (const key of ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']) {
      const next = stepped(model, stand, key);
      if (next) seen.set(name(next), next);
    }
  }
  const met = new Set([...seen.values()].map((stand) => (stand.line ?? stand.node).id));
  return [...model.nodes, ...model.lines].filter((each) => !met.has(each.id)).map((each) => each.id);
}"""
)
"""What no arrow key leads to, from the first node on."""

_LARGEST: Final = (
    """async (many) => {"""
    + _MODULE
    + """
  const { drawGraph } = await module('draw/graph.js');
  const members = Array.from({ length: many }, (_, n) => n % 9 === 8
    ? `code:${String(n).padStart(32, 'abc')}`
    : `${n % 3 ? 'app' : 'page'}:${100000000000000 + n}:${20000000000000000 + n * 977}`);
  const proofs = members.slice(1).map((b, n) => ({ kind: 'ids_for_apps', a: members[n >> 2], b,
    at_ms: n, epochs: [1, 1], cause: {} }));
  const place = document.querySelector('.person-graph');
  drawGraph(place, { members, proofs });
  return [place.querySelectorAll('.graph-node').length, place.querySelectorAll('.graph-line[data-id]').length];
}"""
)
"""Draw so many members."""


def node(page: Page, member: Member | str) -> Locator:
    """The node of a member."""
    return page.locator(f".graph-node[data-id='{member}']")


def row(page: Page, member: Member | str) -> Locator:
    """The row of a member."""
    return page.locator(f".sortable tr[data-key='{member}']")


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Evidence")


async def opened(page: Page, explorer: Explorer, name: str, **query: str) -> str:
    """Open somebody of the cast; return the person id."""
    person = explorer.person(getattr(explorer.cast, name))
    await go(page, hash_of("person", person, **query))
    return person


async def keys_of(places: Locator, name: str) -> list[str]:
    return [await each.get_attribute(name) or "" for each in await places.all()]


@pytest.mark.parametrize("name", ["lone", "pair", "five", "twelve", "thirty", "wild"])
async def test_graph_and_tables_tell_the_same(
    walker: Page, explorer: Explorer, name: str
) -> None:
    """Every id is a node and a row, every two that are linked a line and a row."""
    await opened(walker, explorer, name)

    nodes = await keys_of(walker.locator(".graph-node"), "data-id")
    lines = await keys_of(walker.locator(".graph-line[data-id]"), "data-id")
    rows = await keys_of(walker.locator(".sortable tbody tr"), "data-key")

    members = {str(member) for member in getattr(explorer.cast, name)}
    assert set(nodes) == members
    assert {key for key in rows if " " not in key} == members
    assert {key for key in rows if " " in key} == set(lines)
    assert len(nodes) == len(members)
    assert len(lines) == len(set(lines)) >= len(members) - 1


@pytest.mark.parametrize("name", ["pair", "five", "twelve", "thirty", "wild"])
async def test_no_text_of_a_drawing_lies_on_another(
    walker: Page, explorer: Explorer, name: str
) -> None:
    """Ids and names of apps and Pages can be read, whoever is drawn."""
    await opened(walker, explorer, name)

    assert await walker.evaluate(_OVERLAPS) == []


@pytest.mark.parametrize("many", [60, 120, 300])
async def test_large_drawings_are_drawn_whole(
    walker: Page, explorer: Explorer, many: int
) -> None:
    """Up to 300 members each has its place, and no text lies on another."""
    await opened(walker, explorer, "lone")

    assert await walker.evaluate(_LARGEST, many) == [many, many - 1]
    assert await walker.evaluate(_OVERLAPS) == []


async def test_equal_persons_are_drawn_equally(
    walker: Page, explorer: Explorer
) -> None:
    """Whoever comes back finds everything where it was."""
    await opened(walker, explorer, "thirty")
    first = await walker.locator(".graph-world").inner_html()
    await opened(walker, explorer, "pair")
    await opened(walker, explorer, "thirty")

    assert await walker.locator(".graph-world").inner_html() == first


async def test_more_than_300_members_are_told_and_not_drawn(
    walker: Page, explorer: Explorer
) -> None:
    """The table has all of them."""
    await opened(walker, explorer, "large")

    assert await walker.locator(".graph-frame").count() == 0
    await expect(walker.get_by_text("320 members are too many")).to_be_visible()
    await expect(walker.get_by_text("This person is very large")).to_be_visible()
    assert (
        await walker.get_by_role("table", name="Ids").locator("tbody tr").count() == 320
    )


async def test_a_chosen_node_shows_its_evidence(page: Page, explorer: Explorer) -> None:
    """Its row is marked, and the address leads to it from anywhere."""
    chosen = explorer.cast.five[0]
    person = await opened(page, explorer, "five")

    await node(page, chosen).click()

    await expect(row(page, chosen)).to_have_class(re.compile("is-selected"))
    await expect(node(page, chosen)).to_have_attribute("aria-pressed", "true")
    for text in ("App-scoped id", str(chosen), "4 proofs", "offset"):
        await expect(panel(page)).to_contain_text(text)
    await page.reload()
    await settled(page)
    assert person in page.url
    await expect(row(page, chosen)).to_have_class(re.compile("is-selected"))
    await expect(panel(page)).to_contain_text(str(chosen))
    await check_axe(page)


async def test_a_chosen_row_marks_its_node(page: Page, explorer: Explorer) -> None:
    """And only that one."""
    await opened(page, explorer, "twelve")
    one, two = explorer.cast.twelve[:2]

    for chosen in (one, two):
        await row(page, chosen).get_by_role("button").click()

    marked = await keys_of(page.locator(".graph-node.is-selected"), "data-id")
    assert marked == [str(two)]
    await expect(panel(page)).to_contain_text(str(two))


async def test_parallel_proofs_are_one_line(page: Page, explorer: Explorer) -> None:
    """Which says how many they are; the panel has each with its kind and cause."""
    await opened(page, explorer, "five")
    line = page.locator(".graph-line", has=page.locator(".line-count"))
    assert await line.count() == 1

    await line.locator(".line-count").click()

    said = panel(page)
    await expect(said.get_by_role("heading", level=2)).to_have_text(
        "2 proofs between two ids"
    )
    assert await said.locator(".proof").count() == 2
    for text in ("ids_for_apps", "ids_for_business", "facebook.logins.v1"):
        await expect(said).to_contain_text(text)
    assert await page.locator(".sortable tr.is-selected").count() == 2


async def test_back_and_forward_choose_as_before(
    page: Page, explorer: Explorer
) -> None:
    """The view stays where it is: nothing is asked for again."""
    one, two = explorer.cast.pair
    await opened(page, explorer, "pair")
    await page.locator(".desk").evaluate("it => { it.dataset.mine = '1' }")
    await node(page, one).click()
    await node(page, two).click()

    await page.go_back()
    await expect(node(page, one)).to_have_attribute("aria-pressed", "true")
    await page.go_back()
    await expect(page.locator(".is-selected")).to_have_count(0)
    await page.go_forward()
    await page.go_forward()
    await expect(node(page, two)).to_have_attribute("aria-pressed", "true")

    assert await page.locator(".desk").get_attribute("data-mine") == "1"


async def test_the_keyboard_goes_along_lines(page: Page, explorer: Explorer) -> None:
    """From a node onto a line, on to its other end; Enter leads into the panel, Escape back."""
    one, two = map(str, explorer.cast.pair)
    await opened(page, explorer, "pair")
    await page.get_by_role("button", name="Fit").focus()
    await page.keyboard.press("Tab")
    await expect(node(page, one)).to_be_focused()

    await page.keyboard.press("ArrowRight")
    line = page.locator(f".graph-line[data-id='{one} {two}']")
    await expect(line).to_be_focused()
    await page.keyboard.press("Enter")
    heading = panel(page).get_by_role("heading", level=2)
    await expect(heading).to_be_focused()
    await expect(heading).to_contain_text("between two ids")
    await page.keyboard.press("Escape")
    await expect(line).to_be_focused()
    await expect(page.locator(".is-selected")).to_have_count(0)
    await page.keyboard.press("ArrowRight")

    await expect(node(page, two)).to_be_focused()
    stops = page.locator(".graph-world [tabindex='0']")
    assert await keys_of(stops, "data-id") == [two]


@pytest.mark.parametrize("name", ["pair", "five", "twelve", "thirty"])
async def test_arrow_keys_lead_to_everything(
    walker: Page, explorer: Explorer, name: str
) -> None:
    """No node and no line needs a mouse."""
    await opened(walker, explorer, name)

    assert await walker.evaluate(_STROLL) == []


async def test_what_is_heard_is_what_is_seen(page: Page, explorer: Explorer) -> None:
    """A node says its kind, id, asset and proofs; a line says its ends and kinds."""
    await opened(page, explorer, "five")
    shop = explorer.cast.five[0]

    label = await node(page, shop).get_attribute("aria-label") or ""

    assert label.startswith("App-scoped id ")
    assert "of app 647733, 4 proofs, first seen " in label
    told = await keys_of(page.locator(".graph-line[data-id]"), "aria-label")
    assert any(
        re.match(r"2 proofs between app:\S+ and app:\S+: ids for", t) for t in told
    )
    await node(page, shop).click()
    await expect(page.locator("#announcer")).to_contain_text("App-scoped id")


@pytest.mark.parametrize("way", ["mouse", "keyboard", "panel"])
async def test_two_chosen_ids_lead_to_why(
    page: Page, explorer: Explorer, way: str
) -> None:
    """By Shift and click, by Shift and Enter, or by the panel's button."""
    one, two = explorer.cast.five[0], explorer.cast.five[1]
    await opened(page, explorer, "five")

    for chosen in (one, two):
        if way == "mouse":
            await node(page, chosen).click(modifiers=["Shift"])
        elif way == "keyboard":
            await node(page, chosen).focus()
            await page.keyboard.press("Shift+Enter")
        else:
            await node(page, chosen).click()
            await panel(page).locator(".for-why").click()

    await expect(page.locator(".verdict")).to_contain_text("are one person, because")
    assert hash_of("why", str(one), str(two)) in page.url


async def test_tables_are_sorted_by_any_column(page: Page, explorer: Explorer) -> None:
    """Numbers as numbers; a second press turns the order round; copies have that order."""
    await opened(page, explorer, "twelve")
    table = page.get_by_role("table", name="Ids")
    head = table.get_by_role("columnheader", name="Proofs")
    cells = table.locator("tbody tr td:last-child")

    await head.get_by_role("button").click()
    up = [int(text) for text in await cells.all_inner_texts()]
    await head.get_by_role("button").click()
    down = [int(text) for text in await cells.all_inner_texts()]

    assert up == sorted(up)
    assert down == sorted(up, reverse=True)
    assert up != down
    await expect(head).to_have_attribute("aria-sort", "descending")
    rows = await keys_of(table.locator("tbody tr"), "data-key")
    lines = (await copied(page, "Copy as TSV: Ids")).splitlines()
    assert lines[0].split("\t") == ["Kind", "App or Page", "Id", "First seen", "Proofs"]
    assert [line.split("\t")[2] for line in lines[1:]] == [
        key.rpartition(":")[2] for key in rows
    ]


async def copied(page: Page, button: str) -> str:
    """Press a button that copies, and return what the clipboard holds then."""
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name=button).click()
    await expect(page.get_by_text("Copied")).to_be_visible()
    text: Any = await page.evaluate("navigator.clipboard.readText()")
    return str(text)


async def test_the_person_id_is_copied(page: Page, explorer: Explorer) -> None:
    """Whole, as the API takes it."""
    person = await opened(page, explorer, "five")

    assert await copied(page, "Copy the person id") == person


async def test_an_id_leads_to_its_person(page: Page, explorer: Explorer) -> None:
    """With that id chosen."""
    who = explorer.cast.five[1]

    await go(page, hash_of("id", str(who)))

    await expect(page.locator("h1")).to_contain_text(
        explorer.person(explorer.cast.five)
    )
    await expect(node(page, who)).to_have_attribute("aria-pressed", "true")


async def test_an_ended_id_tells_whom_it_stands_for(
    page: Page, explorer: Explorer
) -> None:
    """With the way there."""
    await go(page, hash_of("person", explorer.ended))

    said = page.locator(".notice", has_text="has ended")
    await expect(said).to_contain_text(f"{explorer.ended} has ended")
    heading = await page.locator("h1 .id").inner_text()
    assert heading != explorer.ended
    await expect(said).to_contain_text(f"→ {heading}")


async def test_an_id_of_nobody_is_told(page: Page, explorer: Explorer) -> None:
    """An erased id reads as one that was never known."""
    await go(page, hash_of("id", str(explorer.cast.gone[0])))
    await expect(page.locator("h1")).to_have_text("Nobody here has that id")
    assert str(explorer.cast.gone[0]) not in await page.locator("main").inner_text()


async def test_quarantine_is_announced_and_explained(
    page: Page, explorer: Explorer
) -> None:
    """A warning leads to the proofs that do not count, and those to what keeps them out."""
    await opened(page, explorer, "torn")

    await page.locator(".notice").get_by_role("button", name="Show").click()
    heading = page.get_by_role("heading", name="In quarantine (1)")
    await expect(heading).to_be_focused()
    await page.get_by_role("link", name="What keeps them apart").click()

    await expect(page.locator(".verdict")).to_contain_text("are two persons")


async def test_events_that_name_an_id_are_found(page: Page, explorer: Explorer) -> None:
    """From the history of the person, with their cause."""
    shop = explorer.cast.five[0]
    await opened(page, explorer, "five", select=str(shop))

    await panel(page).get_by_role("button", name="Events that name it").click()

    first = panel(page).locator(".named li").first
    await expect(first).to_contain_text("Created")
    await expect(first).to_contain_text("offset")
    await expect(panel(page)).to_contain_text("These are all.")


async def test_a_key_that_may_only_read_is_offered_no_reasons(
    browser: Browser, explorer: Explorer
) -> None:
    """What would be refused is not there; graph, tables and evidence are."""
    async with guarded(browser, explorer.url) as (context, guard):
        page = await signed_in(context, explorer.reading_key)
        await opened(page, explorer, "five", select=str(explorer.cast.five[0]))

        await expect(panel(page)).to_contain_text("4 proofs")
        for name in ("Choose for why", "Events that name it", "History"):
            assert await page.get_by_text(name, exact=True).count() == 0
        guard.check()


async def test_a_drawing_is_enlarged_and_fits_again(
    page: Page, explorer: Explorer
) -> None:
    """By buttons, keys, and the wheel with Ctrl; the wheel alone scrolls the page."""
    await opened(page, explorer, "thirty")
    world = page.locator(".graph-world")

    async def scale() -> float:
        text = await world.get_attribute("transform") or ""
        return float(text.rpartition("scale(")[2].rstrip(")"))

    assert await scale() == 1
    await page.get_by_role("button", name="Enlarge").click()
    assert await scale() > 1.2
    await page.get_by_role("button", name="Fit").click()
    assert await scale() == 1
    await page.locator(".graph-node").first.focus()
    await page.keyboard.press("+")
    by_key = await scale()
    assert by_key > 1.2
    await page.keyboard.press("0")
    await page.locator(".graph-frame").hover()
    await page.mouse.wheel(0, -120)
    assert await scale() == 1
    await page.keyboard.down("Control")
    await page.mouse.wheel(0, -120)
    await page.keyboard.up("Control")
    await expect(world).not_to_have_attribute("transform", re.compile(r"scale\(1\)"))


async def test_ids_are_never_markup(page: Page, explorer: Explorer) -> None:
    """However they are written, in the drawing, the tables and the panel."""
    for member in explorer.cast.wild:
        await opened(page, explorer, "wild", select=str(member))
        await expect(panel(page)).to_contain_text(str(member).partition(":")[2][-20:])

    assert await page.evaluate("window.injected") is None
    assert await page.locator("main script, main img, main iframe").count() == 0


async def test_paper_has_graph_and_tables(page: Page, explorer: Explorer) -> None:
    """And neither buttons nor what is for the screen alone."""
    await opened(page, explorer, "thirty")
    await page.get_by_role("button", name="Enlarge").click()

    await page.emulate_media(media="print")

    await expect(page.locator(".graph-frame")).to_be_visible()
    for name in ("Ids", "Proofs"):
        last = page.get_by_role("table", name=name).locator("tbody tr").last
        await expect(last).to_be_visible()
    for name in (".graph-bar", ".copy", ".panel"):
        await expect(page.locator(name).first).to_be_hidden()
    is_cut = await page.locator(".scroll.is-long").first.evaluate(
        "it => it.scrollHeight > it.clientHeight + 1"
    )
    assert not is_cut
