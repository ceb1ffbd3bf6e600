"""Rows that Meta would never send, to try the boundaries of whoever reads them.

Whether an id is hit follows from the seed and the id alone, so asking again gives the
same answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from idweave_adapters.simulator.api.endpoints.asked import Subject
from idweave_adapters.simulator.api.endpoints.rows import Kind, Row
from idweave_adapters.simulator.dice import dice
from idweave_adapters.simulator.state import State
from idweave_adapters.simulator.world import App, Page, Person


@dataclass(frozen=True, slots=True)
class Scene:
    """An honest answer that is about to be spoilt."""

    state: State
    about: Subject
    kind: Kind
    business: str
    honest: Sequence[Row]


def intruders(scene: Scene) -> Iterator[Row]:
    """Rows to add to the honest ones, each counted as an injected fault."""
    faults, stats = scene.state.faults, scene.state.stats
    makers = (
        ("foreign", faults.foreign_rate, _foreign),
        ("unknown", faults.unknown_rate, _unknown),
        ("second_id", faults.second_id_rate, _second_id),
        ("mixed_up", faults.mixed_up_rate, _mixed_up),
    )
    for name, rate, make in makers:
        if rate <= 0:
            continue
        rng = dice("hostile", scene.state.seed, name, scene.about.scoped_id, scene.kind)
        row = make(scene, rng) if rng.random() < rate else None
        if row:
            stats.injected[name] += 1
            yield row


def _foreign(scene: Scene, rng: Random) -> Row | None:
    """An asset of somebody else; with the person's real id there, if there is one."""
    ids = _ids(scene.about.person, scene.kind)
    others = [
        each
        for each in _assets(scene).values()
        if each.owner not in {scene.business, None}
        and not getattr(each, "parent", None)
    ]
    others = [each for each in others if each.id in ids] or others
    if not others:
        return None
    asset = rng.choice(others)
    return Row(ids.get(asset.id) or _number(rng), asset)


def _unknown(scene: Scene, rng: Random) -> Row:
    number = _number(rng)
    if scene.kind == "app":
        return Row(_number(rng), App(number, "Unheard Of", secret="", owner=None))
    return Row(_number(rng), Page(number, "Unheard Of", owner=None))


def _second_id(scene: Scene, rng: Random) -> Row | None:
    return Row(_number(rng), rng.choice(scene.honest).asset) if scene.honest else None


def _mixed_up(scene: Scene, rng: Random) -> Row | None:
    """An id that is real and in the right business, but of another person."""
    for row in rng.sample(scene.honest, k=len(scene.honest)):
        if others := [user for user in _users(scene, row) if user != row.user]:
            return Row(rng.choice(others), row.asset)
    return None


def _users(scene: Scene, row: Row) -> Mapping[str, Person]:
    people = scene.state.world.people
    if isinstance(row.asset, App):
        return people.in_app(row.asset.scope)
    return people.on_page(row.asset.id)


def _assets(scene: Scene) -> Mapping[str, App | Page]:
    world = scene.state.world
    return {**world.apps} if scene.kind == "app" else {**world.pages}


def _ids(person: Person, kind: Kind) -> Mapping[str, str]:
    return person.asids if kind == "app" else person.psids


def _number(rng: Random) -> str:
    return str(rng.randrange(10**15, 10**16))
