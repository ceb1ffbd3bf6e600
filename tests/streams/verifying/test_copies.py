"""Snapshots, local files and workers at work are compared at the offsets they name."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import rocksdict
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from tests.streams.cli.conftest import Run
from tests.streams.verifying.conftest import (
    HOME,
    OTHER,
    Deployed,
    contradicting_log,
)
from tests.support.kafka import admin, end_offsets
from tests.support.strategies import BUSINESS

from idweave_adapters.erasure_key import ErasureKey
from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId, ScopedId
from idweave_graph.messages import Erase
from idweave_streams.broker_errors import Refused
from idweave_streams.cli.exits import Exit
from idweave_streams.reliable.store import Store
from idweave_streams.state.errors import (
    ChangelogDamaged,
    KeyMissing,
    LogIncomplete,
    StoreUnreadable,
)
from idweave_streams.state.lines import pair_line, read_pair
from idweave_streams.state.live import live_state
from idweave_streams.state.manifest import MANIFEST
from idweave_streams.state.parts import table_file
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.verifying.difference import (
    ALIASES,
    ALTERED,
    PERSONS,
    SNAPSHOT,
    STORE,
    TABLES,
    Difference,
)


def options(at: Deployed) -> list[str]:
    """What the command line is told of the deployment."""
    chosen = at.settings.model_dump(
        include={"kafka", "topic_prefix", "app_id", "partitions"}
    )
    return [f"--set={name}={value}" for name, value in chosen.items()]


# --- workers at work ----------------------------------------------------------


async def test_topics_that_are_ahead_are_waited_for(deployed: Deployed) -> None:
    """A worker died behind its outputs; what differs agrees once another went on."""
    await deployed.tell(contradicting_log(seed=8))
    await deployed.handle(is_cut_short=True)

    ahead = await deployed.verified()
    assert {each.source for each in ahead.findings.all()} == {PERSONS, ALIASES}
    waiting = asyncio.create_task(deployed.verified(patience_s=300.0))
    await deployed.handle()

    assert (await waiting).findings.all() == []


async def test_what_nothing_can_change_is_not_waited_for(deployed: Deployed) -> None:
    """With all evidence handled, a difference is told at once, whatever the patience."""
    person = deployed.persons()[0]
    await deployed.write(deployed.settings.topics.persons, person.id, None)

    async with asyncio.timeout(60):
        found = await deployed.verified(patience_s=86_400.0)

    assert found.findings.total == 1


async def test_one_business_alone_is_looked_at(deployed: Deployed) -> None:
    """And what is wrong with others is not told."""
    person = deployed.persons()[0]
    await deployed.write(deployed.settings.topics.persons, person.id, None)

    other = await deployed.verified(business=BusinessId("somebody-else"))
    same = await deployed.verified(business=BUSINESS)

    assert other.findings.total == 0
    assert same.findings.total == 1
    assert {line.business for line in same.lines} == {BUSINESS}


# --- replay -------------------------------------------------------------------


async def test_a_log_that_has_lost_its_beginning_is_refused(
    deployed: Deployed,
) -> None:
    """With where it begins; without a replay all is well."""
    place = TopicPartition(deployed.settings.topics.evidence, HOME)
    async with admin(deployed.bootstrap) as client:
        await client.delete_records({place: RecordsToDelete(before_offset=3)})

    with pytest.raises(LogIncomplete, match="begins at offset 3"):
        await deployed.verified(replay=True)
    assert (await deployed.verified()).findings.total == 0


async def test_a_log_that_has_lost_its_end_is_refused(deployed: Deployed) -> None:
    """The tables have handled more than there is."""
    deployed.handled += 5
    await deployed.log_changes({})

    with pytest.raises(LogIncomplete, match="lost records"):
        await deployed.verified(replay=True)


async def test_a_replay_remembers_erasures_under_the_workers_key(
    deployed: Deployed, tmp_path: Path
) -> None:
    """Without it a replay would bring the erased back, so it is refused."""
    file = tmp_path / "key"
    file.write_text("k" * 64)
    deployed.weave = replace(deployed.weave, key=ErasureKey.from_file(file))
    who = next(iter(deployed.persons()[0].members))
    assert isinstance(who, ScopedId)
    erase = Erase(BUSINESS, who, False, 99, Cause("c", 0, 0), "", until_ms=10_000)
    await deployed.tell([erase, *contradicting_log(seed=8)])
    await deployed.handle()

    with pytest.raises(KeyMissing, match="erasure_key_file"):
        await deployed.verified(replay=True)
    update = {"erasure_key_file": file}
    deployed.settings = deployed.settings.model_copy(update=update)
    assert (await deployed.verified(replay=True)).findings.all() == []
    assert next(deployed.table.scan(b"x|"))


async def test_another_number_of_partitions_is_refused(deployed: Deployed) -> None:
    """With the one that the changelog has."""
    deployed.settings = deployed.settings.model_copy(update={"partitions": 7})

    with pytest.raises(Refused, match="partitions=3"):
        await deployed.verified()


async def test_a_changelog_that_somebody_else_writes_to_is_refused(
    deployed: Deployed,
) -> None:
    """It does not end with a progress record."""
    topic = f"{deployed.settings.app_id}-graph-changelog"
    for _ in range(50):  # in whichever partition they come to lie
        await deployed.write(topic, "p|b|x", b"y")

    with pytest.raises(ChangelogDamaged, match="without a progress record"):
        await deployed.verified()


# --- snapshots ----------------------------------------------------------------


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


# --- local files --------------------------------------------------------------


def store(folder: Path, table: str, partition: int) -> rocksdict.Rdict:
    """A worker's file, open."""
    path = folder / "app-data" / "v1" / "tables" / f"{table}-{partition}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    return rocksdict.Rdict(str(path), options=rocksdict.Options(raw_mode=True))


async def test_local_files_are_compared_at_their_own_offset(
    deployed: Deployed, tmp_path: Path
) -> None:
    """Open in a worker, and behind the changelog; a damaged one is found."""
    rows = dict(deployed.table.scan(b""))
    topic = f"{deployed.settings.app_id}-graph-changelog"
    offset = (await end_offsets(deployed.bootstrap, topic))[HOME] - 1
    person = deployed.persons()[0]
    db = store(tmp_path, "graph", HOME)
    for key, value in rows.items():
        db[key] = value
    db[Store.offset_key] = str(offset).encode()
    await deployed.tell(contradicting_log(seed=8))
    await deployed.handle()

    same = await deployed.verified(tables=tmp_path)
    db[f"p|{BUSINESS}|{person.id}".encode()] = b"\x01{}"
    altered = await deployed.verified(tables=tmp_path)
    db[Store.offset_key] = b"100000"
    ahead = await deployed.verified(tables=tmp_path)
    db.close()

    assert same.findings.all() == []
    place = f"graph-{HOME}.db"
    assert altered.findings.all() == [
        Difference(STORE, BUSINESS, "person", ALTERED, person.id, place)
    ]
    [first] = ahead.findings.all()
    assert (first.kind, first.place) == ("file", place)
    assert first.what.startswith("is ahead of its changelog")


async def test_local_lookups_are_compared_too(
    deployed: Deployed, tmp_path: Path
) -> None:
    """Here one is missing; it is not named by its id."""
    db = store(tmp_path, "lookups", OTHER)
    db[Store.offset_key] = b"1"
    db.close()

    [found] = (await deployed.verified(tables=tmp_path)).findings.all()

    assert (found.source, found.kind, found.person) == (STORE, "lookup", None)
    assert "app:1:a" not in str(found)


def damage(folder: Path) -> None:
    next(folder.rglob("CURRENT")).write_text("junk")


async def test_what_is_no_data_directory_is_refused(
    deployed: Deployed, tmp_path: Path
) -> None:
    """And a damaged file is named."""
    with pytest.raises(StoreUnreadable, match="data_dir"):
        await deployed.verified(tables=tmp_path)
    store(tmp_path, "graph", HOME).close()
    damage(tmp_path)
    with pytest.raises(StoreUnreadable, match=f"graph-{HOME}"):
        await deployed.verified(tables=tmp_path)


# --- the command --------------------------------------------------------------


def test_the_command_says_that_all_agree(run: Run, deployed: Deployed) -> None:
    """With 0, and one line for each copy of each business."""
    done = run(*options(deployed), "verify", "--replay")

    assert done.exit_code == Exit.OK, done.output
    sources = re.findall(rf"^{BUSINESS} +(\w+(?: topic)?)", done.stdout, re.MULTILINE)
    assert sources == [TABLES, PERSONS, ALIASES, "replay"]
    assert "differs" not in done.stdout


def test_the_command_names_the_first_difference(run: Run, deployed: Deployed) -> None:
    """With code 3 and what to do next; no user's id is printed, and no id on stderr."""
    persons = sorted(deployed.persons(), key=lambda person: person.id)
    for person in persons[:2]:
        topic = deployed.settings.topics.persons
        asyncio.run(deployed.write(topic, person.id, None))

    text = run(*options(deployed), "verify", "--patience", "0")
    found = run(*options(deployed), "verify", "--patience", "0", "--json")

    assert text.exit_code == found.exit_code == Exit.DIFFERENT
    first = (
        f"first difference: {PERSONS}: person {persons[0].id} of business {BUSINESS}"
    )
    assert first in text.stdout
    assert "next: " in text.stdout
    members = [str(who) for person in deployed.persons() for who in person.members]
    assert not any(who in text.output + found.output for who in members)
    assert "p_" not in text.stderr + found.stderr
    document = orjson.loads(found.stdout)
    assert document["differences"]["total"] == 2
    assert [each["person"] for each in document["differences"]["told"]] == [
        person.id for person in persons[:2]
    ]
    assert document["businesses"][BUSINESS][PERSONS]["agrees"] is False
    assert document["businesses"][BUSINESS][TABLES]["agrees"] is True


def test_an_export_is_a_snapshot(run: Run, deployed: Deployed, tmp_path: Path) -> None:
    """Of a live deployment, which is verified by it and answers why and how."""
    out = tmp_path / "out"
    done = run(*options(deployed), "export", out)
    assert done.exit_code == Exit.OK, done.output
    person = deployed.persons()[0]
    one, two, *_ = person.members

    assert run(*options(deployed), "verify", "--snapshot", out).exit_code == Exit.OK
    live = run(*options(deployed), "how", "--json", one)
    files = run(*options(deployed), "how", "--from", out, "--json", one)
    why = run(*options(deployed), "why", "--from", out, "--json", one, two)

    assert files.stdout == live.stdout
    assert orjson.loads(files.stdout)["history"]
    assert orjson.loads(why.stdout)["person"] == person.id
    cut = orjson.loads((out / MANIFEST).read_bytes())["cut"]["graph"][str(HOME)]
    assert cut["inputs"] == {deployed.settings.topics.evidence: deployed.handled}
    again = run(*options(deployed), "export", out)
    assert again.exit_code == Exit.CANNOT_CREATE
