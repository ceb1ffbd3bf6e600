"""Who lives in the chaos run's world, what happens to them, and what must be found."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from idweave_adapters.simulator import World
from idweave_adapters.simulator.world.people import People
from idweave_adapters.simulator.world.values import Page, Person
from idweave_graph.ids import Asset, AssetKind, BusinessId, ScopedId
from idweave_graph.ownership import Ownership
from idweave_streams.demo.story import Story, draw_story

LEAVERS, FEUDERS = 6, 6


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody whose two ids in one business are seen in no other traffic."""

    business: BusinessId
    asid: ScopedId = field(repr=False)
    psid: ScopedId = field(repr=False)

    @property
    def aliases(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Their keys among the aliases."""
        return (self.business, str(self.asid)), (self.business, str(self.psid))


@dataclass(frozen=True, slots=True)
class Town(Story):
    """The demo's story, without the guests; and a Page changes hands."""

    moved: Ownership
    whole: World
    """Everybody, guests included: what the Graph API knows."""
    leavers: tuple[Guest, ...]
    """They are forgotten in the end."""
    feuders: tuple[Guest, ...]
    """Their two ids are not one person in the end."""

    @property
    def doubtful(self) -> set[str]:
        """Assets whose ids may or may not be there in the end."""
        return {str(o.asset) for o in (self.lost, self.unowned, self.moved)}

    def _may_ask(self, scoped: str) -> bool:
        """Not with a token made by an app that leaves: it is refused from then on."""
        kind, asset, _ = scoped.split(":")
        if kind == "page":
            maker = self.whole._token_app(self.whole.pages[asset])
            if maker is None or maker.asset in self.doubtful:
                return False
        return Story._may_ask(self, scoped)

    def in_the_end(self) -> World:
        """The world as its owners see it after all that happens."""
        page, new = str(self.moved.asset), str(self.moved.business)
        return self.whole.transfer(str(self.lost.asset), None).transfer(page, new)


def draw_town(*, events: int, seed: int, start_ms: int) -> Town:
    """Draw a town; the same arguments give the same one."""
    story = draw_story(events=events, seed=seed, start_ms=start_ms)
    whole = story.world
    moved = _moved(story, start_ms)
    taken = {str(o.asset) for o in (story.lost, story.unowned, moved)}
    found = itertools.islice(_guests(story, taken), LEAVERS + FEUDERS)
    people, guests = zip(*found, strict=True)
    crowd = [each for each in whole.people.all if each not in people]
    values = {f.name: getattr(story, f.name) for f in fields(Story)}
    values["world"] = World(whole._parts, people=People(crowd))
    return Town(
        **values,
        moved=moved,
        whole=whole,
        leavers=guests[:LEAVERS],
        feuders=guests[LEAVERS:],
    )


def _guests(story: Story, taken: set[str]) -> Iterator[tuple[Person, Guest]]:
    for person in story.world.people.all:
        guest = _guest(story, person, taken)
        if guest is not None:
            yield person, guest


def _guest(story: Story, person: Person, taken: set[str]) -> Guest | None:
    """Two ids of one person in one business whose assets stay where they are."""
    for business, ids in story.world.ids_by_business(person).items():
        scoped = [_parsed(each) for each in ids]
        apps = [each for each in scoped if each.asset.kind is AssetKind.APP]
        pages = [each for each in scoped if each.asset.kind is AssetKind.PAGE]
        is_sure = not any(str(each.asset) in taken for each in scoped)
        if business != story.reviewed and is_sure and apps and pages:
            return Guest(BusinessId(business), apps[0], pages[0])
    return None


def _parsed(text: str) -> ScopedId:
    asset, _, user = text.rpartition(":")
    return ScopedId(Asset.parse(asset), user)


def _moved(story: Story, start_ms: int) -> Ownership:
    """The most used Page of a business that nothing else happens to goes to another."""
    world = story.world
    busy = {story.reviewed, *_owners(story)}

    def use(page: Page) -> tuple[int, str]:
        return len(world.people.on_page(page.id)), page.id

    page = max((p for p in world.pages.values() if p.owner not in busy), key=use)
    others = (b.id for b in world.businesses.values() if not b.is_provider)
    new = next(each for each in others if each not in {*busy, page.owner})
    return Ownership(
        Asset(AssetKind.PAGE, page.id),
        BusinessId(new),
        page.epoch + 1,
        previous=BusinessId(page.owner or ""),
        since_ms=start_ms,
    )


def _owners(story: Story) -> set[str | None]:
    return {story.world.apps[o.asset.id].owner for o in (story.lost, story.unowned)}
