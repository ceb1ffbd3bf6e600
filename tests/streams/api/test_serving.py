"""`idweave keys` and `idweave api` as a user runs them, over an export."""

# ruff: noqa: S310, S603 - our own program, and its own address
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.streams.cli.conftest import Run, run
from tests.support.consumer_stories import MERGED, PSID, STORIES
from tests.support.published import NAMES, SOURCES, Workers

from idweave_adapters.read_model import MemoryStore, StoredReadModel
from idweave_graph.digest import membership_digest
from idweave_streams.api import fill
from idweave_streams.cli.exits import Exit
from idweave_streams.jsonl import JsonlFolder

__all__ = ["run"]


def folder_of(workers: Workers, folder: Path) -> Path:
    """Write the topics as `idweave local --out` does."""
    out = JsonlFolder(folder)
    for topic in SOURCES:
        for record in workers.log.topic(topic):
            out.append(record)
    return folder


@contextmanager
def api(folder: Path, keys: Path) -> Iterator[str]:
    """Run it as a process and give its URL; it ends in good order."""
    command = [
        *(sys.executable, "-m", "idweave_streams.cli"),
        *("--set", "api_port=0", "--set", f"api_keys_file={keys}"),
        *("api", "--snapshot", str(folder)),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:"), process.stderr
        yield url
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 0, told
        assert b"3001" not in told
    finally:
        process.kill()
        process.communicate()


def get(url: str, key: str) -> dict[str, object]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def test_a_key_opens_an_export(run: Run, tmp_path: Path) -> None:
    """Made, listed, used, revoked; nothing of the key or of an id is on stderr."""
    workers = Workers()
    workers.handle(MERGED)
    folder, keys = folder_of(workers, tmp_path / "out"), tmp_path / "keys.json"
    setting = ("--set", f"api_keys_file={keys}")
    made = run(*setting, "keys", "create", "--business", "900", "--note", "ann")
    assert made.exit_code == Exit.OK
    key = made.stdout.strip()

    with api(folder, keys) as url:
        found = get(f"{url}/v1/ids/{PSID}", key)

    assert found["person"]["id"] == workers.persons()[0].id  # type: ignore[index]
    listed = run(*setting, "keys", "list")
    assert key.split("_")[1] in listed.stdout
    assert "good" in listed.stdout
    assert key not in listed.stdout
    assert run(*setting, "keys", "revoke", key.split("_")[1]).exit_code == Exit.OK
    assert "revoked" in run(*setting, "keys", "list").stdout


@pytest.mark.parametrize("story", ["tangle-1", "transferred", "erased", "chain"])
async def test_an_export_is_read_whole(story: str, tmp_path: Path) -> None:
    """The digest is that of the tables."""
    workers = Workers()
    workers.handle(STORIES[story])
    store = MemoryStore()

    await fill(store, folder_of(workers, tmp_path / "out"), NAMES)

    model = StoredReadModel(store)
    for business in ("900", "901"):
        ours = [p for p in workers.persons() if p.business == business]
        pairs = [(member, p.id) for p in ours for member in p.members]
        assert model.digest(business) == membership_digest(pairs)


def test_without_keys_nothing_is_served(run: Run, tmp_path: Path) -> None:
    """It says which setting is missing, and how to make a key."""
    result = run("api", "--snapshot", tmp_path)

    assert result.exit_code == Exit.CONFIGURATION
    assert "api_keys_file" in result.stderr
    assert "keys create" in result.stderr


def test_a_folder_that_is_no_export_is_told(run: Run, tmp_path: Path) -> None:
    """Before anything is listened on."""
    setting = ("--set", f"api_keys_file={tmp_path / 'keys.json'}")

    result = run(*setting, "api", "--snapshot", tmp_path)

    assert result.exit_code == Exit.BAD_DATA
    assert "name a folder that has" in result.stderr


def test_a_key_for_nothing_is_not_made(run: Run, tmp_path: Path) -> None:
    """Nor one for a business that can't be."""
    setting = ("--set", f"api_keys_file={tmp_path / 'keys.json'}")

    result = run(*setting, "keys", "create", "--business", "a b")

    assert result.exit_code == Exit.CONFIGURATION
    assert run(*setting, "keys", "revoke", "ffff").exit_code == Exit.CONFIGURATION
