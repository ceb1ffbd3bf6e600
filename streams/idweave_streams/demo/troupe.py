"""The people of the demo's single cases. Nobody else's events are about them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from idweave_adapters.simulator.dice import dice
from idweave_adapters.simulator.world import App, Page, Person, World

_ID_DIGITS = 16
_KEY_DIGITS = 13
"""One more than the keys of a drawn world's people have."""


class House(NamedTuple):
    """A business in which nothing else is in doubt, and what its people use."""

    business: str
    app: str
    other_app: str
    page: str


@dataclass(frozen=True, slots=True)
class Troupe:
    """Eight accounts of seven people of one business."""

    house: House
    keeper: Person
    """Uses both apps and the Page."""
    visitor: Person
    """Uses both apps, once on the keeper's device."""
    patron: Person
    """Uses an app and the Page."""
    lodger: Person
    """Uses the other app, on the patron's device."""
    caller: Person
    """Uses both apps."""
    phone: Person
    """The caller's second account, made with a phone number, on the Page."""
    leaver: Person
    """Uses both apps and the Page, and wants one id forgotten."""

    @property
    def all(self) -> tuple[Person, ...]:
        """Every account."""
        return (
            *(self.keeper, self.visitor, self.patron, self.lodger),
            *(self.caller, self.phone, self.leaver),
        )

    @property
    def humans(self) -> tuple[frozenset[str], ...]:
        """The ids of each of them, as somebody knows who has met them all."""
        several = (self.keeper, self.visitor, self.patron, self.lodger, self.leaver)
        one_with_two = self.ids(self.caller) | self.ids(self.phone)
        return (*(self.ids(each) for each in several), one_with_two)

    def ids(self, who: Person) -> frozenset[str]:
        """Return the scoped ids of an account."""
        apps = (self.in_app(who, app) for app in who.asids)
        return frozenset((*apps, *(self.on_page(who) for _ in who.psids)))

    def in_app(self, who: Person, app: str) -> str:
        """Return the id of an account in an app."""
        return f"app:{app}:{who.asids[app]}"

    def on_page(self, who: Person) -> str:
        """Return the id of an account on the Page."""
        return f"page:{self.house.page}:{who.psids[self.house.page]}"


def draw_troupe(world: World, *, seed: int, busy: Collection[str]) -> Troupe:
    """Draw people of a customer in *world* that is not *busy*; always the same."""
    house = max(_houses(world, busy), key=lambda each: (_use(world, each), each))
    one, other, page = house.app, house.other_app, house.page
    maker = _Maker(world, dice("troupe", seed))
    return Troupe(
        house,
        keeper=maker.person(one, other, page=page),
        visitor=maker.person(one, other),
        patron=maker.person(one, page=page),
        lodger=maker.person(other),
        caller=maker.person(one, other),
        phone=maker.person(page=page),
        leaver=maker.person(one, other, page=page),
    )


def _houses(world: World, busy: Collection[str]) -> Iterator[House]:
    for business in world.businesses.values():
        if business.is_provider or business.id in busy:
            continue
        apps = [a.id for a in world.apps.values() if _is_for_all(a, business.id)]
        pages = [p.id for p in world.pages.values() if _is_asked(world, p, business.id)]
        if len(apps) > 1 and pages:
            yield House(business.id, apps[0], apps[1], pages[0])


def _is_for_all(app: App, business: str) -> bool:
    return app.owner == business and app.parent is None


def _is_asked(world: World, page: Page, business: str) -> bool:
    return page.owner == business and world.may_ask(page)


def _use(world: World, house: House) -> int:
    return sum(len(world.people.in_app(app)) for app in (house.app, house.other_app))


class _Maker:
    """Makes accounts with ids that are nobody's."""

    def __init__(self, world: World, rng: Random) -> None:
        everybody = world.people.all
        self._used = {
            user
            for who in everybody
            for ids in (who.asids, who.psids)
            for user in ids.values()
        }
        self._rng = rng

    def person(self, *apps: str, page: str | None = None) -> Person:
        return Person(
            key=self._drawn(_KEY_DIGITS),
            name="",
            asids={app: self._drawn(_ID_DIGITS) for app in apps},
            psids={} if page is None else {page: self._drawn(_ID_DIGITS)},
            phone_only=not apps,
        )

    def _drawn(self, digits: int) -> str:
        while True:
            drawn = str(self._rng.randrange(10 ** (digits - 1), 10**digits))
            if drawn not in self._used:
                self._used.add(drawn)
                return drawn
