"""What must be found, if every allowed lookup was answered."""

from collections import defaultdict
from collections.abc import Set as AbstractSet

from idweave_adapters.simulator.world import Person, Truth, World


def woven(world: World, sighted: AbstractSet[str]) -> Truth:
    """The persons of each business that follow from the ids shown.

    One id that may be looked up brings in all ids of its person in that business. An
    id may be looked up by its own app, or by a Page token made by an app of the same
    business; on a Page that only a service provider serves it stays alone, unless
    another id of the person leads to it.
    """
    found: dict[str, set[frozenset[str]]] = defaultdict(set)
    for person in world.people.all:
        for business, ids in world.ids_by_business(person).items():
            shown = sighted & set(ids)
            if any(_may_ask(world, person, each) for each in shown):
                found[business].add(frozenset(ids))
            else:
                found[business] |= {frozenset([each]) for each in shown}
    return {business: frozenset(found[business]) for business in world.businesses}


def _may_ask(world: World, person: Person, scoped_id: str) -> bool:
    kind, asset, _ = scoped_id.split(":")
    return kind == "app" or world.may_ask(world.pages[asset])
