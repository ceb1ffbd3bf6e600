"""Everything about a running simulation that can change."""

from dataclasses import dataclass, field
from random import Random

from idweave_adapters.simulator.budget import CallBudget
from idweave_adapters.simulator.dice import dice
from idweave_adapters.simulator.faults import Faults
from idweave_adapters.simulator.rules import Rules
from idweave_adapters.simulator.stats import Stats
from idweave_adapters.simulator.world import World


@dataclass(slots=True)
class State:
    """One simulation. Single-threaded: calls are judged one after the other.

    Args:
        world: replaced as a whole when an asset changes its owner.
        under_review: businesses whose mapping calls answer with the policy hold.
        cleared: businesses that a first call no longer puts under review.
        revoked: assets (`app:<id>`, `page:<id>`), and businesses (`business:<id>`) by
            their system users, whose tokens answer code 190.
        blocked: businesses whose lists of assets answer code 368.
        switched: apps that the Pages API gives PSIDs, so that none of their ASIDs is
            mapped any more.
        mapped: the Page-scoped ids that were given for an app's ASIDs.
        budgets: calls per window of single apps (`app:<id>`), Pages (`page:<id>`), and
            of all Pages of a business together (`business:<id>`), instead of what the
            faults say.
        base_url: where the API is reachable; part of `paging.next`.
    """

    world: World
    rules: Rules = field(default_factory=Rules)
    faults: Faults = field(default_factory=Faults)
    seed: int = 0
    under_review: set[str] = field(default_factory=set)
    cleared: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    switched: set[str] = field(default_factory=set)
    mapped: dict[str, set[str]] = field(default_factory=dict, repr=False)
    budgets: dict[str, int] = field(default_factory=dict)
    budget: CallBudget = field(default_factory=CallBudget)
    stats: Stats = field(default_factory=Stats)
    base_url: str = ""
    rng: Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = dice("faults", self.seed)

    def strikes(self, kind: str, rate: float) -> bool:
        """Draw whether a fault of this kind happens now, and count it if so.

        A rate of zero draws nothing, so that other faults fall as they did before.
        """
        if rate <= 0 or self.rng.random() >= rate:
            return False
        self.stats.injected[kind] += 1
        return True

    def review(self, business: str, *, on: bool) -> None:
        """Put a business under review, or let Meta's reviewer clear it."""
        if on:
            self.under_review.add(business)
            self.cleared.discard(business)
        else:
            self.under_review.discard(business)
            self.cleared.add(business)
