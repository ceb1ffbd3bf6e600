"""What happens in one run, as a list of steps that can be written down and cut.

A step says from which move of the scheduler on it may happen. The scheduler's own
choices come from another stream of the seed, so that a run without one step is still
much like the run with it.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar, get_type_hints

S = TypeVar("S", bound="Step")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at a move of the scheduler."""

    at: int


@dataclass(frozen=True, slots=True)
class See(Step):
    """Somebody logs in to an app, or writes to a Page."""

    person: int
    asset: str
    back: int
    """So many seconds ago."""
    token: bool = False
    """The event brings the business token of whoever owns the asset by now."""
    code: int = 0
    """It ends this account linking; 0: none. A code of two people is a lie."""
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Unlink(Step):
    """A Page tells that somebody's account linkings are over."""

    person: int
    asset: str


@dataclass(frozen=True, slots=True)
class Erase(Step):
    """Somebody is to be forgotten: an id, or the whole person."""

    person: int
    asset: str
    whole: bool
    receipt: int
    """0: nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Deauthorize(Step):
    """Somebody takes an app away."""

    person: int
    asset: str


@dataclass(frozen=True, slots=True)
class Ban(Step):
    """Two ids may not be one person, or may be again."""

    person: int
    asset: str
    other: int
    other_asset: str
    lift: bool


@dataclass(frozen=True, slots=True)
class Decide(Step):
    """An operator decides about two ids: `accept`, `reject`, `reopen` or `link`."""

    person: int
    asset: str
    other: int
    other_asset: str
    verdict: str


@dataclass(frozen=True, slots=True)
class EraseAsset(Step):
    """All ids of an app or a Page are to be forgotten."""

    asset: str
    receipt: int
    """0: nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Transfer(Step):
    """An asset gets another owner; empty: nobody owns it for now."""

    asset: str
    to: str


@dataclass(frozen=True, slots=True)
class Again(Step):
    """A record of a source comes once more, however old it is."""

    number: int


@dataclass(frozen=True, slots=True)
class Garbage(Step):
    """Somebody puts on a source topic what nobody can read."""

    topic: int


@dataclass(frozen=True, slots=True)
class Review(Step):
    """The platform stops a business, or lets it go on."""

    business: str
    on: bool


@dataclass(frozen=True, slots=True)
class Credential(Step):
    """The token of an asset: `ok`, `missing`, `refused` or `denied`."""

    asset: str
    state: str


@dataclass(frozen=True, slots=True)
class Trouble(Step):
    """The next answers of the platform are no answers.

    `transient`, `protocol`, `throttled`, `partial` (an edge is left out) or `empty`.
    """

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Gone(Step):
    """The platform knows somebody no more."""

    person: int


@dataclass(frozen=True, slots=True)
class Crash(Step):
    """A worker dies after so many more effects."""

    worker: int
    after: int
    wipe: bool
    """Its disk is lost too."""
    down: int
    """For so many moves."""


@dataclass(frozen=True, slots=True)
class Unacknowledged(Step):
    """The broker never acknowledges one of the worker's next writes."""

    worker: int
    after: int
    stored: bool
    """It has stored it all the same."""


@dataclass(frozen=True, slots=True)
class Pause(Step):
    """A worker stands still; `expired`: so long that its partitions move."""

    worker: int
    moves: int
    expired: bool


@dataclass(frozen=True, slots=True)
class Rebalance(Step):
    """Partitions are shared out anew."""


@dataclass(frozen=True, slots=True)
class Wait(Step):
    """Nothing new comes for so many seconds."""

    seconds: int


KINDS: dict[str, type[Step]] = {
    kind.__name__.lower(): kind
    for kind in (
        *(See, Unlink, Erase, EraseAsset, Deauthorize, Ban, Decide, Transfer, Again),
        *(
            Garbage,
            Review,
            Credential,
            Trouble,
            Gone,
            Crash,
            Unacknowledged,
            Pause,
            Rebalance,
            Wait,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A run, down to the last choice of the scheduler."""

    seed: int
    partitions: int
    workers: int
    unit_records: int
    """Most records of one unit."""
    tick_ms: int
    """So much time passes when everybody waits."""
    leaky: bool
    """The platform names the ids of other businesses too."""
    remembers: bool
    """There is a key, so that erasures are remembered."""
    sweep_step: int
    """Members that one message of a sweep takes out at most."""
    steps: tuple[Step, ...]

    def to_text(self) -> str:
        """Write it down, one step a line."""
        return "\n".join((_line("scenario", _head(self)), *map(_step_line, self.steps)))

    @classmethod
    def of_text(cls, text: str) -> "Scenario":
        """Read what `to_text` wrote."""
        head, *rest = [line for line in text.splitlines() if line.strip()]
        values: dict[str, Any] = _values(cls, head.split()[1:])
        return cls(**values, steps=tuple(map(_step, rest)))


def _head(scenario: Scenario) -> dict[str, object]:
    return {f.name: getattr(scenario, f.name) for f in fields(scenario)[:-1]}


def _step_line(step: Step) -> str:
    return _line(type(step).__name__.lower(), asdict(step))


def _line(name: str, values: dict[str, object]) -> str:
    return " ".join((name, *(f"{key}={value}" for key, value in values.items())))


def _step(line: str) -> Step:
    name, *pairs = line.split()
    kind = KINDS[name]
    return kind(**_values(kind, pairs))


def _values(kind: type, pairs: list[str]) -> dict[str, int]:
    return dict(_value(kind, pair) for pair in pairs)


def _value(kind: type, pair: str) -> tuple[str, int]:
    name, _, text = pair.partition("=")
    wanted = get_type_hints(kind)[name]
    if wanted is bool:
        return name, text == "True"
    return name, wanted(text)


def of_kind(scenario: Scenario, *kinds: type[S]) -> Iterator[S]:
    """Yield the steps of these kinds."""
    return (step for step in scenario.steps if isinstance(step, kinds))
