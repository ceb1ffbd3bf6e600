"""No record is lost when partitions move."""

import pytest
from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import until_noted
from tests.streams.reliable.workers import Flavour, Setting
from tests.support.kafka import Record, create_topics, produce
from tests.support.waiting import until

PARTITIONS = 4
RECORDS = 20_000
RUNS = 4


async def skipped_at_a_takeover(
    setting: Setting, start: Start, flavour: Flavour
) -> int:
    """Two workers read a backlog, one dies; how many records were passed over.

    A record is passed over when later ones of its partition were handled and neither
    worker ever got it. Nobody goes back for it while the survivor lives.
    """
    await create_topics(setting.bootstrap, {setting.source: PARTITIONS})
    records = (Record(b"v", partition=i % PARTITIONS) for i in range(RECORDS))
    await produce(setting.bootstrap, setting.source, records)
    more = {"PARTITIONS": str(PARTITIONS), "SLOW": "1", "INSTANCE": ""}
    one = start(setting.worker("reading", flavour, "one", **more))
    two = start(setting.worker("reading", flavour, "two", **more))
    await until_noted(setting, 300, "one")
    await until_noted(setting, 300, "two")
    one.kill()
    await until_taken_over(setting)
    two.kill()
    seen = [*places(setting, "one"), *places(setting, "two")]
    wanted = {(p, o) for p, last in latest(seen).items() for o in range(last)}
    return len(wanted - set(seen))


def places(setting: Setting, name: str) -> list[tuple[int, int]]:
    pairs = (line.split(":") for line in setting.notes(name))
    return [(int(partition), int(offset)) for partition, offset in pairs]


def latest(seen: list[tuple[int, int]]) -> dict[int, int]:
    return {p: max(o for q, o in seen if q == p) for p in {p for p, _ in seen}}


async def until_taken_over(setting: Setting) -> None:
    """The survivor has read on for a while beyond what both had at the death."""
    at_death = latest([*places(setting, "one"), *places(setting, "two")])
    last = RECORDS // PARTITIONS - 1

    async def is_well_beyond() -> bool:
        now = latest(places(setting, "two"))
        goal = {p: min(at_death.get(p, 0) + 500, last) for p in range(PARTITIONS)}
        return all(now.get(p, -1) >= offset for p, offset in goal.items())

    await until(is_well_beyond, timeout_s=60)


@pytest.mark.timeout(400)
async def test_stock_passes_records_over_at_a_takeover(
    setting: Setting, start: Start
) -> None:
    """In one of a few runs at the latest, stock leaves records out."""
    for attempt in range(RUNS):
        folder = setting.folder / str(attempt)
        folder.mkdir()
        own = Setting(setting.bootstrap, f"{setting.prefix}{attempt}-", folder)
        if await skipped_at_a_takeover(own, start, "stock"):
            return
    pytest.fail(f"stock kept all records in {RUNS} runs: is the patch still needed?")


async def test_ours_passes_nothing_over_at_a_takeover(
    setting: Setting, start: Start
) -> None:
    """The same, with the same slow lookup."""
    assert await skipped_at_a_takeover(setting, start, "ours") == 0
