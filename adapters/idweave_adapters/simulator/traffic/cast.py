"""Who acts: a few people cause most of the traffic."""

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import NamedTuple

from idweave_adapters.simulator.dice import dice
from idweave_adapters.simulator.world import Person, World


class Presence(NamedTuple):
    """A person in one app or on one Page."""

    person: Person
    asset: str  # id of the app or Page
    user: str


class Cast:
    """Draws presences, each person with an activity of its own (Pareto)."""

    __slots__ = ("_apps", "_apps_upto", "_pages", "_pages_upto")

    def __init__(self, world: World, *, seed: int, tail: float) -> None:
        rng = dice("cast", seed)
        self._apps: list[Presence] = []
        self._pages: list[Presence] = []
        app_weights: list[float] = []
        page_weights: list[float] = []
        for person in world.people.all:
            activity = rng.paretovariate(tail)
            self._apps += (Presence(person, *each) for each in person.asids.items())
            self._pages += (Presence(person, *each) for each in person.psids.items())
            app_weights += [activity] * len(person.asids)
            page_weights += [activity] * len(person.psids)
        self._apps_upto = list(accumulate(app_weights))
        self._pages_upto = list(accumulate(page_weights))

    @property
    def has_apps(self) -> bool:
        """Somebody logs in somewhere."""
        return bool(self._apps)

    @property
    def has_pages(self) -> bool:
        """Somebody writes to some Page."""
        return bool(self._pages)

    def in_app(self, rng: Random) -> Presence:
        """Someone who logs into some app."""
        return _drawn(rng, self._apps, self._apps_upto)

    def on_page(self, rng: Random) -> Presence:
        """Someone who is active on some Page."""
        return _drawn(rng, self._pages, self._pages_upto)


def _drawn(rng: Random, presences: list[Presence], upto: list[float]) -> Presence:
    found = bisect(upto, rng.random() * upto[-1])
    return presences[min(found, len(presences) - 1)]
