"""What must hold when all faults are over, and what does not."""

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from tests.chaos.load import Load, receipt
from tests.chaos.town import Town
from tests.e2e.demands import Told, gap_to_replay, told_by
from tests.support.stand import Stand

from idweave_streams.cli import COMMANDS
from idweave_streams.demo.on_kafka import environment
from idweave_streams.demo.verdict import compare

VERIFY_S = 300.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary."""

    what: str
    found: int
    is_wrong: bool = False


async def examine(stand: Stand, load: Load) -> list[Line]:
    """Every demand, and how often it is not met."""
    found = await told_by(stand)
    lines = [*_ids(stand, load), *_people(stand, load.town)]
    lines += [*_lookups(stand), *_boundary(found, load.town)]
    gap = await gap_to_replay(stand, found)
    lines += [
        _wrong("event ids missing, by a replay of the evidence log", len(gap.missing)),
        _wrong("event ids that the log does not give", len(gap.invented)),
        _wrong("outputs that differ from the replay", len(gap.differing)),
    ]
    lines.append(await _receipts(stand, load.town))
    lines.append(_letters(stand, load))
    return lines


def _wrong(what: str, count: int) -> Line:
    return Line(what, count, is_wrong=count > 0)


def _ids(stand: Stand, load: Load) -> Iterator[Line]:
    """The demo's verdict, by the owners in the end."""
    sighted, town = load.traffic.report.sighted, load.town
    verdict = compare(
        stand.tally.aliases,
        town.in_the_end().truth(),
        seen=town.must_have(sighted),
        linkable=town.linkable(sighted),
    )
    yield Line("persons", verdict.persons)
    yield Line("persons with several ids", verdict.several)
    yield Line("ids", verdict.ids)
    yield _wrong("ids wrongly joined", verdict.wrongly_joined)
    yield _wrong("ids wrongly parted", verdict.wrongly_parted)
    yield _wrong("ids missing", verdict.missing)


def _people(stand: Stand, town: Town) -> Iterator[Line]:
    """Those who wanted to be forgotten are, and those at odds are apart."""
    aliases = stand.tally.aliases
    left = [a for guest in town.leavers for a in guest.aliases if a in aliases]
    yield _wrong("ids left of those who were erased", len(left))
    parted = 0
    for guest in town.feuders:
        one, two = (aliases.get(alias) for alias in guest.aliases)
        parted += one is not None and two is not None and one != two
    yield _wrong("banned pairs that are not apart", len(town.feuders) - parted)


def _lookups(stand: Stand) -> Iterator[Line]:
    tally = stand.tally
    open_ = tally.sighted.keys() - tally.closed
    yield _wrong("ids seen whose lookup never ended", len(open_))
    yield _wrong("businesses and tokens still on hold", len(tally.held))
    again = sum(count > 1 for count in tally.answered.values())
    yield Line("ids asked about more than once, after a crash", again)


def _boundary(found: Told, town: Town) -> Iterator[Line]:
    """No person ever had an id of an asset that was not its business's."""
    ever: dict[str, set[str | None]] = defaultdict(set)
    for world in (town.whole, town.in_the_end()):
        for row in world.assets():
            ever[row["asset"]].add(row["business"])
    crossed = sum(
        event["business"] not in ever[asset]
        for event in found.events.values()
        for asset in _assets(event.get("person"))
    )
    yield _wrong("events across a business boundary", crossed)
    owner = {row["asset"]: row["business"] for row in town.in_the_end().assets()}
    owner[str(town.unowned.asset)] = None
    persons = [orjson.loads(value) for value in found.persons.values()]
    strays = sum(owner[a] != p["business"] for p in persons for a in _assets(p))
    yield _wrong("ids with a business that does not own their asset", strays)


def _assets(person: dict[str, list[dict[str, str]]] | None) -> Iterator[str]:
    """The assets of a person's ids, in text form; business tokens have none."""
    for member in (person or {}).get("members", ()):
        if "asset" in member:
            yield f"{member['kind']}:{member['asset']}"


async def _receipts(stand: Stand, town: Town) -> Line:
    states = {}
    for record in await stand.records(stand.names.receipts):
        states[(record.key or b"").decode()] = orjson.loads(record.value or b"{}")
    codes = [receipt(number) for number in range(len(town.leavers))]
    undone = [c for c in codes if states.get(c, {}).get("state") != "done"]
    return _wrong("erasures without a receipt", len(undone))


def _letters(stand: Stand, load: Load) -> Line:
    """More there may be: a record that was sent again is another record."""
    expected = load.traffic.report.dead_letters.total()
    letters = stand.tally.dead_letters.total()
    return _wrong(
        "unreadable records without a dead letter", max(0, expected - letters)
    )


async def verify(stand: Stand) -> tuple[int, str]:
    """Exit code of `idweave verify`, and what it said."""
    if "verify" not in COMMANDS:
        return 0, "idweave verify is not there"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "idweave_streams.cli", "verify", "--replay"),
        env={**os.environ, **environment(stand.settings)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), VERIFY_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        return -1, f"not done within {VERIFY_S:.0f} s"
    return process.returncode or 0, said.decode(errors="replace").strip()
