"""A record that is still in work when the process dies is handed out again."""

import pytest
from aiokafka import AIOKafkaProducer
from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import committed, until_committed, until_noted
from tests.streams.reliable.workers import Flavour, Setting
from tests.support.kafka import create_topics, end_offsets, produce

# Which record hangs: the first one after what the case says.
HANGING = {
    "after some commits": "v5",
    "in a new group": "v0",
    "after a hole in the log": "v3",
}


async def begin(setting: Setting, case: str) -> int:
    """Fill the topic with what comes before the hanging record; how many that are."""
    await create_topics(setting.bootstrap, {setting.source: 1})
    if case == "in a new group":
        return 0
    if case == "after some commits":
        values = [f"v{i}".encode() for i in range(5)]
        await produce(setting.bootstrap, setting.source, values)
        return 5
    # Three transactions: each leaves a marker, which is an offset without a record.
    async with AIOKafkaProducer(
        bootstrap_servers=setting.bootstrap, transactional_id=f"{setting.prefix}tx"
    ) as producer:
        for i in range(3):
            async with producer.transaction():
                await producer.send_and_wait(setting.source, f"v{i}".encode())
    return 3


async def live_and_die(
    setting: Setting, start: Start, flavour: Flavour, case: str
) -> tuple[int, list[str]]:
    """One record hangs, all others are acked; killed, and started again.

    Returns what was committed at the death, and what the second life saw.
    """
    before = await begin(setting, case)
    worker = start(setting.worker("hanging", flavour, HANG=HANGING[case]))
    edge = (await end_offsets(setting.bootstrap, setting.source))[0]
    if before:
        await until_committed(setting, edge - (case == "after a hole in the log"))
    after = [f"v{i}".encode() for i in range(before, before + 20)]
    await produce(setting.bootstrap, setting.source, after)
    await until_noted(setting, before + len(after))
    # Several rounds of the commit timer, made visible by more records coming through.
    for i in range(6):
        await produce(setting.bootstrap, setting.source, [f"tick{i}".encode()])
        await until_noted(setting, before + len(after) + i + 1)
    if flavour == "stock":
        await until_committed(setting, edge + 1)
    seen = len(setting.notes())
    worker.kill()
    offset = (await committed(setting)).get(0, 0)
    await produce(setting.bootstrap, setting.source, [b"last"])
    start(worker)
    await until_noted(setting, seen + 1)
    while setting.notes()[-1] != "last":
        await until_noted(setting, len(setting.notes()) + 1)
    worker.kill()
    return offset - edge, setting.notes()[seen:]


@pytest.mark.parametrize("case", HANGING)
async def test_stock_never_hands_it_out_again(
    setting: Setting, start: Start, case: str
) -> None:
    """Stock has committed past the record in work; nobody ever sees it again."""
    beyond, second_life = await live_and_die(setting, start, "stock", case)

    assert beyond > 0
    assert HANGING[case] not in second_life


@pytest.mark.parametrize("case", HANGING)
async def test_ours_resumes_at_it(setting: Setting, start: Start, case: str) -> None:
    """An ordinary agent on our app: the commit stopped before the record in work."""
    beyond, second_life = await live_and_die(setting, start, "ours", case)

    assert beyond <= 0
    assert second_life[0] == HANGING[case]
    assert len(second_life) == 27
