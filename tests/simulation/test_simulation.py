"""Whatever dies, comes twice, late or never: the graph is what the truth says.

Each seed is a run of the whole pipeline under faults. One that fails is printed with
its number, the command that repeats it, and the least that fails in the same way.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from tests.simulation.generate import generate
from tests.simulation.scenario import KINDS, Crash, Scenario, See
from tests.simulation.seeds import blocks, failing, found, story
from tests.simulation.shrink import shrink
from tests.simulation.simulation import run

SEEDS = range(2_000)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        yield processes


@pytest.mark.parametrize(
    "seeds", list(blocks(SEEDS, 250)), ids=lambda s: f"{s[0]}..{s[-1]}"
)
def test_every_run_ends_as_the_truth_says(
    pool: ProcessPoolExecutor, seeds: range
) -> None:
    """See `check_graph`, `check_lookups` and `check_truth` for what that is."""
    bad = [each for some in pool.map(failing, blocks(seeds)) for each in some]

    if bad:
        listed = "\n".join(f"seed {seed}: {said}" for seed, said in bad)
        pytest.fail(f"{listed}\n\n{story(bad[0][0])}", pytrace=False)


@pytest.mark.parametrize("seed", [3, 17, 65, 1070])
def test_a_seed_is_one_run(seed: int) -> None:
    """To the last byte on every topic, in whatever order sets are gone through."""
    first = run(generate(seed))
    again = run(generate(seed))
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed)]
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    elsewhere = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert first.trace.digest == again.trace.digest
    assert f"{first.moves} moves, trace {first.trace.digest}\n" in elsewhere.stdout


def test_other_seeds_are_other_runs() -> None:
    digests = {run(generate(seed)).trace.digest for seed in range(20)}

    assert len(digests) == 20


def test_seeds_show_every_kind_of_step() -> None:
    """And every profile of faults, so that none is switched off unseen."""
    shown = {type(step) for seed in range(300) for step in generate(seed).steps}

    assert shown == set(KINDS.values())


def test_what_is_printed_can_be_played() -> None:
    for seed in range(200):
        scenario = generate(seed)
        assert Scenario.of_text(scenario.to_text()) == scenario


def test_a_failing_scenario_is_made_smaller() -> None:
    """Down to the two steps that it takes, in their plainest form."""

    def fails(scenario: Scenario) -> bool:
        kinds = [type(step) for step in scenario.steps]
        return Crash in kinds and See in kinds[: kinds.index(Crash)]

    large = next(s for seed in range(1_000) if fails(s := generate(seed)))
    little = shrink(large, fails)

    assert [type(step) for step in little.steps] == [See, Crash]
    assert (little.workers, little.partitions, little.leaky) == (1, 1, False)


def test_what_goes_wrong_in_a_run_is_a_finding() -> None:
    """Not only what a check finds: also a scenario that can't be played at all."""
    unheard = Scenario.of_text(
        "scenario seed=1 partitions=1 workers=1 unit_records=1 tick_ms=1000 leaky=False"
        " remembers=True sweep_step=1"
        "\nsee at=1 person=1 asset=app:99 back=0 token=False code=0 copies=1"
    )

    [said] = found(unheard)

    assert said.startswith("ValueError")
