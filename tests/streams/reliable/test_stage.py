"""What a stage tells the code around it, and when."""

import asyncio

from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import announced, committed, until_noted
from tests.streams.reliable.workers import Setting
from tests.support.kafka import Record, create_topics, produce
from tests.support.waiting import until


async def prepare(setting: Setting) -> None:
    second = f"{setting.prefix}in2"
    topics = (setting.source, second, setting.target)
    await create_topics(setting.bootstrap, dict.fromkeys(topics, 1))
    await produce(setting.bootstrap, setting.source, [Record(b"1", b"a")])
    await produce(setting.bootstrap, second, [Record(b"2", b"b")])


async def test_callbacks_come_in_order_and_see_durable_state(
    setting: Setting, start: Start
) -> None:
    """Assigned, then work, then revoked; a second life finds what the first has made."""
    await prepare(setting)
    worker = start(setting.worker("watching", "ours"))

    async def both_are_done() -> bool:
        return {"afterwards:a", "afterwards:b"} <= set(setting.notes())

    await until(both_are_done, timeout_s=60)
    await asyncio.to_thread(worker.stop)
    first = setting.notes()
    start(worker)
    await until_noted(setting, len(first) + 3)
    worker.kill()

    assert first[0] == "assigned:[0]"
    assert first[-1] == "revoked:[0]"
    assert "committed:0" in first[1:-1]
    assert setting.notes()[len(first) :] == [
        "assigned:[0]",
        "found:last:a=1",
        "found:last:b=2",
    ]


async def test_a_shut_gate_holds_work_back_and_lets_the_process_stop(
    setting: Setting, start: Start
) -> None:
    """Nothing is handled or committed, and SIGTERM still ends it in good order."""
    await prepare(setting)
    worker = start(setting.worker("watching", "ours", FAULT="shut"))
    await until_noted(setting, 1)
    await asyncio.sleep(2)

    code = await asyncio.to_thread(worker.stop)

    assert code == 0
    assert setting.notes() == ["assigned:[0]", "revoked:[0]"]
    assert await committed(setting) == {}


async def test_a_task_can_send_and_wait(setting: Setting, start: Start) -> None:
    """Timers and finished calls send through the same producer."""
    await prepare(setting)
    start(setting.worker("watching", "ours"))

    async def is_there() -> bool:
        return b"hello" in await announced(setting)

    await until(is_there, timeout_s=60)
