"""Which faults strike when: drawn from a seed, so that a run can be repeated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import MappingProxyType

FIRST_S = 8.0
"""Time for the workers to have begun."""
WORKER_PAUSE_S = (3.0, 9.0)
OTHER_PAUSE_S = (8.0, 16.0)
"""Between two faults of one lane, for the work to go on."""


class Kind(StrEnum):
    """What can go wrong."""

    KILL = "kill -9"
    TERM = "SIGTERM"
    FREEZE = "frozen"
    WIPE = "disk wiped"
    FULL = "disk full"
    BROKER_STOP = "broker stopped"
    BROKER_KILL = "broker killed"
    META_DOWN = "Graph API down"


SPAN_S: Mapping[Kind, tuple[float, float]] = MappingProxyType(
    {
        Kind.KILL: (0.0, 4.0),
        Kind.TERM: (0.0, 3.0),
        # The session of a member is over after 12 s.
        Kind.FREEZE: (15.0, 22.0),
        Kind.WIPE: (0.0, 2.0),
        Kind.FULL: (8.0, 12.0),
        Kind.BROKER_STOP: (2.0, 12.0),
        Kind.BROKER_KILL: (1.0, 12.0),
        Kind.META_DOWN: (5.0, 15.0),
    }
)
"""How long each lasts, at least and at most."""

TAKES_S: Mapping[Kind, float] = MappingProxyType(
    {
        Kind.KILL: 1.0,
        Kind.TERM: 2.0,
        Kind.FREEZE: 0.0,
        Kind.WIPE: 2.0,
        Kind.FULL: 12.0,
        Kind.BROKER_STOP: 6.0,
        Kind.BROKER_KILL: 5.0,
        Kind.META_DOWN: 1.0,
    }
)
"""How much longer it takes until what was struck runs again, on a busy machine."""

WORKER_KINDS = (Kind.KILL, Kind.TERM, Kind.FREEZE, Kind.WIPE, Kind.FULL)
OTHER_KINDS = (Kind.BROKER_STOP, Kind.BROKER_KILL, Kind.META_DOWN)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    at_s: float
    """After the beginning; later, if the one before it in its lane took longer."""
    kind: Kind
    lasts_s: float
    worker: int
    """Whom it strikes, if it strikes a worker."""

    @property
    def target(self) -> str:
        """Whom it strikes, in words."""
        return f"worker {self.worker}" if self.kind in WORKER_KINDS else "surroundings"


def draw(*, seed: int, duration_s: float, workers: int) -> tuple[list[Fault], ...]:
    """Two lanes of faults, which run side by side: workers, and what they depend on.

    In each lane every kind comes once before any comes again.
    """
    lanes = ((WORKER_KINDS, WORKER_PAUSE_S), (OTHER_KINDS, OTHER_PAUSE_S))
    return tuple(
        list(_lane(Random(f"{seed}/{kinds[0]}"), kinds, pause_s, duration_s, workers))
        for kinds, pause_s in lanes
    )


def _lane(
    rng: Random,
    kinds: tuple[Kind, ...],
    pause_s: tuple[float, float],
    duration_s: float,
    workers: int,
) -> Iterator[Fault]:
    at_s, bag = FIRST_S, list[Kind]()
    while True:
        if not bag:
            bag = rng.sample(kinds, k=len(kinds))
        kind = bag.pop()
        fault = Fault(
            at_s, kind, rng.uniform(*SPAN_S[kind]), 1 + rng.randrange(workers)
        )
        if at_s + fault.lasts_s > duration_s:
            return
        yield fault
        at_s += fault.lasts_s + TAKES_S[kind] + rng.uniform(*pause_s)
