"""What may happen next: somebody does one thing, up to the next effect."""

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.simulation import Run

T = TypeVar("T")


def turned(several: Sequence[T], random: Random) -> list[T]:
    """Return them from a place of the scheduler's choice on, and round."""
    first = random.randrange(len(several)) if several else 0
    return [*several[first:], *several[:first]]


class Moves:
    """Each does one thing and says so; False: there was nothing to do."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self.doers = (
            *(self._unit, self._network, self._fetch, self._unit, self._beside),
            *(self._network, self._call),
        )

    def _network(self) -> bool:
        return self._run.network.step(self._run.random)

    def _call(self) -> bool:
        return self._run.wire.step(self._run.random)

    def _awake(self) -> "list[Process]":
        awake = [p for p in self._run.alive() if not p.is_paused]
        return turned(awake, self._run.random)

    def _unit(self) -> bool:
        for process in self._awake():
            runners = list(process.runners.values())
            if any(runner.step() for runner in turned(runners, self._run.random)):
                return True
        return False

    def _fetch(self) -> bool:
        for process in self._awake():
            parts = list(process.runners)
            if any(process.fetch(*p) for p in turned(parts, self._run.random)):
                return True
        return False

    def _beside(self) -> bool:
        """What processes do beside their units."""
        group = self._run.group
        assert group is not None
        for process in self._awake():
            if process not in group.members:
                group.hear(process)
                self._run.share()
                return True
            if group.hear(process) or process.follow():
                return True
            if self._run.random.random() < 0.2 and process.commit_offsets():
                return True
        return False
