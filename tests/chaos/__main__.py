"""`python -m tests.chaos`: a chaos run, told on stdout; exit code 1 on any finding."""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.journal import Journal
from tests.chaos.run import Want, run, summary


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Strike a whole deployment on real Kafka, and see what is left.",
    )
    parser.add_argument(
        "--duration", type=float, default=600, help="of faults, seconds"
    )
    parser.add_argument(
        "--seed", type=int, default=7, help="gives the same faults again"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the logs of a good run"
    )
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Run, and say how it ended."""
    options = _options()
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # whoever ends us, all is cleared away
        signal.signal(number, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="idweave-chaos-"))
    journal = Journal(time.monotonic, _say, began=time.monotonic())
    is_clean = False
    try:
        want = Want(options.duration, options.seed, folder)
        outcome = asyncio.run(run(want, journal))
        for line in ("", outcome.verified, "", *summary(outcome)):
            _say(line)
        is_clean = outcome.is_clean
    finally:
        if is_clean and not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            _say(f"logs and Kafka's data: {folder}")
    _say("clean" if is_clean else f"FAILED; again: --seed {options.seed}")
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
