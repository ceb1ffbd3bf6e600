"""Prints what a fixed, much contradicting log tells: run it twice and compare."""

import sys
from collections.abc import Iterator
from random import Random

from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS

from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Member, ScopedId, member
from idweave_graph.messages import AssetChanged, Banned, Erase, LogMessage, Proved
from idweave_graph.ownership import OwnedId

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


def taken_back(random: Random, log: list[LogMessage]) -> list[LogMessage]:
    """*log* with erasures, and assets that are lost and regained, in between."""
    mixed: list[LogMessage] = []
    for message in log:
        mixed.append(message)
        subject, cause = random.choice(POOL), message.cause
        if not isinstance(subject, ScopedId):
            continue
        if random.random() < 0.2:
            whole = random.random() < 0.5
            mixed.append(Erase(BUSINESS, subject, whole, 99, cause, ""))
        if len(mixed) > len(log):
            asset = subject.asset
            mixed.append(AssetChanged(BUSINESS, asset, 2, False, 99, cause))
    return mixed


def kept_apart(random: Random, log: list[LogMessage]) -> Iterator[LogMessage]:
    """*log* with bans, and ends of bans, in between."""
    for message in log:
        yield message
        one, two = random.sample(POOL, 2)
        if not isinstance(one, ScopedId) or not isinstance(two, ScopedId):
            continue
        yield Banned(
            business=BUSINESS,
            one=OwnedId(one, 1),
            two=OwnedId(two, 1),
            is_lifted=random.random() < 0.3,
            author="ann",
            reason="two people",
            at_ms=random.randrange(50),
            cause=message.cause,
        )


def main() -> None:
    """Print one line per event."""
    random = Random(7)
    log = taken_back(random, tangled_log(random, 60))
    for event in weave(kept_apart(random, log), DictGraph(), check=False):
        sys.stdout.write(f"{event.id} {event.type} {event.key}\n")


if __name__ == "__main__":
    main()
