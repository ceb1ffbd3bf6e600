"""A read model that is killed goes on where it was."""

# ruff: noqa: S603 - our own program

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from tests.adapters.read_model.test_folding import contents
from tests.support.consumer_stories import STORIES
from tests.support.published import Workers, in_turn, tangled

from idweave_adapters.read_model import (
    Entry,
    MemoryStore,
    RocksStore,
    StoredReadModel,
    Writer,
)

SCRIPT = """
import os, sys
from pathlib import Path
from random import Random
from tests.adapters.read_model.test_killed import STORY, told
from idweave_adapters.read_model import RocksStore, Writer

writer = Writer(RocksStore(Path(sys.argv[1])))
entries = told()
for at in range(0, len(entries), 3):
    writer.apply(entries[at : at + 3])
    sys.stdout.write(f"{at + 3}\\n")
    sys.stdout.flush()
"""
STORY = "tangle-2"


def told() -> list[Entry]:
    """Records with repetitions, the same each time."""
    workers = Workers()
    workers.handle(STORIES[STORY])
    return tangled(workers.places(), Random(9))


@pytest.mark.parametrize("lines", [1, 4, 9])
def test_after_kill_9_the_model_is_that_of_some_first_records(
    lines: int, tmp_path: Path
) -> None:
    """Of whole batches, none that was acknowledged missing; from there on it goes on."""
    folder = tmp_path / "model"
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(lines)][-1]
        process.kill()

    store = RocksStore(folder)
    entries = told()
    prefixes = {}
    replayed = MemoryStore()
    for at in range(0, len(entries), 3):
        Writer(replayed).apply(entries[at : at + 3])
        prefixes[at + 3] = contents(replayed)
    found = contents(store)
    fitting = [at for at, prefix in prefixes.items() if prefix == found]

    assert fitting
    assert max(fitting) >= acknowledged
    offsets = StoredReadModel(store).offsets()
    workers = Workers()
    workers.handle(STORIES[STORY])
    places = workers.places()
    rest = {p: e[offsets.get(p, 0) :] for p, e in places.items()}
    Writer(store).apply(in_turn(rest))
    Writer(store).forget(Writer(store).mark())
    Writer(replayed).forget(Writer(replayed).mark())
    assert contents(store) == contents(replayed)
    store.close()
