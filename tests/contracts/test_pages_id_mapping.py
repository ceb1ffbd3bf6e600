"""The client of the Page-Scoped ID API against the simulated one, over HTTP.

Both are written from Meta's document and share no code, so each is the other's check.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from idweave_adapters.credentials import Credential, Credentials
from idweave_adapters.graph_api import (
    ConfigurationFault,
    CredentialRefused,
    GraphApiError,
    PermissionDenied,
    PolicyHold,
    Throttled,
)
from idweave_adapters.graph_api.pages_id_mapping import (
    InvalidAsids,
    MappingAnswer,
    PageScopedIdApi,
)
from idweave_adapters.secret import Secret
from idweave_adapters.simulator import Rules, Simulator, World, WorldBuilder
from idweave_adapters.simulator.world import App, Page
from idweave_graph.ids import Asset, AssetKind, business_id

wall_clock = time.time  # noqa: TID251 - timed proofs are about wall time


@dataclass(frozen=True)
class Town:
    """An app with a Page and people; some have met the Page. Another app beside it."""

    world: World
    shop: App
    other: App
    page: Page

    @property
    def credential(self) -> Credential:
        credentials = Credentials.from_document(self.world.credentials())
        asset = Asset(AssetKind.PAGE, self.page.id)
        found = credentials.for_asset(business_id(self.page.owner or ""), asset)
        assert found is not None
        return found

    @property
    def asids(self) -> list[str]:
        return sorted(self.world.people.in_app(self.shop.id))

    @property
    def strangers(self) -> list[str]:
        """Ids of the other app."""
        return sorted(self.world.people.in_app(self.other.id))


@pytest.fixture(scope="module")
def town() -> Town:
    build = WorldBuilder(seed=11)
    acme = build.business("Acme")
    shop, other = build.app("Shop", acme), build.app("Other", acme)
    page = build.page("Bot", acme, made_by=[shop], fans=20_000)
    for number in range(250):
        build.person(shop, other, *([page] if number % 2 else []))
    return Town(World(build.parts()), shop, other, page)


Joined = tuple[Simulator, PageScopedIdApi]


@asynccontextmanager
async def joined(
    town: Town, version: str = "v3.3", **rules: Any
) -> AsyncIterator[Joined]:
    stated = Rules(**{"history": "2021-04-01", **rules})
    async with (
        Simulator(town.world, rules=stated) as simulator,
        PageScopedIdApi(
            simulator.base_url, clock=wall_clock, version=version, is_declared=True
        ) as client,
    ):
        yield simulator, client


@pytest.mark.parametrize("value", ["object", "text"])
async def test_all_200_ids_of_a_call_are_mapped(town: Town, value: str) -> None:
    """To the person's id on that Page, made there where they had not met."""
    asids = town.asids[:200]
    async with joined(town, mapping_value=value) as (simulator, client):
        answer = await client.map_asids(town.credential, asids, ignore_invalid=False)

        assert isinstance(answer, MappingAnswer)
        people = simulator.world.people.in_app(town.shop.id)
        truth = {asid: people[asid].psids[town.page.id] for asid in asids}
        assert answer.psids == truth
        assert (answer.left_out, answer.served_version) == ((), "v3.3")
        before = town.world.people.on_page(town.page.id)
        assert set(before) & set(truth.values())
        assert set(truth.values()) - set(before)


@pytest.mark.parametrize("form", ["list", "object", "text"])
async def test_invalid_ids_fail_the_call_and_are_named(town: Town, form: str) -> None:
    """In each form of `error_data`; without them the rest is answered."""
    good, bad = town.asids[:3], town.strangers[:2]
    async with joined(town, mapping_error_data=form) as (simulator, client):
        asking = town.credential
        refused = await client.map_asids(asking, good + bad, ignore_invalid=False)
        ignored = await client.map_asids(asking, good + bad, ignore_invalid=True)

        assert isinstance(refused, InvalidAsids)
        assert refused.ids == set(bad)
        assert isinstance(ignored, MappingAnswer)
        assert (set(ignored.psids), ignored.left_out) == (set(good), tuple(bad))
        assert simulator.stats.errors == {100: 1}


@pytest.mark.parametrize(
    ("version", "rules", "kind"),
    [
        ("v7.0", {}, ConfigurationFault),
        ("v3.3", {"history": None}, ConfigurationFault),
        ("v3.3", {"history": "2021-05-05"}, ConfigurationFault),
        ("v3.3", {"history": "2021-12-01"}, ConfigurationFault),
        ("v3.3", {"history": "2021-01-31"}, PermissionDenied),  # before the review
        (
            "v3.3",
            {"history": "2021-01-31", "mapping_denied_code": 10},
            PermissionDenied,
        ),
    ],
)
async def test_when_it_is_not_there(
    town: Town, version: str, rules: dict[str, Any], kind: type[GraphApiError]
) -> None:
    """Gone, or not allowed yet: each says what it is, and nobody is mapped."""
    async with joined(town, version, **rules) as (simulator, client):
        found = await client.map_asids(
            town.credential, town.asids[:1], ignore_invalid=True
        )

        assert type(found) is kind
        assert simulator.stats.lookups == {}


async def test_an_app_token_is_of_the_wrong_kind(town: Town) -> None:
    """The platform says so, and the client that the Page's token is wanted."""
    app_token = Secret(town.world.app_token(town.shop.id))
    wrong = replace(town.credential, token=app_token)
    async with joined(town) as (_, client):
        found = await client.map_asids(wrong, town.asids[:1], ignore_invalid=True)

    assert isinstance(found, PermissionDenied)
    assert "token of the Page" in str(found)


async def test_a_wrong_secret_makes_a_wrong_proof(town: Town) -> None:
    """The token alone is not enough."""
    wrong = replace(town.credential, app_secret=Secret("0" * 32))
    async with joined(town) as (_, client):
        found = await client.map_asids(wrong, town.asids[:1], ignore_invalid=True)

    assert isinstance(found, CredentialRefused)


@pytest.mark.parametrize("code", [4, 613])
async def test_the_quota_is_a_limit(town: Town, code: int) -> None:
    """1 % of 20,000 fans: 200 ids, and no more; which are asked again are no more."""
    async with joined(town, mapping_limit_code=code) as (_, client):
        asking, asids = town.credential, town.asids
        first = await client.map_asids(asking, asids[:200], ignore_invalid=False)
        beyond = await client.map_asids(asking, asids[200:201], ignore_invalid=False)
        again = await client.map_asids(asking, asids[:200], ignore_invalid=False)

    assert isinstance(first, MappingAnswer)
    assert isinstance(beyond, Throttled)
    assert isinstance(again, MappingAnswer)


async def test_a_business_under_review(town: Town) -> None:
    """Is held here as everywhere."""
    async with joined(town) as (simulator, client):
        simulator.review(town.page.owner or "")
        found = await client.map_asids(
            town.credential, town.asids[:1], ignore_invalid=True
        )

    assert isinstance(found, PolicyHold)


async def test_a_page_limit_says_how_long_to_wait(town: Town) -> None:
    """The budget of a Page token is told in the usage header, in minutes."""
    async with joined(town) as (simulator, client):
        simulator.change(budget_calls=1)
        asking = (town.credential, town.asids[:1])
        await client.map_asids(*asking, ignore_invalid=True)
        found = await client.map_asids(*asking, ignore_invalid=True)

    assert isinstance(found, Throttled)
    assert found.retry_after_s is not None
    assert 0 < found.retry_after_s <= 3600
