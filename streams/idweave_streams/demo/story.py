"""What happens in the demo's minute: the world, its troubles, and what must be found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from idweave_adapters.simulator import Faults, World
from idweave_adapters.simulator.traffic import TrafficPlan
from idweave_graph.ids import Asset, AssetKind, BusinessId
from idweave_graph.ownership import Ownership
from idweave_streams.demo.scenes import Scenes
from idweave_streams.demo.troupe import draw_troupe
from idweave_streams.demo.verdict import Verdict, compare
from idweave_streams.tally import Alias

LOSS_AT = 0.45
"""Share of the events after which the held business gives an app away."""
RELEASE_AT = 0.6
"""Share of the events after which the review ends."""
PROBE_S = 3.0
"""How often the held business is tried; Meta's review takes two days, the demo one minute."""
PEOPLE_PER_EVENT = 0.11
"""About one event in four is then about an id that was never seen."""


@dataclass(frozen=True, slots=True)
class Story:
    """A world with a business under review, two apps in doubt, and an operator's cases."""

    world: World
    plan: TrafficPlan
    faults: Faults
    reviewed: str
    """The business whose lookups Meta stops, for a while."""
    lost: Ownership
    """An app that the reviewed business gives away meanwhile."""
    unowned: Ownership
    """An app that is between two owners from the beginning, while Meta still answers
    as if it were not."""
    scenes: Scenes
    """Single cases, of people about whom the traffic is not."""

    @property
    def doubtful(self) -> set[str]:
        """Assets whose ids may or may not be there in the end."""
        return {str(self.lost.asset), str(self.unowned.asset)}

    def assets(self) -> list[Ownership]:
        """Who owns what at the beginning."""
        since_ms = self.plan.start_ms  # not 1970: what is told of it has a time
        rows = [
            replace(_ownership(row), since_ms=since_ms) for row in self.world.assets()
        ]
        return [self.unowned if r.asset == self.unowned.asset else r for r in rows]

    def linkable(self, sighted: Collection[str]) -> set[Alias]:
        """Return the ids that must be with every other id of their person.

        One id that was seen and may be asked about tells of all others. Ids of
        doubtful assets are left out.
        """
        doubtful = self.doubtful
        found: set[Alias] = set()
        for person in self.world.people.all:
            for business, ids in self.world.ids_by_business(person).items():
                sure = [i for i in ids if i.rpartition(":")[0] not in doubtful]
                if any(i in sighted and self._may_ask(i) for i in sure):
                    found |= {(business, i) for i in sure}
        return found

    def must_have(self, sighted: Collection[str]) -> set[Alias]:
        """Return the ids that were seen and must have a person."""
        doubtful = self.doubtful
        return {
            (business, scoped)
            for person in self.world.people.all
            for business, ids in self.world.ids_by_business(person).items()
            for scoped in ids
            if scoped in sighted and scoped.rpartition(":")[0] not in doubtful
        }

    def verdict(
        self, aliases: Mapping[Alias, str], sighted: Collection[str]
    ) -> Verdict:
        """Compare *aliases* with the truth, after the cases and events of *sighted*."""
        return compare(
            aliases,
            self.scenes.with_truth(self.world.truth()),
            seen=self.must_have(sighted),
            linkable=self.linkable(sighted) | self.scenes.judged,
            erased=self.scenes.erased,
        )

    def _may_ask(self, scoped: str) -> bool:
        kind, asset, _ = scoped.split(":")
        if kind == "app":
            return True
        page = self.world.pages[asset]
        makers = {f"app:{each}" for each in page.made_by}
        # A token made by an app in doubt is as foreign as that app may be.
        return self.world.may_ask(page) and makers.isdisjoint(self.doubtful)


def draw_story(*, events: int, seed: int, start_ms: int) -> Story:
    """Draw a story; the same arguments give the same one."""
    world = World.generate(
        seed=seed, businesses=5, people=max(50, int(events * PEOPLE_PER_EVENT))
    )
    plan = TrafficPlan(seed=seed, events=events, start_ms=start_ms)
    faults = Faults(
        latency_s=0.03,
        jitter_s=0.03,
        item_failure_rate=0.05,
        foreign_rate=0.004,
        unknown_rate=0.004,
    )
    first, second = _spare_apps(world)
    reviewed = BusinessId(first.business or "")
    lost = Ownership(
        first.asset, None, first.epoch, previous=reviewed, since_ms=start_ms
    )
    unowned = Ownership(second.asset, None, second.epoch, since_ms=start_ms)
    busy = {reviewed, world.apps[second.asset.id].owner or ""}
    troupe = draw_troupe(world, seed=seed, busy=busy)
    scenes = Scenes(troupe, world.joined_by(troupe.all))
    return Story(world, plan, faults, reviewed, lost, unowned, scenes)


def _spare_apps(world: World) -> tuple[Ownership, Ownership]:
    """Choose the most used app of each of two customers that has no test app."""
    parents = {app.parent for app in world.apps.values()}
    best: dict[str, tuple[int, str]] = {}
    for app in world.apps.values():
        owner = world.businesses.get(app.owner or "")
        if owner is None or owner.is_provider or app.parent or app.id in parents:
            continue
        use = (len(world.people.in_app(app.id)), app.id)
        best[owner.id] = max(best.get(owner.id, use), use)
    first, second = sorted(best.items(), key=lambda item: item[1], reverse=True)[:2]
    return _app(world, first[1][1]), _app(world, second[1][1])


def _app(world: World, app_id: str) -> Ownership:
    app = world.apps[app_id]
    return Ownership(
        Asset(AssetKind.APP, app_id), BusinessId(app.owner or ""), app.epoch
    )


def _ownership(row: Mapping[str, object]) -> Ownership:
    business, parent = row["business"], row["parent"]
    return Ownership(
        asset=Asset.parse(str(row["asset"])),
        business=None if business is None else BusinessId(str(business)),
        epoch=int(str(row["epoch"])),
        parent=None if parent is None else Asset.parse(str(parent)),
    )
