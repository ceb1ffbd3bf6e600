"""Snapshots are compared with the tables, brought to one offset."""

from pathlib import Path

from tests.streams.verifying.conftest import (
    HOME,
    Deployed,
    contradicting_log,
)
from tests.support.strategies import BUSINESS

from idweave_streams.state.lines import pair_line, read_pair
from idweave_streams.state.live import live_state
from idweave_streams.state.parts import table_file
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.verifying.difference import (
    ALTERED,
    SNAPSHOT,
    Difference,
)


async def snapshot(at: Deployed, folder: Path) -> None:
    async with live_state(at.settings) as copy:
        write_snapshot(copy, folder)


async def test_an_older_snapshot_is_brought_up_to_date(
    deployed: Deployed, tmp_path: Path
) -> None:
    """By what the evidence log holds since; and so are tables that are behind it."""
    await snapshot(deployed, tmp_path / "old")
    before = dict(deployed.table.scan(b""))
    await deployed.tell(contradicting_log(seed=8))
    await deployed.handle()
    await snapshot(deployed, tmp_path / "new")
    assert dict(deployed.table.scan(b"")) != before

    for name in ("old", "new"):
        found = await deployed.verified(snapshot=tmp_path / name)
        assert found.findings.all() == []
        assert SNAPSHOT in {line.source for line in found.lines}

    deployed.handled = 20
    keys = before.keys() | dict(deployed.table.scan(b"")).keys()
    await deployed.log_changes({key: before.get(key) for key in keys})
    restored = await deployed.verified(snapshot=tmp_path / "new")
    assert SNAPSHOT not in {each.source for each in restored.findings.all()}


async def test_a_changed_snapshot_is_found(deployed: Deployed, tmp_path: Path) -> None:
    """The file by its checksum, and the person by what the tables say."""
    await snapshot(deployed, tmp_path / "out")
    person = deployed.persons()[0]
    file = table_file("graph", HOME)
    lines = (tmp_path / "out" / file).read_bytes().splitlines()
    key = f"p|{BUSINESS}|{person.id}".encode()
    changed = [
        pair_line((key, value.replace(b'"g":', b'"g":1')))
        if name == key
        else pair_line((name, value))
        for name, value in map(read_pair, lines)
    ]
    assert changed != lines
    (tmp_path / "out" / file).write_bytes(b"\n".join(changed) + b"\n")

    found = (await deployed.verified(snapshot=tmp_path / "out")).findings.all()

    assert found == [
        Difference(SNAPSHOT, None, "file", "is not as it was written", place=file),
        Difference(SNAPSHOT, BUSINESS, "person", ALTERED, person.id),
    ]
