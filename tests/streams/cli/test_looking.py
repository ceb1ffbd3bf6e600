"""What would come, on the command line: `local --snapshot`, `erase --dry-run`."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.streams.cli.conftest import Run
from tests.support.town import (
    ACME,
    GAME,
    NAMES,
    PAGE,
    RIVAL,
    SETTINGS,
    SHOP,
    START_MS,
    Meta,
    aliases,
    clock_ms,
    engine_of,
    event,
    feed,
    persons,
    scoped,
)
from tests.support.virtual_time import in_virtual_time

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import Requested, encode_command
from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.secret import Secret
from idweave_graph.messages import CommandKind
from idweave_graph.ownership import Ownership
from idweave_streams.cli.exits import Exit
from idweave_streams.codecs import encode_ownership
from idweave_streams.local import LocalEngine
from idweave_streams.local.copying import copy_of
from idweave_streams.local.what_if import FIRST_OFFSET
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Output
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.state.space import temporary_space

ANN = scoped(1, SHOP)


@pytest.fixture(scope="module")
def monday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot in which two people are woven, and a third waits to be asked about."""
    folder = tmp_path_factory.mktemp("snapshots") / "monday"
    _export(folder)
    return folder


@in_virtual_time
async def _export(folder: Path) -> None:
    engine = engine_of(Meta())
    feed(engine, [(1, SHOP, 0), (2, SHOP, 0)])
    await engine.settle(patience_ms=1_000)
    feed(engine, [(3, SHOP, 1)])
    engine.drain()
    (folder.parent / "person").write_text(aliases(engine)[f"{ACME}/{ANN}".encode()])
    assert {len(ids) for ids in persons(engine).values()} == {1, 3}
    with temporary_space() as space:
        write_snapshot(copy_of(engine, SETTINGS, space), folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def told(text: str) -> list[dict[str, Any]]:
    return [orjson.loads(each) for each in text.splitlines()]


def test_a_ban_is_tried_before_it_is_given(
    run: Run, monday: Path, tmp_path: Path
) -> None:
    """It tells of the split, and the snapshot is what it was."""
    ids = ANN, scoped(1, PAGE)
    at_ms = START_MS + 100
    ban = RequestedBan(*ids, BanKind.BAN, at_ms, "operator", "Ann", "two people")
    (tmp_path / "bans").write_bytes(encode_command(ban) + b"\n")
    before = contents(monday)

    result = run("local", "--snapshot", monday, "--commands", tmp_path / "bans")

    assert result.exit_code == Exit.OK, result.stderr
    events = told(result.stdout)
    assert {each["type"] for each in events} >= {"banned", "split"}
    assert all(each["cause"]["offset"] >= FIRST_OFFSET for each in events)
    assert result.stderr.endswith("0 lookups would be made; nothing was changed\n")
    assert contents(monday) == before


def test_events_are_tried_without_a_call(
    run: Run, monday: Path, tmp_path: Path
) -> None:
    """The summary says how many would be made; who waits already is not counted."""
    logins = [event((4, asset, 5)).value or b"" for asset in (SHOP, GAME)]
    again = event((3, SHOP, 5)).value or b""
    (tmp_path / "logins").write_bytes(b"\n".join([*logins, again]))
    closed = ("--set", "graph_api_url=http://127.0.0.1:1")

    result = run(
        *closed, "local", "--snapshot", monday, "--logins", tmp_path / "logins"
    )

    assert result.exit_code == Exit.OK, result.stderr
    assert [each["type"] for each in told(result.stdout)] == ["created", "created"]
    assert "2 lookups would be made" in result.stderr


def test_a_new_owner_is_tried(run: Run, monday: Path, tmp_path: Path) -> None:
    """As it would stand on the assets topic."""
    line = encode_ownership(Ownership(SHOP, RIVAL, 2, previous=ACME))
    (tmp_path / "assets").write_bytes(line)

    result = run("local", "--snapshot", monday, "--assets", tmp_path / "assets")

    assert result.exit_code == Exit.OK, result.stderr
    events = told(result.stdout)
    assert {e["business"] for e in events if e["type"] == "epoch-changed"} == {
        ACME,
        RIVAL,
    }
    gone = [e for e in events if e["reason"] == "lost" and "person" in e]
    assert len(gone) == 3


@pytest.mark.parametrize("rule", ["ignored", "evidence"])
def test_another_rule_is_tried(
    run: Run, monday: Path, tmp_path: Path, rule: str
) -> None:
    """Whether two people who went through one account linking would be one."""
    code = {"authorization_code": "c0de", "login_kind": "classic", "time": START_MS}
    rows = [{"app_id": a.id, "user_id": u} for a, u in ((SHOP, "71"), (GAME, "72"))]
    (tmp_path / "logins").write_bytes(
        b"\n".join(orjson.dumps(row | code) for row in rows)
    )
    local = ("local", "--snapshot", monday, "--logins", tmp_path / "logins")

    result = run("--set", f"account_linking={rule}", *local)

    assert result.exit_code == Exit.OK, result.stderr
    last = max(told(result.stdout), key=lambda each: each["person"]["generation"])
    users = {each["value"] for each in last["person"]["members"]}
    assert ({"71", "72"} <= users) == (rule == "evidence")


def test_partitions_are_those_of_the_snapshot(run: Run, monday: Path) -> None:
    """Whatever the settings say: keys would not be found elsewhere."""
    result = run("--set", "partitions=64", "local", "--snapshot", monday)

    assert result.exit_code == Exit.OK, result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("asks", [("--ask",), ("--ask=new",), ("--ask", "all")])
def test_asking_is_for_those_who_want_it(
    run: Run, monday: Path, asks: tuple[str, ...]
) -> None:
    """Without credentials nothing is asked even so, and it ends."""
    result = run("local", "--snapshot", monday, "--patience", 0, *asks)

    assert result.exit_code == Exit.OK, result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("local", "--ask", "--assets", "-"),
        ("local",),
        ("erase", str(ANN), "--dry-run", "--verify"),
        ("erase", str(ANN), "--dry-run", "--wait"),
        ("erase", str(ANN), "--verify", "--wait"),
        ("erase", str(SHOP), "--verify"),
        ("erase", str(ANN), "--snapshot", "."),
        ("erase", str(ANN), "--tables", "."),
        ("erase", str(ANN), "--dry-run", "--tables", "."),
        ("erase", str(ANN), "--dry-run", "--snapshot", ".", "--snapshot", ".."),
    ],
)
def test_options_that_make_no_sense_together_are_refused(
    run: Run, arguments: tuple[str, ...]
) -> None:
    """Before anything is read or written; the id is not repeated."""
    result = run("--set", "kafka=127.0.0.1:1", *arguments)

    assert result.exit_code == Exit.USAGE
    assert str(ANN) not in result.stderr


def damaged(monday: Path, folder: Path, how: str) -> Path:
    shutil.copytree(monday, folder)
    if how == "no manifest":
        (folder / "manifest.json").unlink()
    elif how == "changed":
        table = max(folder.glob("tables/graph-*"), key=lambda f: f.stat().st_size)
        table.write_bytes(table.read_bytes().replace(b"p_", b"q_", 1))
    else:
        (folder / "manifest.json").write_text("{}")
    return folder


@pytest.mark.parametrize("how", ["no manifest", "changed", "another"])
@pytest.mark.parametrize(
    "arguments",
    [("local", "--snapshot"), ("erase", str(ANN), "--dry-run", "--snapshot")],
)
def test_a_snapshot_that_cant_be_used_is_told_of(
    run: Run, monday: Path, tmp_path: Path, how: str, arguments: tuple[str, ...]
) -> None:
    """With what to do, and without what is in it."""
    folder = damaged(monday, tmp_path / "copy", how)

    result = run(*arguments, folder)

    assert result.exit_code == Exit.BAD_DATA
    assert result.stdout == ""
    assert "snapshot" in result.stderr
    assert str(ANN) not in result.stderr


def test_an_erasure_is_tried_on_a_snapshot(run: Run, monday: Path) -> None:
    """No broker is needed."""
    before = contents(monday)
    person = (monday.parent / "person").read_text()
    arguments = ("erase", ANN, "--person", "--dry-run", "--snapshot", monday)

    text = run("--set", "kafka=127.0.0.1:1", *arguments)
    row = run("--set", "kafka=127.0.0.1:1", *arguments, "--json")

    assert (text.exit_code, row.exit_code) == (Exit.OK, Exit.OK), text.stderr
    assert text.stdout.startswith("3 ids would be forgotten; nothing was changed\n")
    assert f"{person} would end; 3 members now" in text.stdout
    document = orjson.loads(row.stdout)
    assert document["ids"] == 3
    assert [each["type"] for each in document["events"]] == ["erased"]
    assert contents(monday) == before


def test_an_erasure_of_all_ids_of_an_app_is_tried(run: Run, monday: Path) -> None:
    """It need not be confirmed, as nothing is done."""
    result = run("erase", SHOP, "--dry-run", "--snapshot", monday)

    assert result.exit_code == Exit.OK, result.stderr
    users = [line for line in result.stdout.splitlines() if f"- {SHOP}:" in line]
    assert len(users) == 3


def test_an_erasure_of_what_nobody_owns_is_told_of(run: Run, monday: Path) -> None:
    result = run("erase", "app:404:1", "--dry-run", "--snapshot", monday)

    assert result.exit_code == Exit.BAD_DATA
    assert "idweave assets" in result.stderr
    assert "404" not in result.stderr


def test_a_broker_that_does_not_answer_is_told_of(run: Run) -> None:
    """By both ways of looking at what is there now."""
    for option in ("--dry-run", "--verify"):
        result = run("--set", "kafka=127.0.0.1:1", "erase", ANN, option)

        assert result.exit_code == Exit.UNAVAILABLE
        assert result.stdout == ""


@in_virtual_time
async def _export_erased(folder: Path, key: str) -> None:
    """A snapshot in which a person is forgotten, and remembered as such."""
    meta, erasure_key = Meta(), ErasureKey(Secret(key))
    outside = Outside(meta, meta, clock_ms, erasure_key=erasure_key)
    engine = LocalEngine(SETTINGS, outside)
    owner = encode_ownership(Ownership(SHOP, ACME, 1))
    engine.append(Output(NAMES.assets, str(SHOP).encode(), owner))
    feed(engine, [(1, SHOP, 0)])
    engine.drain()
    wish = Requested(ANN, CommandKind.ERASE_PERSON, START_MS + 100, "operator")
    value = encode_command(wish)
    engine.append(Output(NAMES.commands, None, value, partition=0))
    engine.drain()
    assert aliases(engine) == {}
    with temporary_space() as space:
        write_snapshot(copy_of(engine, SETTINGS, space), folder)


def test_old_events_bring_nobody_back_who_is_forgotten(
    run: Run, tmp_path: Path
) -> None:
    """As in a worker; so the workers' key is needed, and asked for."""
    _export_erased(tmp_path / "tuesday", "k" * 64)
    (tmp_path / "key").write_text("k" * 64)
    (tmp_path / "old").write_bytes(event((1, SHOP, 5)).value or b"")
    (tmp_path / "new").write_bytes(event((1, SHOP, 200)).value or b"")
    key = ("--set", f"erasure_key_file={tmp_path / 'key'}")
    local = ("local", "--snapshot", tmp_path / "tuesday", "--logins")

    without = run(*local, tmp_path / "old")
    old = run(*key, *local, tmp_path / "old")
    new = run(*key, *local, tmp_path / "new")

    assert without.exit_code == Exit.CONFIGURATION
    assert "erasure_key_file" in without.stderr
    assert (old.exit_code, old.stdout) == (Exit.OK, "")
    assert [each["type"] for each in told(new.stdout)] == ["created"]
