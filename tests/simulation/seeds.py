"""Runs by their seeds: which fail, and the least that it takes."""

import traceback
from collections.abc import Iterator

from tests.simulation.generate import generate
from tests.simulation.scenario import Scenario
from tests.simulation.shrink import shrink
from tests.simulation.simulation import run

BLOCK = 25
"""Seeds that a process takes at once."""


def found(scenario: Scenario) -> list[str]:
    """Play *scenario*; what does not hold, and what went wrong in playing it."""
    try:
        return run(scenario).findings
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        last = traceback.extract_tb(error.__traceback__)[-1]
        return [f"{type(error).__name__}: {error} ({last.name}, line {last.lineno})"]


def first_failing(seeds: range) -> tuple[int, str] | None:
    """Return the first seed that fails, with its first finding."""
    return next(((s, said[0]) for s in seeds if (said := found(generate(s)))), None)


def failing(seeds: range) -> list[tuple[int, str]]:
    """Return the seeds that fail, each with its first finding."""
    return [(seed, said[0]) for seed in seeds if (said := found(generate(seed)))]


def smaller(scenario: Scenario) -> Scenario:
    """Return a small scenario that fails in the same way."""
    kinds = {said.partition(":")[0] for said in found(scenario)}
    return shrink(
        scenario,
        lambda other: any(said.partition(":")[0] in kinds for said in found(other)),
    )


def story(seed: int) -> str:
    """Say how to repeat the run of *seed*, what it shows, and how little it takes."""
    little = smaller(generate(seed))
    said = "\n".join(f"  {each}" for each in found(little))
    return (
        f"python -m tests.simulation --seed {seed}\n"
        f"The least that fails alike:\n\n{little.to_text()}\n\n{said}"
    )


def blocks(seeds: range, size: int = BLOCK) -> Iterator[range]:
    """Cut *seeds* into blocks."""
    for at in range(0, len(seeds), size):
        yield seeds[at : at + size]
