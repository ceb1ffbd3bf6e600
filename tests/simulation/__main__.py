"""`python -m tests.simulation`: repeats one run, or looks through many.

python -m tests.simulation --seed 7             one run: its scenario and findings
python -m tests.simulation --seeds 0..2000      many; the first failing one is shrunk
python -m tests.simulation --scenario FILE      a scenario as it was printed
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.simulation.generate import generate
from tests.simulation.scenario import Scenario
from tests.simulation.seeds import blocks, failing, first_failing, smaller, story
from tests.simulation.simulation import run


def _many(seeds: range, jobs: int) -> int:
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        bad: list[int] = []
        for some in pool.map(failing, blocks(seeds)):
            for seed, said in some:
                sys.stdout.write(f"seed {seed}: {said}\n")
                sys.stdout.flush()
                bad.append(seed)
    sys.stdout.write(f"{len(seeds)} seeds, {len(bad)} of them fail\n")
    if bad:
        sys.stdout.write(f"\n{story(bad[0])}\n")
    return int(bool(bad))


def _first(seeds: range) -> int:
    bad = first_failing(seeds)
    said = "nothing is wrong" if bad is None else f"seed {bad[0]}: {bad[1]}"
    sys.stdout.write(f"{said}\n")
    return int(bad is not None)


def _one(scenario: Scenario, *, is_small: bool, is_traced: bool) -> int:
    if is_small:
        scenario = smaller(scenario)
    played = run(scenario, is_traced=is_traced)
    for line in played.trace.lines or ():
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{scenario.to_text()}\n\n")
    sys.stdout.write(f"{played.moves} moves, trace {played.trace.digest}\n")
    for said in played.findings or ["nothing is wrong"]:
        sys.stdout.write(f"{said}\n")
    return int(bool(played.findings))


def _range(text: str) -> range:
    first, _, last = text.partition("..")
    return range(int(first), int(last))


def main() -> int:
    """Run what was asked for; 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seed", type=int, help="repeat this run")
    what.add_argument("--seeds", type=_range, help="A..B, B left out")
    what.add_argument("--scenario", type=Path, help="a file with a printed scenario")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--shrink", action="store_true", help="the least that fails")
    parser.add_argument("--trace", action="store_true", help="print all that happened")
    parser.add_argument("--first", action="store_true", help="stop at what fails")
    asked = parser.parse_args()
    if asked.seeds is not None and asked.first:
        return _first(asked.seeds)
    if asked.seeds is not None:
        return _many(asked.seeds, asked.jobs)
    if asked.scenario is not None:
        scenario = Scenario.of_text(asked.scenario.read_text())
    else:
        scenario = generate(asked.seed)
    return _one(scenario, is_small=asked.shrink, is_traced=asked.trace)


if __name__ == "__main__":
    sys.exit(main())
