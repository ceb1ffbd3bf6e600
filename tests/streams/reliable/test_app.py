"""The app has safe settings, knows its stages, and ends when it must."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import faust
import pytest

from idweave_streams.reliable import (
    Record,
    ReliableApp,
    Stage,
    Unit,
    WrongUse,
)
from idweave_streams.reliable.errors import (
    PartitionsDiffer,
    RecordTooLarge,
    ReliableError,
    StateLost,
)


def nothing(unit: Unit, records: Sequence[Record]) -> None:
    """Do nothing."""


@pytest.fixture
def app(tmp_path: Path) -> ReliableApp:
    return ReliableApp("shop", datadir=tmp_path)


def test_what_serves_data_is_off(app: ReliableApp) -> None:
    """Faust's web pages for tables, routes, stats and graph are not reachable."""
    conf = app.conf

    assert not any(
        [
            conf.web_enabled,
            conf.web_tables_enabled,
            conf.web_router_enabled,
            conf.web_stats_enabled,
            conf.web_graph_enabled,
        ]
    )


def test_settings_may_be_changed_but_not_those_that_hold_it_together(
    tmp_path: Path,
) -> None:
    """Any Faust setting goes through; the fixed ones are refused by name."""
    assert ReliableApp("a", datadir=tmp_path, broker_session_timeout=20.0).conf
    with pytest.raises(WrongUse, match="TableManager"):
        ReliableApp("a", datadir=tmp_path, TableManager=object)


def test_a_source_topic_belongs_to_one_stage(app: ReliableApp) -> None:
    """Two stages on one topic would each release the other's records."""
    Stage(app, "one", ["a", "b"], nothing, table=None)

    with pytest.raises(WrongUse, match="two stages read b"):
        Stage(app, "two", ["b", "c"], nothing, table=None)


def test_a_stage_needs_a_source(app: ReliableApp) -> None:
    """A stage without topics would never do anything."""
    with pytest.raises(WrongUse):
        Stage(app, "one", [], nothing, table=None)


def test_agents_and_tables_have_the_given_names(app: ReliableApp) -> None:
    """Names don't come from import paths: a moved module keeps its state."""
    stage = Stage(app, "count", ["a"], nothing, table="counts")

    assert list(app.agents) == ["count"]
    assert list(app.tables) == ["counts"]
    assert stage.table is not None
    assert stage.table.changelog_topic_name == "shop-counts-changelog"


def test_a_changelog_keeps_its_deletes_long(app: ReliableApp) -> None:
    """Compacted only, and deletes stay long enough for every local copy."""
    stage = Stage(app, "count", ["a"], nothing, table="counts")

    assert stage.table is not None
    topic = stage.table.changelog_topic
    assert topic.compacting
    assert not topic.deleting
    assert topic.config is not None
    assert topic.config["delete.retention.ms"] == str(7 * 24 * 3600 * 1000)


def test_state_of_a_partition_that_is_not_here_is_refused(app: ReliableApp) -> None:
    """A stale answer from somebody else's partition is worse than none."""
    stage = Stage(app, "count", ["a"], nothing, table="counts")

    with pytest.raises(WrongUse, match="not ready"):
        stage.state(0)


@pytest.mark.parametrize(
    "error",
    [
        StateLost("t", 1, 5, "table"),
        PartitionsDiffer("s", {"a": 1, "b": 2}),
        RecordTooLarge("t[1] offset 5", 100),
    ],
)
def test_errors_say_what_to_do(error: ReliableError) -> None:
    """Where, and what next; the operator has nothing but this text."""
    text = str(error)

    assert any(where in text for where in ("t[1]", "a: 1, b: 2"))
    assert any(verb in text for verb in ("Restore", "Create", "must do less"))


async def test_a_stop_waits_for_the_assignment_under_way(
    app: ReliableApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that an assignment opens are closed by the stop, not opened after it."""
    goes_on, done = asyncio.Event(), list[str]()

    async def assign(*_: object) -> None:
        await goes_on.wait()
        done.append("assigned")

    async def stop(*_: object) -> None:
        done.append("stopped")

    monkeypatch.setattr(faust.App, "_on_partitions_assigned", assign)
    monkeypatch.setattr(faust.App, "on_stop", stop)
    async with asyncio.TaskGroup() as group:
        group.create_task(app._on_partitions_assigned(set(), 1))
        await asyncio.sleep(0)
        group.create_task(app.on_stop())
        await asyncio.sleep(0)
        goes_on.set()
    await app.on_shutdown()

    assert done == ["assigned", "stopped"]


def test_a_process_that_hangs_in_its_end_is_ended() -> None:
    """The watch exits with 1 although the program never returns."""
    program = (
        "import time; from idweave_streams.reliable.exits import ExitWatch;"
        "ExitWatch(0.2).arm('the stop signal'); time.sleep(60)"
    )

    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        timeout=50,
    )

    assert ended.returncode == 1
    assert "still running after the stop signal" in ended.stderr


def test_a_process_that_ends_in_good_order_is_left_alone() -> None:
    """A disarmed watch does nothing."""
    program = (
        "import time; from idweave_streams.reliable.exits import ExitWatch;"
        "w = ExitWatch(0.3); w.arm('x'); w.disarm(); time.sleep(1)"
    )

    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], check=False, timeout=50
    )

    assert ended.returncode == 0
