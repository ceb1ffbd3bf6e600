"""Draws a whole world from a seed: several businesses, a service provider, people."""

from dataclasses import dataclass
from random import Random

from idweave_adapters.simulator.dice import chance, dice
from idweave_adapters.simulator.world.builder import WorldBuilder
from idweave_adapters.simulator.world.values import App, Business, Page, Parts

_BRANDS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel")
_CUSTOMERS_OF_PROVIDER = 3
_BUSINESSES_PER_PERSON = (1, 2, 3)
_BUSINESSES_WEIGHTS = (80, 16, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a world is drawn.

    Args:
        people: humans, not ids; each has one to about eight ids.
        provider: add a service provider whose app made the only token of some Pages
            of (up to) three businesses.
        phone_only: share of people whose Messenger account has no ASIDs.
        unowned_apps: apps in no business, with some people of their own.
    """

    seed: int = 0
    businesses: int = 5
    people: int = 500
    provider: bool = True
    phone_only: float = 0.05
    unowned_apps: int = 0


@dataclass(frozen=True, slots=True)
class _Drawing:
    build: WorldBuilder
    rng: Random


@dataclass(frozen=True, slots=True)
class _Household:
    """The assets of one business that people can use."""

    apps: tuple[App, ...]
    pages: tuple[Page, ...]


def draw(recipe: Recipe) -> Parts:
    """The same recipe gives the same world."""
    drawing = _Drawing(WorldBuilder(seed=recipe.seed), dice("recipe", recipe.seed))
    provider = _provider(drawing) if recipe.provider else None
    clients = drawing.rng.sample(
        range(recipe.businesses), k=min(_CUSTOMERS_OF_PROVIDER, recipe.businesses)
    )
    households = [
        _household(drawing, number, provider if number in clients else None)
        for number in range(recipe.businesses)
    ]
    for _ in range(recipe.people if households else 0):
        _person(drawing, recipe, households)
    for _ in range(recipe.people // 50 if provider else 0):
        drawing.build.person(*filter(None, [provider]))
    for number in range(recipe.unowned_apps):
        _stray(drawing, number, recipe.people)
    return drawing.build.parts()


def _provider(drawing: _Drawing) -> App:
    owner = drawing.build.business("Bots For All", is_provider=True)
    return drawing.build.app("Bots For All Suite", owner, category="Business")


def _stray(drawing: _Drawing, number: int, people: int) -> None:
    app = drawing.build.app(f"Stray {number}", None)
    for _ in range(max(1, people // 100)):
        drawing.build.person(app)


def _household(drawing: _Drawing, number: int, provider: App | None) -> _Household:
    brand = _BRANDS[number % len(_BRANDS)]
    owner = drawing.build.business(f"{brand} {number + 1}")
    rng = drawing.rng
    apps = tuple(_app(drawing, owner, nth) for nth in range(rng.randint(2, 4)))
    drawing.build.app(f"{owner.name} Test", owner, parent=apps[0])
    # a client of the provider keeps one Page of its own, so both kinds are there
    makers = [rng.choice(apps) for _ in range(rng.randint(2 if provider else 1, 4))]
    makers[0] = provider or makers[0]
    pages = tuple(_page(drawing, owner, maker, nth) for nth, maker in enumerate(makers))
    return _Household(apps, pages)


def _app(drawing: _Drawing, owner: Business, nth: int) -> App:
    name = f"{owner.name} {('Shop', 'Games', 'Rewards', 'Travel')[nth]}"
    short = name.lower().replace(" ", "")
    return drawing.build.app(
        name,
        owner,
        category=drawing.rng.choice(("Business", "Games", None)),
        link=drawing.rng.choice((f"https://apps.facebook.com/{short}/", None)),
        namespace=drawing.rng.choice((short, None)),
    )


def _page(drawing: _Drawing, owner: Business, made_by: App, nth: int) -> Page:
    name = f"{owner.name} {('Café', 'Support', 'Deals', 'Jobs')[nth]}"
    link = f"https://www.facebook.com/{name.replace(' ', '-')}/"
    return drawing.build.page(
        name,
        owner,
        made_by=[made_by],
        category=drawing.rng.choice(("Brand", "Musician", None)),
        link=drawing.rng.choice((link, None)),
    )


def _person(drawing: _Drawing, recipe: Recipe, households: list[_Household]) -> None:
    rng = drawing.rng
    many = rng.choices(_BUSINESSES_PER_PERSON, _BUSINESSES_WEIGHTS)[0]
    homes = rng.sample(households, k=min(many, len(households)))
    phone_only = chance(rng, recipe.phone_only)
    used = [
        asset for home in homes for asset in _used(rng, home, phone_only=phone_only)
    ]
    drawing.build.person(*used, phone_only=phone_only)


def _used(rng: Random, home: _Household, *, phone_only: bool) -> list[App | Page]:
    offered: list[App | Page] = (
        [*home.pages] if phone_only else [*home.apps, *home.pages]
    )
    return rng.sample(offered, k=min(len(offered), 1 + int(rng.expovariate(0.7))))
