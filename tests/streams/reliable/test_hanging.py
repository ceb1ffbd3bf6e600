"""A record that is still in work when the process dies is handed out again."""

import pytest
from aiokafka import AIOKafkaProducer
from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import committed, until_committed, until_noted
from tests.streams.reliable.workers import Flavour, Setting
from tests.support.kafka import Record, create_topics, produce

# Which record hangs: the first one after what the case says.
HANGING = {
    "after some commits": 5,
    "in a new group": 0,
    "after a hole in the log": 3,
}
AFTER = 20


async def put(setting: Setting, values: list[str], partition: int = 0) -> None:
    records = [Record(value.encode(), partition=partition) for value in values]
    await produce(setting.bootstrap, setting.source, records)


async def begin(setting: Setting, case: str) -> int:
    """Put in what comes before the hanging record; the offset where it will be."""
    await create_topics(setting.bootstrap, {setting.source: 2})
    values = [f"v{i}" for i in range(HANGING[case])]
    if case != "after a hole in the log":
        if values:
            await put(setting, values)
        return len(values)
    # Each transaction leaves a marker, which is an offset without a record.
    async with AIOKafkaProducer(
        bootstrap_servers=setting.bootstrap, transactional_id=f"{setting.prefix}tx"
    ) as producer:
        for value in values:
            async with producer.transaction():
                await producer.send_and_wait(
                    setting.source, value.encode(), partition=0
                )
    return 2 * len(values)


async def live_and_die(
    setting: Setting, start: Start, flavour: Flavour, case: str
) -> tuple[int, list[str]]:
    """One record hangs, all others are acked; killed, and started again.

    Returns how far beyond the hanging record the group stood at the death, and what
    the second life saw.
    """
    offset = await begin(setting, case)
    before = HANGING[case]
    more = {"HANG": f"v{before}", "PARTITIONS": "2"}
    worker = start(setting.worker("hanging", flavour, **more))
    if before:
        await until_committed(setting, before)
    await put(setting, [f"v{i}" for i in range(before, before + AFTER)])
    await until_noted(setting, before + AFTER)
    # The other partition shows that a commit was made after all of these acks.
    await put(setting, ["other"], partition=1)
    await until_committed(setting, 1, partition=1)
    if flavour == "stock":  # it passes one hole in the log with each commit
        await until_committed(setting, offset + 1)
    seen = len(setting.notes())
    worker.kill()
    stood = (await committed(setting)).get(0, 0)
    await put(setting, ["last"])
    start(worker)
    while setting.notes()[-1] != "last":
        await until_noted(setting, max(seen, len(setting.notes())) + 1)
    worker.kill()
    return stood - offset, setting.notes()[seen:]


@pytest.mark.parametrize("case", HANGING)
async def test_stock_never_hands_it_out_again(
    setting: Setting, start: Start, case: str
) -> None:
    """Stock has committed past the record in work; nobody ever sees it again."""
    beyond, second_life = await live_and_die(setting, start, "stock", case)

    assert beyond > 0
    assert f"v{HANGING[case]}" not in second_life


@pytest.mark.parametrize("case", HANGING)
async def test_ours_resumes_at_it(setting: Setting, start: Start, case: str) -> None:
    """An ordinary agent on our app: the commit stopped before the record in work."""
    beyond, second_life = await live_and_die(setting, start, "ours", case)

    assert beyond <= 0
    assert second_life[0] == f"v{HANGING[case]}"
    assert len(second_life) == AFTER + 1
