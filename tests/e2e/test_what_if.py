"""What was foretold comes: on a real broker with a real worker, then nothing is left."""

import asyncio
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.e2e.test_deletion import Shop, is_woven, login, shop
from tests.streams.ingress.calling import wall_clock
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import Requested, encode_command
from idweave_graph.ids import ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.commanding import SOURCE, wait_until_done, write_command
from idweave_streams.erasing.places import Kind
from idweave_streams.erasing.preview import preview_live
from idweave_streams.erasing.search import Report, search
from idweave_streams.local.files import Lines
from idweave_streams.local.what_if import what_if
from idweave_streams.reliable import Output
from idweave_streams.state.live import live_state
from idweave_streams.state.snapshot import open_snapshot, write_snapshot
from idweave_streams.tables import GRAPH_TABLE
from idweave_streams.topic_plan import changelog_of

IDWEAVE = str(Path(sys.executable).parent / "idweave")


def now_ms() -> int:
    return int(wall_clock() * 1000)


def without_cause(document: Any) -> Any:
    """The event, but for where it comes from, which the id of a ban holds too."""
    if isinstance(document, list):
        return [without_cause(each) for each in document]
    if not isinstance(document, dict):
        return document
    hidden = ("cause", "id") if document.get("type") == "banned" else ("cause",)
    return {k: without_cause(v) for k, v in document.items() if k not in hidden}


def in_order(events: Collection[dict[str, Any]]) -> list[Any]:
    return sorted(map(without_cause, events), key=orjson.dumps)


async def export(deployed: Stand, folder: Path) -> Path:
    async with live_state(deployed.settings) as copy:
        write_snapshot(copy, folder)
    return folder


async def foretold(deployed: Stand, snapshot: Path, command: bytes) -> list[Any]:
    with open_snapshot(snapshot) as copy:
        lines = Lines(commands=[command])
        supposed = await what_if(copy, deployed.settings, lines)
        events = supposed.records(deployed.names.events)
        return in_order([orjson.loads(each.value or b"") for each in events])


async def told(deployed: Stand) -> dict[str, dict[str, Any]]:
    records = await deployed.records(deployed.names.events)
    events = [orjson.loads(each.value or b"") for each in records]
    return {event["id"]: event for event in events}


async def come(deployed: Stand, wish: Requested | RequestedBan) -> list[Any]:
    """The events that the command has brought."""
    known = await told(deployed)
    await write_command(deployed.settings, wish)
    if isinstance(wish, Requested):
        await wait_until_done(deployed.settings, wish.receipt, 60)
    else:
        await deployed.until(lambda tally: tally.event_types["banned"] == 1)
    await deployed.settle()
    return in_order(
        [e for name, e in (await told(deployed)).items() if name not in known]
    )


def standing(report: Report) -> set[tuple[Kind, str]]:
    return {(f.kind, f.place) for f in report.findings if f.stands}


def found(report: Report, place: str) -> tuple[int, int, int]:
    [one] = [f for f in report.findings if f.place == place]
    return one.stands, one.until_compaction, one.until_retention


async def erase(
    deployed: Stand, who: ScopedId, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run `idweave erase -` with these options."""
    names = ("app_id", "kafka", "partitions", "topic_prefix")
    stated = [f"{name}={getattr(deployed.settings, name)}" for name in names]
    flags = [part for each in stated for part in ("--set", each)]
    return await asyncio.to_thread(
        subprocess.run,
        [IDWEAVE, *flags, "erase", "-", *options],
        input=f"{who}\n",
        capture_output=True,
        text=True,
        check=False,
    )


async def verify(deployed: Stand, who: ScopedId, *options: str) -> tuple[int, str]:
    """Exit code, and all that was printed."""
    ended = await erase(deployed, who, "--verify", *options)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.timeout(300)
async def test_a_ban_and_an_erasure_do_what_was_foretold(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """The same events but for their cause; then the id stands nowhere but in logs."""
    here = shop()
    ann, psid = here.asid(here.ann), here.psid(here.ann)
    async with stand(
        here.world, kafka=kafka.bootstrap, prefix=topic_prefix, folder=tmp_path
    ) as deployed:
        await deployed.send_assets(here.world)
        await deployed.start_worker("worker")
        await deployed.send([login(deployed, here, p) for p in (here.ann, here.bob)])
        for person in (here.ann, here.bob):
            await is_woven(deployed, here, person)
        await deployed.settle()
        monday = await export(deployed, tmp_path / "monday")

        ban = RequestedBan(ann, psid, BanKind.BAN, now_ms(), SOURCE, "Ann", "two")
        expected = await foretold(deployed, monday, encode_command(ban))
        assert {each["type"] for each in expected} == {"banned", "quarantined", "split"}
        assert await come(deployed, ban) == expected

        tuesday = await export(deployed, tmp_path / "tuesday")
        kind = CommandKind.ERASE_PERSON
        wish = Requested(ann, kind, now_ms(), SOURCE, "R1")
        expected = await foretold(deployed, tuesday, encode_command(wish))
        dry = await preview_live(deployed.settings, ann.asset, encode_command(wish))
        assert in_order(dry.events) == expected
        ended = await erase(deployed, ann, "--person", "--dry-run", "--json")
        assert ended.returncode == 0, ended.stderr
        events = orjson.loads(ended.stdout)["events"]
        assert {e["id"] for e in events} == {e["id"] for e in expected}
        assert len(await deployed.records(deployed.names.commands)) == 1  # the ban
        assert {ann, psid} <= set(dry.gone)  # the Page's was known only through Ann's
        assert await come(deployed, wish) == expected
        assert dry.ids == await wait_until_done(deployed.settings, "R1", 60)

        await is_searched(deployed, here, ann, [monday, tuesday])


async def is_searched(
    deployed: Stand, here: Shop, ann: ScopedId, snapshots: Sequence[Path]
) -> None:
    """The id is gone from whatever is in effect, and found in whatever kept it."""
    settings, names = deployed.settings, deployed.names
    worker = deployed.data_dir("worker")

    report = await search(settings, ann, data_dirs=[worker])
    assert standing(report) == set()
    assert report.is_forgotten
    graph = changelog_of(settings.app_id, GRAPH_TABLE)
    for topic in (graph, names.aliases, names.persons):
        assert found(report, topic)[1] > 0
    for topic in (names.logins, names.sightings, names.evidence, names.events):
        assert found(report, topic)[2] > 0
    code, text = await verify(deployed, ann, "--tables", str(worker))
    assert (code, ann.user in text) == (0, False), text

    kept = await search(settings, ann, snapshots=snapshots)
    assert {kind for kind, _ in standing(kept)} == {Kind.SNAPSHOT}

    bob = here.asid(here.bob)
    known = await search(settings, bob, data_dirs=[worker])
    kinds = {kind for kind, _ in standing(known)}
    assert kinds == {Kind.TABLE, Kind.COMPACTED, Kind.DATA_DIR}
    places = {place for kind, place in standing(known) if kind is not Kind.DATA_DIR}
    assert places == {"graph", "lookups", names.aliases, names.persons}
    code, text = await verify(deployed, bob)
    assert (code, bob.user in text) == (4, False)
    assert "not forgotten:" in text

    stray = orjson.dumps({"id": "p_1", "evidence": [{"a": str(ann)}]})
    await deployed.send([Output(names.persons, b"p_1", stray)])
    assert standing(await search(settings, ann)) == {(Kind.COMPACTED, names.persons)}
