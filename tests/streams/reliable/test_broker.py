"""What the broker has not acknowledged is not committed."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import (
    announced,
    committed,
    stored,
    until_committed,
)
from tests.streams.reliable.workers import Setting, Worker
from tests.support.kafka import KafkaBroker, Record, create_topics, produce
from tests.support.waiting import until

LARGE = b"x" * 30_000
FREEZE_S = 2.5


async def prepare_refusal(setting: Setting) -> None:
    """The second of three records makes an output that the broker refuses."""
    await create_topics(setting.bootstrap, {setting.source: 1})
    limit = {"max.message.bytes": "10000"}
    await create_topics(setting.bootstrap, {setting.target: 1}, limit)
    values = [Record(b"a", b"1"), Record(LARGE, b"2"), Record(b"c", b"3")]
    await produce(setting.bootstrap, setting.source, values)


async def test_stock_commits_what_the_broker_refused(
    setting: Setting, start: Start
) -> None:
    """The failed send is a line in the log; the record counts as done."""
    await prepare_refusal(setting)

    worker = start(setting.worker("refused", "stock"))
    await until_committed(setting, 3)

    assert worker.exit_code is None
    assert b"2" not in await announced(setting)


async def test_ours_exits_and_commits_nothing_of_it(
    setting: Setting, start: Start
) -> None:
    """A refused output ends the process with code 1; its record is not committed."""
    await prepare_refusal(setting)

    worker = start(setting.worker("refused", "ours"))

    assert await asyncio.to_thread(worker.wait) == 1
    assert (await committed(setting)).get(0, -1) <= 1
    assert "DeliveryFailed" in worker.said()
    assert LARGE[:100].decode() not in worker.said()


@contextmanager
def frozen(broker: KafkaBroker) -> Iterator[None]:
    """The broker stands still, as in a long pause of its machine."""
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker.pid, signal.SIGCONT)


async def stall(setting: Setting, broker: KafkaBroker, worker: Worker) -> int:
    """Freeze the broker while records flow; where the group stood before that."""
    await until_committed(setting, 1)
    edge = (await committed(setting))[0]
    with frozen(broker):
        await asyncio.sleep(FREEZE_S)
    return edge


async def prepare_load(setting: Setting) -> list[bytes]:
    keys = [f"key-{i:05}".encode() for i in range(6_000)]
    await create_topics(setting.bootstrap, {setting.source: 1, setting.target: 1})
    records = [Record(b"v" * 1_000, key) for key in keys]
    await produce(setting.bootstrap, setting.source, records)
    return keys


async def test_stock_commits_past_what_is_still_underway(
    kafka: KafkaBroker, setting: Setting, start: Start
) -> None:
    """After a stall the commit goes out before the changelog records it stands for.

    Dying there loses them: they are below the committed offset and in no changelog.
    """
    keys = await prepare_load(setting)
    worker = start(setting.worker("stalled", "stock", FAULT="commit"))

    async def has_died() -> bool:
        if worker.exit_code is None:
            await stall(setting, kafka, worker)
        return worker.exit_code is not None

    await until(has_died, timeout_s=60)

    done = set(keys[: (await committed(setting))[0]])
    assert done - await stored(setting)


async def test_ours_has_everything_below_the_commit(
    kafka: KafkaBroker, setting: Setting, start: Start
) -> None:
    """Killed at any moment after a stall, all that is committed is in the changelog."""
    keys = await prepare_load(setting)
    worker = start(setting.worker("stalled", "ours"))

    edge = await stall(setting, kafka, worker)
    await until_committed(setting, edge + 1)
    worker.kill()

    done = set(keys[: (await committed(setting))[0]])
    assert len(done) > edge
    assert done <= await stored(setting)
    assert done <= set(await announced(setting))
