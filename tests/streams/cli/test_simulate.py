"""`idweave simulate`: a Graph API over a made-up world, until it is interrupted."""

import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.streams.cli.conftest import Run

from idweave_adapters.credentials import Credentials
from idweave_adapters.simulator import World
from idweave_graph.ids import Asset, business_id
from idweave_streams.cli.exits import Exit
from idweave_streams.codecs import decode_ownership

IDWEAVE = str(Path(sys.executable).parent / "idweave")


@contextmanager
def serving(*options: object) -> Iterator[str]:
    """A running `idweave simulate`; its address. Afterwards it has ended."""
    command = [IDWEAVE, "simulate", "--people", "20", *map(str, options)]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    assert process.returncode == Exit.INTERRUPTED


def read(url: str) -> tuple[int, Any]:
    """Status and body of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
            return answer.status, orjson.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, orjson.loads(error.read())


def app_of(world: World) -> tuple[str, str]:
    """An app that people use, and one of them."""
    return next(
        (app.id, user)
        for app in world.apps.values()
        for user in world.people.in_app(app.id)
    )


def ids_for_pages(url: str, world: World) -> tuple[int, Any]:
    """Ask about somebody as their app would."""
    app, user = app_of(world)
    token = urllib.parse.quote(world.app_token(app))
    return read(f"{url}/v25.0/{user}/ids_for_apps?access_token={token}")


def saved_world(folder: Path) -> World:
    return World.from_json((folder / "world.json").read_bytes())


def test_it_answers_about_the_world_that_it_saved(tmp_path: Path) -> None:
    """Its address is on stdout as soon as calls are answered."""
    with serving("--seed", 3, "--save", tmp_path) as url:
        status, body = ids_for_pages(url, saved_world(tmp_path))

        # Whatever the answer is, it is Meta's: the token was known.
        assert url.startswith("http://127.0.0.1:")
        assert (status, "data" in body) == (200, True), body
        assert read(f"{url}/_simulator/stats")[0] == 200


def test_what_it_saves_can_be_used(tmp_path: Path) -> None:
    """Assets are records of the assets topic; credentials are credentials."""
    with serving("--save", tmp_path / "new" / "world"):
        pass

    folder = tmp_path / "new" / "world"
    lines = (folder / "assets.jsonl").read_bytes().splitlines()
    owned = [decode_ownership(line) for line in lines]
    credentials = Credentials([folder / "credentials.json"])
    world = saved_world(folder)
    app, _ = app_of(world)
    owner = business_id(world.apps[app].owner or "")
    assert {str(each.asset) for each in owned} == {a["asset"] for a in world.assets()}
    assert credentials.for_asset(owner, Asset.parse(f"app:{app}")) is not None


def test_secrets_are_for_the_owner_of_the_files_only(tmp_path: Path) -> None:
    """Also where a file of that name was there before, open to all."""
    (tmp_path / "credentials.json").write_text("old")
    (tmp_path / "credentials.json").chmod(0o644)

    with serving("--save", tmp_path):
        pass

    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_saved_world_is_served_again(tmp_path: Path) -> None:
    """Same people, same secrets."""
    with serving("--seed", 3, "--save", tmp_path):
        pass

    with serving("--world", tmp_path / "world.json") as url:
        status, _ = ids_for_pages(url, saved_world(tmp_path))

    assert status == 200


def test_faults_and_reviews_hold_from_the_beginning(tmp_path: Path) -> None:
    """As many as are stated."""
    with serving("--save", tmp_path):
        pass
    world = saved_world(tmp_path)
    app, _ = app_of(world)
    file = ("--world", tmp_path / "world.json")

    with serving(*file, "--review", world.apps[app].owner) as url:
        _, held = ids_for_pages(url, world)
    with serving(
        *file, "--fault", "failure_rate=1", "--fault", "latency_s=0.01"
    ) as url:
        status, _ = ids_for_pages(url, world)

    assert "going through review" in held["error"]["message"]
    assert status == 500


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--fault", "latency_s"), "name=value"),
        (("--fault", "latency_s=soon"), "latency_s must be of type"),
        (("--fault", "failure_rate=2"), "failure_rate must lie between 0 and 1"),
        (("--fault", "no_such=1"), "no such fault: no_such; there are"),
        (("--review", "5"), "the world has"),
        (("--people", "-1"), "--people"),
        (("--port", "70000"), "--port"),
    ],
)
def test_a_wrong_command_line_is_told(
    run: Run, options: tuple[str, str], told: str
) -> None:
    result = run("simulate", *options)

    assert result.exit_code == Exit.USAGE
    assert told in result.stderr


def test_a_file_that_is_no_world_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text('{"format": "another/1"}')

    result = run("simulate", "--world", tmp_path / "world.json")

    assert result.exit_code == Exit.BAD_DATA
    assert "world.json: the world file is not of format" in result.stderr


def test_a_folder_that_cant_be_written_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = run("simulate", "--save", tmp_path / "file" / "folder")

    assert result.exit_code == Exit.CANNOT_CREATE
    assert "name another folder" in result.stderr


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = run("simulate", "--people", 5, "--port", port)

    assert result.exit_code == Exit.FAILURE
    assert f"can't listen on port {port}" in result.stderr


def test_a_day_is_played(tmp_path: Path) -> None:
    """Before 5 May 2021 `pages_id_mapping` asks for a Page's token; since then it is gone."""
    codes = []
    for day in ("2021-05-04", "2021-05-05"):
        with serving("--save", tmp_path, "--history", day) as url:
            app, user = app_of(saved_world(tmp_path))
            token = urllib.parse.quote(saved_world(tmp_path).app_token(app))
            form = f"user_ids={user}&access_token={token}&method=POST"
            _, body = read(f"{url}/v3.3/pages_id_mapping?{form}")
            codes.append(body["error"]["code"])

    assert codes == [210, 12]


def test_what_is_no_day_is_refused(run: Run) -> None:
    """Before anything is served."""
    assert run("simulate", "--history", "in spring").exit_code == Exit.USAGE
