"""The real outside: the client is made as the settings say, and tells of versions."""

import json
import logging

import pytest

from idweave_adapters.graph_api import Lookup, LookupAnswer
from idweave_adapters.simulator import Rules, Simulator, World, WorldBuilder
from idweave_graph.ids import Asset, AssetKind, ScopedId, business_id
from idweave_streams.outside import reach_outside
from idweave_streams.settings import Settings


async def look_up(rules: Rules, **stated: object) -> LookupAnswer:
    """Ask a simulated Graph API about one person, twice, as *stated*."""
    build = WorldBuilder(seed=3)
    owner = build.business("Acme")
    app = build.app("Shop", owner)
    page = build.page("Help", owner, made_by=[app])
    person = build.person(app, page)
    world = World(build.parts())
    async with Simulator(world, rules=rules) as simulator:
        settings = Settings.model_validate(
            {"graph_api_url": simulator.base_url, **stated}
        )
        api, *_, outside = reach_outside(
            settings, {"IDWEAVE_CREDENTIALS": json.dumps(world.credentials())}
        )
        asset, business = Asset(AssetKind.APP, app.id), business_id(owner.id)
        credential = outside.credentials.for_asset(business, asset)
        assert credential is not None
        asked = Lookup(ScopedId(asset, person.asids[app.id]), credential)
        async with api:
            (_, answer) = await api.look_up([asked, asked])
    assert isinstance(answer, LookupAnswer), answer
    return answer


async def test_the_client_reads_the_sources_of_the_settings() -> None:
    """Where the token alone is wanted, no edge is read and the answer is whole."""
    answer = await look_up(Rules(), lookup_sources="token_for_business")

    assert (answer.token_known, answer.is_whole) == (True, True)
    assert (answer.links, answer.apps_known, answer.pages_known) == ((), False, False)


@pytest.mark.parametrize(
    ("stated", "is_by_page"),
    [
        ({}, False),
        ({"asid_pages_token": "page"}, True),
        ({"asid_pages_token": "page", "lookup_sources": "ids_for_apps"}, False),
    ],
)
def test_whose_token_asks_for_page_ids_is_known_to_who_keeps_the_limits(
    stated: dict[str, str], is_by_page: bool
) -> None:
    """A Page's token has limits of its own, which count only where it is used."""
    *_, outside = reach_outside(Settings.model_validate(stated), {})

    assert outside.asks_by_page(Asset(AssetKind.APP, "10")) is is_by_page


async def test_another_version_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """What is set has expired: one warning that says what to do, and no id in it."""
    with caplog.at_level(logging.WARNING):
        await look_up(Rules(oldest=(21, 0)), graph_api_version="v12.0")

    (told,) = caplog.records
    assert "v21.0" in told.getMessage()
    assert "set graph_api_version" in told.getMessage()
    assert told.action == "graph-api-version"  # type: ignore[attr-defined]


async def test_the_right_version_is_not_worth_a_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Normal work is silent."""
    with caplog.at_level(logging.WARNING):
        await look_up(Rules())

    assert caplog.records == []
