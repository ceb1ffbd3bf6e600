"""The benchmark in small: its rules hold whatever the machine's speed."""

from pathlib import Path

from benchmarks.crowd import crowd
from benchmarks.lookups import Plan, measure

SMALL = Plan(
    ids=2_000, businesses=2, rate=800, window_s=5, latency_s=0.05, linger_ms=200
)


async def test_every_id_is_looked_up_once_under_limits_and_failures(
    tmp_path: Path,
) -> None:
    """By the counts of the simulated API: none is lost and none is asked about twice."""
    figures, _ = await measure(SMALL, "local", tmp_path)

    assert (figures.lost, figures.repeated) == (0, 0)
    assert figures.failed > 0
    assert figures.calls >= SMALL.ids


def test_a_crowd_has_so_many_ids_each_once() -> None:
    people = crowd(1_000, businesses=3)

    assert len(set(people.ids)) == len(people.ids) == 1_000


def test_the_limits_are_shared_by_how_many_ids_there_are() -> None:
    """All apps and Pages together may make what is allowed in all."""
    people = crowd(1_000, businesses=3)

    budgets = people.budgets(600)

    assets = {of: calls for of, calls in budgets.items() if not of.startswith("b")}
    assert abs(sum(assets.values()) - 600) <= len(assets)
    of_pages = sum(calls for of, calls in assets.items() if of.startswith("page:"))
    of_businesses = sum(c for of, c in budgets.items() if of.startswith("business:"))
    assert of_businesses == of_pages
