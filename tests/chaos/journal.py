"""What happened when, as it is printed, and what was found to be wrong."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Journal:
    """Tells of each happening at once, and remembers what counts."""

    clock: Callable[[], float]
    say: Callable[[str], None]
    began: float = 0.0
    struck: Counter[str] = field(default_factory=Counter)
    """Faults that took place, by kind."""
    counts: Counter[str] = field(default_factory=Counter)
    """Other things worth a line in the summary."""
    findings: list[str] = field(default_factory=list)
    """What is wrong with idweave."""

    @property
    def now_s(self) -> float:
        """Seconds since the beginning."""
        return self.clock() - self.began

    def tell(self, who: str, what: str) -> None:
        """One line of the timeline."""
        self.say(f"{self.now_s:7.1f} s  {who:<14}{what}")

    def find(self, what: str) -> None:
        """Something is wrong: the run fails."""
        self.findings.append(what)
        self.tell("FINDING", what)
