"""Prints what a fixed, much contradicting log tells: run it twice and compare."""

import sys
from random import Random

from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS

from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Member, member
from idweave_graph.messages import LogMessage, Proved

ASSETS = ("app:1", "app:2", "page:1")
POOL: list[Member] = [
    member(f"{asset}:{user}") for asset in ASSETS for user in "abcdef"
]


def tangled_log(random: Random, size: int) -> list[LogMessage]:
    """*size* messages of three proofs each, between ids chosen blindly."""
    log: list[LogMessage] = []
    for offset in range(size):
        cause = Cause("answers", 0, offset)
        pairs = [random.sample(POOL, 2) for _ in range(3)]
        proofs = tuple(
            evidence(
                EvidenceKind.MANUAL,
                (one, 1),
                (two, 1),
                at_ms=random.randrange(50),
                cause=cause,
            )
            for one, two in pairs
        )
        log.append(Proved(BUSINESS, proofs, offset, cause))
    return log


def main() -> None:
    """Print one line per event."""
    for event in weave(tangled_log(Random(7), 60), DictGraph(), check=False):
        sys.stdout.write(f"{event.id} {event.type} {event.key}\n")


if __name__ == "__main__":
    main()
