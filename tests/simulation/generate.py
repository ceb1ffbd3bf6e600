"""From a seed to a scenario."""

from collections.abc import Callable
from random import Random

from tests.simulation import scenario as s
from tests.simulation.ground import ASSETS, BUSINESSES, PARENTS, PEOPLE, SHOP
from tests.simulation.scenario import Scenario, Step

_ASSETS = tuple(map(str, ASSETS))
_APPS = tuple(name for name in _ASSETS if name.startswith("app:"))
_PAGES = tuple(name for name in _ASSETS if name.startswith("page:"))
_OURS = _ASSETS[:5]
"""Most of what happens is about one business, so that people meet themselves."""

Maker = Callable[[Random, int, "Cast"], Step]
Weights = dict[str, int]

CALM: Weights = {"see": 30}
DOMAIN: Weights = {
    "see": 30,
    "erase": 4,
    "erase-asset": 1,
    "ban": 4,
    "decide": 3,
    "transfer": 4,
    "unlink": 1,
    "deauthorize": 1,
    "again": 2,
    "garbage": 1,
}
ENGINE: Weights = {"crash": 5, "unacknowledged": 3, "pause": 3, "rebalance": 2}
API: Weights = {"trouble": 4, "review": 2, "credential": 2, "gone": 1, "wait": 3}
PROFILES: tuple[Weights, ...] = (
    CALM,
    DOMAIN,
    CALM | ENGINE | {"again": 2},
    CALM | API,
    DOMAIN | ENGINE,
    DOMAIN | ENGINE | API,
)


class Cast:
    """Who plays in one run."""

    def __init__(self, random: Random) -> None:
        self.people = random.sample(PEOPLE, k=random.choice((1, 2, 2, 3, 5)))
        self.assets = _OURS if random.random() < 0.6 else _ASSETS
        self.workers = random.choice((1, 2, 2, 3))
        self.lies = random.random() < 0.15

    def person(self, random: Random) -> int:
        """Choose somebody."""
        return random.choice(self.people)

    def asset(self, random: Random) -> str:
        """Choose an asset."""
        return random.choice(self.assets)


def generate(seed: int) -> Scenario:
    """Return the scenario of *seed*, always the same."""
    random = Random(f"{seed}-steps")
    cast, weights = Cast(random), PROFILES[random.randrange(len(PROFILES))]
    names = random.choices(
        list(weights), weights=list(weights.values()), k=random.randrange(5, 28)
    )
    at, steps, gap = 0, list[Step](), random.choice((4, 15, 40))
    for name in names:
        at += random.randrange(1 + gap)
        steps.append(_MAKERS[name](random, at, cast))
    return Scenario(
        seed=seed,
        partitions=random.choice((1, 2, 3)),
        workers=cast.workers,
        unit_records=random.choice((1, 2, 5, 500)),
        tick_ms=random.choice((1_000, 5_000, 20_000)),
        leaky=random.random() < 0.4,
        remembers=random.random() < 0.7,
        sweep_step=random.choice((1, 2, 200)),
        steps=tuple(steps),
    )


def _see(random: Random, at: int, cast: Cast) -> Step:
    person, asset = cast.person(random), cast.asset(random)
    code = 0
    if random.random() < 0.1:
        code = 1 if cast.lies else 100 + person
    return s.See(
        at=at,
        person=person,
        asset=asset,
        back=random.choice((0, 0, 0, 1, 10, 60)),
        token=asset in _APPS and random.random() < 0.15,
        code=code,
        copies=2 if random.random() < 0.1 else 1,
    )


def _unlink(random: Random, at: int, cast: Cast) -> Step:
    return s.Unlink(at, cast.person(random), random.choice(_PAGES))


def _erase(random: Random, at: int, cast: Cast) -> Step:
    person, asset = cast.person(random), cast.asset(random)
    return s.Erase(at, person, asset, random.random() < 0.6, random.randrange(4))


def _deauthorize(random: Random, at: int, cast: Cast) -> Step:
    return s.Deauthorize(at, cast.person(random), random.choice(_APPS))


def _ban(random: Random, at: int, cast: Cast) -> Step:
    one, two = cast.person(random), cast.person(random)
    assets = cast.asset(random), cast.asset(random)
    return s.Ban(at, one, assets[0], two, assets[1], random.random() < 0.3)


def _decide(random: Random, at: int, cast: Cast) -> Step:
    one = cast.person(random)
    two = cast.person(random) if cast.lies else one
    assets = cast.asset(random), cast.asset(random)
    verdict = random.choice(("accept", "reject", "reject", "reopen", "link"))
    return s.Decide(at, one, assets[0], two, assets[1], verdict)


def _transfer(random: Random, at: int, cast: Cast) -> Step:
    asset = str(SHOP) if random.random() < 0.2 else cast.asset(random)
    if _is_test_app(asset) and random.random() < 0.8:
        asset = str(SHOP)
    return s.Transfer(at, asset, random.choice((*BUSINESSES[:2], "")))


def _is_test_app(name: str) -> bool:
    return name in map(str, PARENTS)


def _credential(random: Random, at: int, cast: Cast) -> Step:
    state = random.choice(("ok", "missing", "refused", "denied"))
    return s.Credential(at, cast.asset(random), state)


def _trouble(random: Random, at: int, _: Cast) -> Step:
    kinds = ("transient", "protocol", "throttled", "partial", "empty")
    return s.Trouble(at, random.choice(kinds), random.randrange(1, 4))


def _crash(random: Random, at: int, cast: Cast) -> Step:
    return s.Crash(
        at,
        worker=random.randrange(cast.workers),
        after=random.randrange(12),
        wipe=random.random() < 0.3,
        down=random.randrange(60),
    )


def _unacknowledged(random: Random, at: int, cast: Cast) -> Step:
    worker = random.randrange(cast.workers)
    return s.Unacknowledged(at, worker, random.randrange(6), random.random() < 0.5)


def _pause(random: Random, at: int, cast: Cast) -> Step:
    worker = random.randrange(cast.workers)
    return s.Pause(at, worker, random.randrange(5, 80), random.random() < 0.6)


_MAKERS: dict[str, Maker] = {
    "see": _see,
    "unlink": _unlink,
    "decide": _decide,
    "erase-asset": lambda random, at, cast: s.EraseAsset(
        at, cast.asset(random), random.randrange(4)
    ),
    "erase": _erase,
    "deauthorize": _deauthorize,
    "ban": _ban,
    "transfer": _transfer,
    "again": lambda random, at, _: s.Again(at, random.randrange(1 << 16)),
    "garbage": lambda random, at, _: s.Garbage(at, random.randrange(3)),
    "review": lambda random, at, _: s.Review(
        at, random.choice(BUSINESSES), random.random() < 0.7
    ),
    "credential": _credential,
    "trouble": _trouble,
    "gone": lambda random, at, cast: s.Gone(at, cast.person(random)),
    "crash": _crash,
    "unacknowledged": _unacknowledged,
    "pause": _pause,
    "rebalance": lambda _, at, __: s.Rebalance(at),
    "wait": lambda random, at, _: s.Wait(at, random.choice((30, 120, 900))),
}
