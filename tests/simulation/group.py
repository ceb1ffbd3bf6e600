"""The consumer group: who works on which partitions, in which generation.

What `reliable` promises of a zombie is modelled here: its generation is over when its
partitions have moved, its lease has run out when it wakes up, and what it had on its
way is decided before the next owner starts.
"""

from collections.abc import Sequence
from random import Random

from tests.simulation.broker import Network
from tests.simulation.process import Process

Part = tuple[str, int]
"""A stage, and one of its partitions."""


class Group:
    """Assigns partitions, all of them anew each time."""

    def __init__(self, parts: Sequence[Part], network: Network, random: Random) -> None:
        self.generation = 0
        self.members: list[Process] = []
        self._parts = parts
        self._network = network
        self._random = random

    def rebalance(self, processes: Sequence[Process]) -> None:
        """Share the partitions out among *processes*; all others lose theirs."""
        for process in processes:
            self.hear(process)
        for process in self.members:
            if process.is_alive:
                self._give_back(process)
        self.generation += 1
        self.members = list(processes)
        shares: dict[Process, list[Part]] = {process: [] for process in processes}
        for part in self._parts:
            if processes:
                shares[self._random.choice(processes)].append(part)
        for process, share in shares.items():
            process.open(self.generation, share)

    def _give_back(self, process: Process) -> None:
        if process.is_paused:  # it does not hear of this
            self._network.cut(process, self._random, fenced_only=True)
            return
        if self._random.random() < 0.3:
            process.member.generation = -1  # it was too slow to be waited for
        while self._work_on(process):
            pass
        if self._random.random() < 0.7:
            process.commit_offsets()
        process.revoke()

    def _work_on(self, process: Process) -> bool:
        """Let the units in work come to their end; nothing new begins."""
        busy = [runner for runner in process.runners.values() if runner.is_busy]
        for runner in busy:
            while runner.is_busy and runner.step():
                pass
        if all(runner.is_asleep for runner in busy if runner.is_busy):
            return False
        return self._network.step(self._random)

    def hear(self, process: Process) -> bool:
        """Let *process* hear from the group; False: it is no news."""
        if process in self.members and process.member.generation == self.generation:
            is_news = not process.member.is_leased
            process.member.is_leased = True
            return is_news
        if process.runners:
            process.member.generation = -1
            process.revoke()
        return False
