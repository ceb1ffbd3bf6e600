"""Whatever is struck on real Kafka, and whenever: nothing is lost, doubled or mixed up."""

import time
from pathlib import Path

import pytest
from tests.chaos.journal import Journal
from tests.chaos.plan import Kind, draw
from tests.chaos.run import WORKERS, Want, run, summary
from tests.support.kafka import KafkaBroker

DURATION_S, SEED = 66.0, 1047
"""A seed by which each kind of fault comes once, and soon."""
LONG_S = 600.0


@pytest.mark.timeout(420)
async def test_every_kind_of_fault_once(
    kafka: KafkaBroker,
    tmp_path: Path,
) -> None:
    """Workers, their disks, the broker and the Graph API fail; the verdict is clean."""
    said: list[str] = []
    journal = Journal(time.monotonic, said.append, began=time.monotonic())

    outcome = await run(Want(DURATION_S, SEED, tmp_path), journal)

    told = "\n".join([*said, "", *summary(outcome)])
    assert outcome.is_clean, told
    untried = journal.counts["full disks that could not be tried"]
    assert outcome.missed() == ([Kind.FULL] if untried else []), told


def test_the_short_run_has_every_kind() -> None:
    """By the plan; the run itself shows that they took place."""
    lanes = draw(seed=SEED, duration_s=DURATION_S, workers=WORKERS)

    assert {fault.kind for lane in lanes for fault in lane} == set(Kind)


def test_a_seed_gives_the_same_faults_again() -> None:
    """Kinds, times, targets; another seed gives others."""
    plan = draw(seed=7, duration_s=LONG_S, workers=WORKERS)

    assert plan == draw(seed=7, duration_s=LONG_S, workers=WORKERS)
    assert plan != draw(seed=8, duration_s=LONG_S, workers=WORKERS)


def test_a_longer_run_begins_as_a_shorter_one() -> None:
    """What a long run has found can be come near to by a short one."""
    short = draw(seed=7, duration_s=LONG_S / 2, workers=WORKERS)
    long = draw(seed=7, duration_s=LONG_S, workers=WORKERS)

    assert all(many[: len(few)] == few for few, many in zip(short, long, strict=True))


def test_lanes_are_in_order_and_end_in_time() -> None:
    """Each fault is over before the next of its lane, and before the run is."""
    for lane in draw(seed=7, duration_s=LONG_S, workers=WORKERS):
        ends = [fault.at_s + fault.lasts_s for fault in lane]
        assert all(end < nxt.at_s for end, nxt in zip(ends, lane[1:], strict=False))
        assert ends[-1] <= LONG_S
        assert {fault.worker for fault in lane} == set(range(1, WORKERS + 1))
