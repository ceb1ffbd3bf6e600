"""Business tokens, and whose token asks for Page ids, on the simulated platform."""

from typing import Literal

import pytest
from tests.contracts.town import Town, askable, connected

from idweave_adapters.graph_api import (
    AsidPagesToken,
    Lookup,
    LookupAnswer,
    Source,
)
from idweave_adapters.simulator import Rules, Simulator, World
from idweave_graph.ids import AssetKind, BusinessToken, ScopedId, business_id


async def test_an_edge_for_another_token_leaves_the_other_edge(town: Town) -> None:
    """Where `ids_for_pages` wants a Page token, an app still learns its apps, and a
    Page token that the app made learns the rest.
    """
    page = town.of(AssetKind.PAGE)[0]
    by_app = town.lookup(town.credential(page).made_by)
    by_page = Lookup(by_app.scoped, town.credential(page))

    async with (
        Simulator(town.world, rules=Rules(asid_to_pages="page")) as simulator,
        connected(simulator) as client,
    ):
        first, second = await client.look_up([by_app, by_page])

    assert isinstance(first, LookupAnswer)
    assert (first.apps_known, first.pages_known) == (True, False)
    assert {link.asset.kind for link in first.links} == {AssetKind.APP}
    assert isinstance(second, LookupAnswer)
    assert second.pages_known
    pages = {link for link in second.links if link.asset.kind is AssetKind.PAGE}
    assert pages == {ScopedId(p, town.person[p]) for p in town.of(AssetKind.PAGE)}


@pytest.mark.parametrize("first", AsidPagesToken)
@pytest.mark.parametrize("rule", ["both", "app", "page"])
async def test_page_ids_are_found_whatever_token_they_want(
    town: Town, rule: Literal["both", "app", "page"], first: AsidPagesToken
) -> None:
    """The documents contradict; with both tokens at hand nothing is lost, and after
    the first id none costs a refused call.
    """
    by_page = town.credential(town.of(AssetKind.PAGE)[0])
    app = by_page.made_by
    by_app = town.lookup(app)
    asked = Lookup(by_app.scoped, by_app.credential, by_page)

    async with (
        Simulator(town.world, rules=Rules(asid_to_pages=rule)) as simulator,
        connected(simulator, asid_pages_token=first) as client,
    ):
        (before,) = await client.look_up([asked])
        (after,) = await client.look_up([asked])

    for answer in (before, after):
        assert isinstance(answer, LookupAnswer), answer
        assert answer.is_whole
        assert set(answer.links) == town.links(app)
    is_apart = rule == "page" or (rule == "both" and first is AsidPagesToken.PAGE)
    assert isinstance(after, LookupAnswer)
    assert after.requests == (2 if is_apart else 1)


async def test_the_credentials_name_a_page_token_that_the_app_made(town: Town) -> None:
    """As a lookup of the app's ids wants it."""
    first, *_ = town.of(AssetKind.PAGE)
    maker = town.credential(first).made_by

    found = town.credentials.pages_made_by(business_id(town.acme), maker)

    assert first in found
    other = next(app for app in town.of(AssetKind.APP) if app != maker)
    assert town.credentials.pages_made_by(business_id(town.acme), other) == ()


async def test_the_tokens_of_a_whole_world_join_what_the_edges_join() -> None:
    """One token for each person and business, on every id that an app has of them."""
    world = World.generate(seed=13, people=120)
    asked = [each for each in askable(world) if each[0].scoped.asset.kind == "app"]
    tokens: dict[tuple[str, frozenset[str]], set[BusinessToken | None]] = {}

    async with (
        Simulator(world) as simulator,
        connected(simulator, sources=frozenset(Source)) as client,
    ):
        answers = await client.look_up([lookup for lookup, _ in asked])

    for (lookup, person), answer in zip(asked, answers, strict=True):
        assert isinstance(answer, LookupAnswer), answer
        key = (lookup.credential.business, person)
        tokens.setdefault(key, set()).add(answer.token)
        apps = {link for link in answer.links if link.asset.kind is AssetKind.APP}
        if answer.business_known and answer.apps_known:
            assert set(answer.business_links) == apps
    assert all(len(each) == 1 and None not in each for each in tokens.values())
    assert len({token for each in tokens.values() for token in each}) == len(tokens)
