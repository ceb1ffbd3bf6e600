"""The overview: the numbers of the API, as figures, plots and tables."""

from pathlib import Path

from playwright.async_api import Browser, Page
from tests.adapters.api.desk import desk
from tests.explorer.asking import asked, key_of
from tests.support.browser import Explorer, check_axe, go, guarded, signed_in

_NUMBERS = """rows => rows.map(row => [...row.querySelectorAll('th, td')]
  .map(cell => cell.textContent))"""
_BINS = """async days => {
  const at = document.querySelector('script[type=module]').src;
  const bins = await import(new URL('views/overview/bins.js', at).href);
  const { unit, names, values } = bins.timeBins(days);
  return { unit, names, created: values('created') };
}"""
_SIZES = """async sizes => {
  const at = document.querySelector('script[type=module]').src;
  const bins = await import(new URL('views/overview/bins.js', at).href);
  return bins.sizeBins(sizes).map(({ label, value }) => [label, value]);
}"""


async def test_the_figures_are_those_of_the_api(page: Page, explorer: Explorer) -> None:
    """Persons, ids by kind, merges, splits, quarantine and refusals."""
    told = await asked(explorer, "/v1/overview")

    await go(page, "#/overview")

    rows = await page.locator(".figure").evaluate_all(
        "all => all.map(one => [one.querySelector('dt').textContent,"
        " Number(one.querySelector('dd').textContent.replaceAll(',', ''))])"
    )
    figures = dict(rows)
    assert figures["Persons"] == told["persons"]
    assert figures["App-scoped ids"] == told["members"]["app"]
    assert figures["Linking codes"] == told["members"]["code"]
    assert figures["Merges"] == told["events"]["merged"]
    assert figures["Splits"] == told["events"]["split"]
    assert figures["In quarantine now"] == told["quarantined"]
    assert figures["Links refused"] == told["events"]["refused"]


async def test_a_hold_is_told_with_its_reason(page: Page) -> None:
    """And with what to do."""
    await go(page, "#/overview")

    hold = page.locator(".hold")

    assert await hold.count() == 1
    assert "Meta reviews the business" in await hold.inner_text()
    assert "Meta's Business Manager" in await hold.inner_text()


async def test_each_plot_has_an_equal_table(page: Page, explorer: Explorer) -> None:
    """The table of sizes adds up to all persons, that of events to all events."""
    told = await asked(explorer, "/v1/overview")
    await go(page, "#/overview")
    figures = page.locator("figure.plot")
    assert await figures.count() == 2

    sums = []
    for number in range(2):
        figure = figures.nth(number)
        await figure.locator("summary").click()
        rows = await figure.locator("tbody tr").evaluate_all(_NUMBERS)
        sums.append(sum(int(c.replace(",", "")) for r in rows for c in r[1:]))
        heads = await figure.locator("thead th").all_inner_texts()
        if "Persons created so far" in heads:
            place = heads.index("Persons created so far")
            sums[-1] -= sum(int(r[place]) for r in rows)

    assert sums == [told["persons"], sum(told["events"].values())]


async def test_a_plot_says_what_it_shows(page: Page) -> None:
    """It is an image with a name and a text; its bars are as many as the table's rows."""
    await go(page, "#/overview")
    plot = page.get_by_role("img", name="Persons by size")

    text = await plot.evaluate(
        "one => document.getElementById(one.getAttribute('aria-describedby')).textContent"
    )

    assert "The largest has 320 ids." in text
    bars = await plot.locator("rect").count()
    rows = page.locator("figure.plot").first.locator("tbody tr")
    assert bars == await rows.count()


async def test_the_largest_person_is_a_link(page: Page, explorer: Explorer) -> None:
    """To whoever has most ids."""
    await go(page, "#/overview")
    link = page.get_by_role("region", name="The largest persons").get_by_role("link")

    href = await link.first.get_attribute("href")

    assert explorer.person(explorer.cast.large) in (href or "")


async def test_a_business_of_which_nothing_is_known_is_told_as_such(
    browser: Browser, tmp_path: Path
) -> None:
    """It is no fault."""
    async with desk(tmp_path) as empty, guarded(browser, empty.url) as (context, guard):
        page = await signed_in(context, key_of(empty), "#/overview")

        assert "Nothing is known of this business yet" in await page.inner_text("main")
        assert await page.locator("h1").inner_text() == "Overview"
        guard.check()


async def test_sizes_are_counted_in_doubling_bins(page: Page) -> None:
    """The small ones by themselves, and none is lost; gaps are told as 0."""
    sizes = [{"size": s, "persons": s} for s in (1, 2, 4, 5, 8, 9, 33)]

    bins = await page.evaluate(_SIZES, sizes)

    assert bins == [
        ["1", 1],
        ["2", 2],
        ["3", 0],
        ["4", 4],
        ["5\u20138", 13],
        ["9\u201316", 9],
        ["17\u201332", 0],
        ["33\u201364", 33],
    ]


async def test_long_times_are_told_in_larger_units(page: Page) -> None:
    """Days, weeks, months, years: never more than 60 bins, and nothing is left out."""
    found = []
    for last in ("2026-02-10", "2026-12-31", "2029-12-31", "2060-01-01", "9990-01-01"):
        days = [
            {"day": "2026-01-01", "events": {"created": 2}},
            {"day": last, "events": {"created": 3, "merged": 1}},
        ]
        bins = await page.evaluate(_BINS, days)
        assert len(bins["names"]) <= 60
        assert sum(bins["created"]) == 5
        assert bins["created"][-1] == 3
        found.append((bins["unit"], bins["names"][-1]))

    assert found == [
        ("Day", "2026-02-10"),
        ("Week from", "2026-12-28"),
        ("Month", "2029-12"),
        ("Year", "2060"),
        ("Year", "9990"),
    ]


async def test_the_overview_is_for_everybody(page: Page) -> None:
    """Also with its tables open."""
    await go(page, "#/overview")
    for summary in await page.locator("figure.plot summary").all():
        await summary.click()

    await check_axe(page)
