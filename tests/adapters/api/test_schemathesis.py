"""The document is true: what a generator makes of it is answered as it says."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from tests.adapters.api.desk import Desk, desk
from tests.support.consumer_stories import STORIES

from idweave_adapters.api import Limits, Verb

LIMITS = Limits(per_second=1e6, burst=10**6, poll_s=0.01, stream_s=0)
"""A stream ends after its first look for changes: who reads it waits for its end."""
CONFIG = """
seed = 7
base-url = "${IDWEAVE_URL}"
continue-on-failure = true
request-timeout = 10.0
warnings = false
[auth.openapi]
bearer = { bearer = "${IDWEAVE_KEY}" }
[generation]
max-examples = %d
database = "none"
[dictionaries.ids]
values = ["app:10:1001", "page:30:3001", "app:20:2001", "token:AbC9"]
[dictionaries.persons]
values = [%s]
[parameters]
id = { dictionary = "ids", probability = 0.5 }
one = { dictionary = "ids", probability = 0.5 }
two = { dictionary = "ids", probability = 0.5 }
person = { dictionary = "persons", probability = 0.5 }
"""


def key_of(api: Desk, verbs: list[Verb]) -> str:
    """A key for these; without any one that nobody made."""
    if not verbs:
        return "idk_000000000000_forged"
    return api.bearer(verbs=verbs)["Authorization"].removeprefix("Bearer ")


async def searched(
    api: Desk, key: str, phases: str, examples: int, folder: Path
) -> tuple[int, str]:
    """Let schemathesis look for faults; return its exit code and what it told."""
    bearer = api.bearer()
    async with api.http.get("/v1/openapi.json", headers=bearer) as response:
        (folder / "api.json").write_bytes(await response.read())
    persons = ", ".join(f'"{person.id}"' for person in api.workers.persons())
    (folder / "st.toml").write_text(CONFIG % (examples, persons))
    command = (
        *(Path(sys.executable).with_name("st"), "--config-file", "st.toml"),
        *("run", "api.json", "--no-color", "--phases", phases),
    )
    # The key is in no list of processes.
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "IDWEAVE_URL": api.url, "IDWEAVE_KEY": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, told.decode()


@pytest.mark.parametrize(
    ("verbs", "phases", "examples"),
    [
        pytest.param(list(Verb), "coverage,fuzzing,stateful", 25, id="all-verbs"),
        pytest.param([Verb.READ], "coverage,fuzzing", 5, id="few-verbs"),
        pytest.param([], "coverage", 1, id="no-key"),
    ],
)
async def test_every_answer_is_as_the_document_says(
    tmp_path: Path, verbs: list[Verb], phases: str, examples: int
) -> None:
    """Status, type, headers and form; what fits the schemas is taken, else refused."""
    async with desk(tmp_path, LIMITS) as api:
        for story in ("merge-of-merges", "quarantine", "transferred", "banned"):
            api.publish(STORIES[story])

        key = key_of(api, verbs)
        code, told = await searched(api, key, phases, examples, tmp_path)

    assert code == 0, told
    assert "0 generated" not in told
