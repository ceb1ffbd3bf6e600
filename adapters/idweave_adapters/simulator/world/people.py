"""Finds people by the ids that apps and Pages know them by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from idweave_adapters.simulator.world.values import Person

_NOBODY: Mapping[str, Person] = {}


class People:
    """Everyone, by scope and id."""

    __slots__ = ("_by_asid", "_by_psid", "all")

    def __init__(self, people: Iterable[Person]) -> None:
        self.all = tuple(people)
        self._by_asid: dict[str, dict[str, Person]] = defaultdict(dict)
        self._by_psid: dict[str, dict[str, Person]] = defaultdict(dict)
        for person in self.all:
            for app, user in person.asids.items():
                self._by_asid[app][user] = person
            for page, user in person.psids.items():
                self._by_psid[page][user] = person

    def met_by(self, page: str, psids: Mapping[str, Person]) -> "People":
        """Everyone, after these have got these ids on a Page that had not met them."""
        now = {
            person.key: replace(person, psids={**person.psids, page: psid})
            for psid, person in psids.items()
        }
        return People(now.get(person.key, person) for person in self.all)

    def in_app(self, app: str) -> Mapping[str, Person]:
        """App-scoped id to person, for an app that is not a test app."""
        return self._by_asid.get(app, _NOBODY)

    def on_page(self, page: str) -> Mapping[str, Person]:
        """Page-scoped id to person."""
        return self._by_psid.get(page, _NOBODY)
