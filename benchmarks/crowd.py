"""A crowd of people whose ids are each seen once, and the limits they are asked under."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from idweave_adapters.simulator import World
from idweave_adapters.simulator.dice import dice
from idweave_adapters.simulator.traffic import messaging
from idweave_adapters.simulator.traffic.messaging import Scene
from idweave_adapters.simulator.traffic.webhooks import encode
from idweave_adapters.simulator.world import App, Page, WorldBuilder
from idweave_streams.reliable import Output
from idweave_streams.topics import TopicNames

APPS, PAGES = 2, 2
IDS_PER_PERSON = 3


@dataclass(frozen=True, slots=True)
class Crowd:
    """A world, and each of its ids once."""

    world: World
    ids: tuple[tuple[str, str], ...]
    """Asset (`app:<id>` or `page:<id>`) and user id, in the order of their events."""

    def events(
        self, names: TopicNames, partitions: int, at_ms: int
    ) -> Iterator[Output]:
        """One login or one message for each id, over all partitions in turn."""
        rng = dice("benchmark", len(self.ids))
        for number, (asset, user) in enumerate(self.ids):
            kind, _, asset_id = asset.partition(":")
            if kind == "app":
                login = {"app_id": asset_id, "user_id": user, "time": at_ms}
                value = orjson.dumps({**login, "login_kind": "classic"})
                topic = names.logins
            else:
                item = messaging.message(rng, Scene(asset_id, user, at_ms))
                entry = {"id": asset_id, "time": at_ms, "messaging": [item]}
                value = encode({"object": "page", "entry": [entry]})
                topic = names.webhooks
            yield Output(topic, None, value, partition=number % partitions)

    def assets(self, names: TopicNames) -> list[Output]:
        """Who owns what, as records."""
        return [
            Output(names.assets, str(row["asset"]).encode(), orjson.dumps(row))
            for row in self.world.assets()
        ]

    def budgets(self, calls_per_window: float) -> dict[str, int]:
        """Share so many calls among the apps and Pages, by how many ids they have.

        All Pages of a business together may make as many calls as they may alone.
        """
        counts = Counter(asset for asset, _ in self.ids)
        shares = {
            asset: max(1, round(calls_per_window * count / len(self.ids)))
            for asset, count in counts.items()
        }
        of_business: Counter[str] = Counter()
        for page in self.world.pages.values():
            of_business[f"business:{page.owner}"] += shares.get(page.asset, 0)
        return shares | {of: calls for of, calls in of_business.items() if calls}


def crowd(ids: int, *, businesses: int, seed: int = 0) -> Crowd:
    """Draw people with *ids* ids in all, in their order of appearance."""
    build, rng = WorldBuilder(seed=seed), dice("crowd", seed)
    homes = [_home(build, number) for number in range(businesses)]
    found: list[tuple[str, str]] = []
    while len(found) < ids:
        home = homes[len(found) // IDS_PER_PERSON % businesses]
        used = rng.sample(home, k=min(IDS_PER_PERSON, ids - len(found)))
        person = build.person(*used)
        found += [(f"app:{app}", user) for app, user in person.asids.items()]
        found += [(f"page:{page}", user) for page, user in person.psids.items()]
    rng.shuffle(found)
    return Crowd(World(build.parts()), tuple(found))


def _home(build: WorldBuilder, number: int) -> list[App | Page]:
    owner = build.business(f"Business {number}")
    apps = [build.app(f"App {number}.{nth}", owner) for nth in range(APPS)]
    pages = [
        build.page(f"Page {number}.{nth}", owner, made_by=[apps[nth % APPS]])
        for nth in range(PAGES)
    ]
    return [*apps, *pages]
