"""How what a story says comes: as it is told, with repetitions, or in any order."""

from dataclasses import dataclass
from random import Random

from idweave_graph.messages import LogMessage


@dataclass(frozen=True)
class Manner:
    """How what was said comes."""

    name: str
    is_twice: bool = False
    """Each message comes twice, to the lookups as well as to the graph."""
    is_again: bool = False
    """All that was said since the story looked last comes once more, as a whole."""
    seed: int | None = None
    """Each message comes twice, and all of them in any order."""

    def deliver(self, told: list[LogMessage]) -> list[LogMessage]:
        """Return *told* as it comes."""
        if self.seed is not None:
            return Random(self.seed).sample(told * 2, k=2 * len(told))
        if self.is_twice:
            return [message for message in told for _ in range(2)]
        return told * 2 if self.is_again else told


AS_TOLD = Manner("as told")
IN_ORDER = [AS_TOLD, Manner("twice", is_twice=True), Manner("again", is_again=True)]
IN_ANY_ORDER = [Manner(f"shuffled {n}", seed=n, is_twice=True) for n in range(3)]
