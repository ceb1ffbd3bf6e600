"""Two businesses, their apps and Pages, and a person in all of them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from idweave_adapters.credentials import Credential, Credentials
from idweave_adapters.graph_api import (
    GraphApiClient,
    GraphApiError,
    Lookup,
    LookupAnswer,
)
from idweave_adapters.secret import Secret
from idweave_adapters.simulator import Simulator, World, WorldBuilder
from idweave_adapters.simulator.world import App, Page
from idweave_graph.ids import Asset, AssetKind, ScopedId, business_id

wall_clock = time.time  # noqa: TID251 - timed proofs are about wall time


def connected(simulator: Simulator, **kwargs: object) -> GraphApiClient:
    arguments: dict[str, object] = {"clock": wall_clock, **kwargs}
    return GraphApiClient(simulator.base_url, **arguments)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Town:
    """Two businesses with two apps and two Pages each, and one person in all of them."""

    world: World
    credentials: Credentials
    acme: str
    rival: str
    person: dict[Asset, str]
    """The person's id in each asset of acme."""
    elsewhere: dict[Asset, str]

    def credential(self, asset: Asset) -> Credential:
        owner = self.acme if asset in self.person else self.rival
        found = self.credentials.for_asset(business_id(owner), asset)
        assert found is not None
        return found

    def lookup(self, asset: Asset) -> Lookup:
        user = {**self.person, **self.elsewhere}[asset]
        return Lookup(ScopedId(asset, user), self.credential(asset))

    def links(self, asset: Asset) -> set[ScopedId]:
        home = self.person if asset in self.person else self.elsewhere
        return {ScopedId(each, user) for each, user in home.items() if each != asset}

    def of(self, kind: AssetKind) -> list[Asset]:
        return sorted(asset for asset in self.person if asset.kind is kind)


def build_town(*, apps: int = 2) -> Town:
    build = WorldBuilder(seed=7)
    homes: list[dict[Asset, str]] = []
    people: list[App | Page] = []
    owners = [build.business("Acme"), build.business("Rival")]
    for owner in owners:
        shops = [build.app(f"{owner.name} {n}", owner) for n in range(apps)]
        bots = [
            build.page(f"{owner.name} {n}", owner, made_by=[shops[0]]) for n in (1, 2)
        ]
        people += [*shops, *bots]
    person = build.person(*people)
    other = build.person(*people)
    assert other.key != person.key
    world = World(build.parts())
    for owner in owners:
        texts = world.ids_by_business(person)[owner.id]
        parts = [text.rsplit(":", 1) for text in texts]
        homes.append({Asset.parse(asset): user for asset, user in parts})
    credentials = Credentials.from_document(world.credentials())
    return Town(world, credentials, owners[0].id, owners[1].id, homes[0], homes[1])


def is_whole(answer: object) -> bool:
    return isinstance(answer, LookupAnswer) and answer.apps_known and answer.pages_known


async def failing(client: GraphApiClient, lookup: Lookup) -> GraphApiError:
    (answer,) = await client.look_up([lookup])
    assert isinstance(answer, GraphApiError), answer
    return answer


def askable(world: World) -> Iterator[tuple[Lookup, frozenset[str]]]:
    """Every lookup that this world allows, with the whole person it is about."""
    credentials = Credentials.from_document(world.credentials())
    for business, persons in world.truth().items():
        for person in persons:
            for text in person:
                name, user = text.rsplit(":", 1)
                asset = Asset.parse(name)
                found = credentials.for_asset(business_id(business), asset)
                makers = world.apps
                if found and makers[found.made_by.id].owner == business:
                    yield Lookup(ScopedId(asset, user), found), person


def forged(good: Credential, *, token: str = "", secret: str = "") -> Credential:
    return Credential(
        good.business,
        good.asset,
        good.made_by,
        Secret(token) if token else good.token,
        Secret(secret) if secret else good.app_secret,
    )
