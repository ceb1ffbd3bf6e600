"""Why two ids are one person or two: as a sentence, as steps, and lit in the graph."""

from collections.abc import Sequence
from itertools import pairwise

from playwright.async_api import Locator, Page, expect
from tests.explorer.places import hash_of
from tests.support.browser import Explorer, check_axe, go, settled

from idweave_graph.ids import Member


async def asked(page: Page, one: Member | str, two: Member | str) -> Locator:
    """Open the reasons for two ids; return the sentence."""
    await go(page, hash_of("why", str(one), str(two)))
    return page.locator(".verdict")


async def ids_of(places: Locator) -> list[str]:
    return [await each.get_attribute("data-id") or "" for each in await places.all()]


def lines_of(chain: Sequence[Member]) -> set[str]:
    pairs = pairwise(chain)
    return {" ".join(sorted(map(str, pair))) for pair in pairs}


async def test_one_person_is_a_sentence_and_a_lit_way(
    page: Page, explorer: Explorer
) -> None:
    """Each step has its proof; what is not on the way is dim."""
    shop, help_page, _, token, code = explorer.cast.five

    said = await asked(page, help_page, token)

    await expect(said).to_contain_text(
        f"{help_page} and {token} are one person, because"
    )
    await expect(said).to_contain_text("account linking ended with this code")
    steps = page.locator(".steps > li")
    assert await steps.count() == 3
    await expect(steps.nth(0)).to_contain_text(f"{help_page} → {code}")
    await expect(steps.nth(1)).to_contain_text("account_linking")
    await expect(steps.nth(2)).to_contain_text("token_for_business")
    await expect(steps.nth(2)).to_contain_text("offset")
    way = [help_page, code, shop, token]
    assert set(await ids_of(page.locator(".graph-node.is-lit"))) == set(map(str, way))
    assert set(await ids_of(page.locator(".graph-line.is-lit[data-id]"))) == lines_of(
        way
    )
    assert await page.locator(".graph-node.is-dim").count() == 1
    await expect(page.locator("#announcer")).to_have_text("They are one person.")
    await check_axe(page)


async def test_the_way_back_is_the_same_way(page: Page, explorer: Explorer) -> None:
    """Whoever is named first."""
    one, two = explorer.cast.twelve[4], explorer.cast.twelve[-1]
    await asked(page, one, two)
    there = await ids_of(page.locator(".is-lit[data-id]"))
    await asked(page, two, one)

    assert await ids_of(page.locator(".is-lit[data-id]")) == there


async def test_decisions_about_the_way_are_told(page: Page, explorer: Explorer) -> None:
    """With author and reason."""
    await asked(page, explorer.cast.twelve[0], explorer.cast.twelve[6])

    said = page.locator(".reasons")
    await expect(said).to_contain_text("Grace")
    await expect(said).to_contain_text("she showed both accounts")


async def test_a_ban_is_told(page: Page, explorer: Explorer) -> None:
    """Two persons: who said so, why and when; both are in one drawing."""
    one, two = explorer.cast.parted

    said = await asked(page, one, two)

    await expect(said).to_contain_text(
        "are two persons: they are banned from being one."
    )
    reasons = page.locator(".reasons").first
    await expect(reasons).to_contain_text("Ada banned the two")
    await expect(reasons).to_contain_text("two sisters with one phone")
    assert set(await ids_of(page.locator(".graph-node"))) == {str(one), str(two)}
    await expect(page.locator(".graph-line[data-id]")).to_have_class(
        "graph-line line-answer is-lit is-gone"
    )
    await check_axe(page)


async def test_quarantine_is_told_with_its_rivals(
    page: Page, explorer: Explorer
) -> None:
    """Which Page would know one person by two ids; the two stand in one lane."""
    known = explorer.cast.torn[1]

    said = await asked(page, explorer.cast.torn[0], explorer.cast.stranger)

    await expect(said).to_contain_text("contradicts what is known")
    text = f"Page 300451 would know the person by two ids: {known} and {explorer.cast.stranger}."
    await expect(page.locator(".reasons")).to_contain_text(text)
    assert await page.locator(".lane-title", has_text="300451").count() == 1


async def test_strangers_are_two_persons_of_whom_nothing_is_known(
    page: Page, explorer: Explorer
) -> None:
    """No reason is made up."""
    said = await asked(page, explorer.cast.lone[0], explorer.cast.pair[0])

    await expect(said).to_contain_text("nothing that is known joins them")
    assert await page.locator(".reasons").count() == 0


async def test_any_two_ids_are_asked_about(page: Page, explorer: Explorer) -> None:
    """By the form, with the keyboard alone; the address is then a permalink."""
    one, two = explorer.cast.pair
    await go(page, "#/why")
    await page.get_by_label("One id").fill(f" {one} ")
    await page.get_by_label("Other id").fill(str(two))
    await page.keyboard.press("Enter")

    await expect(page.locator(".verdict")).to_contain_text("are one person")
    assert hash_of("why", str(one), str(two)) in page.url
    await page.reload()
    await settled(page)
    await expect(page.locator(".verdict")).to_contain_text("are one person")


async def test_what_is_no_id_is_told_at_its_field(page: Page) -> None:
    """Nothing is asked, and the focus is where it has to be mended."""
    await go(page, "#/why")
    await page.get_by_label("One id").fill("app:647733:1015")
    await page.get_by_label("Other id").fill("Alice")
    await page.get_by_role("button", name="Ask why").click()

    await expect(page.get_by_role("alert")).to_contain_text("An id begins with app:")
    await expect(page.get_by_label("Other id")).to_be_focused()
    await expect(page.get_by_label("Other id")).to_have_attribute(
        "aria-invalid", "true"
    )


async def test_ids_stay_text(page: Page, explorer: Explorer) -> None:
    """However they are written."""
    said = await asked(page, explorer.cast.wild[0], explorer.cast.wild[-1])

    await expect(said).to_contain_text(str(explorer.cast.wild[0]))
    assert await page.evaluate("window.injected") is None


async def test_a_node_of_the_way_leads_to_the_person(
    page: Page, explorer: Explorer
) -> None:
    """With that node chosen."""
    one, two = explorer.cast.pair
    await asked(page, one, two)

    await page.locator(f".graph-node[data-id='{two}']").click()

    await expect(page.locator("h1")).to_contain_text(
        explorer.person(explorer.cast.pair)
    )
    await expect(page.locator(f".graph-node[data-id='{two}']")).to_have_attribute(
        "aria-pressed", "true"
    )
