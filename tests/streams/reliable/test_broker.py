"""What the broker has not acknowledged is not committed."""

import asyncio
import contextlib
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
from tests.streams.reliable.workers import Setting
from tests.support.kafka import KafkaBroker, Record, create_topics, produce
from tests.support.waiting import until

LARGE = b"x" * 30_000
FREEZE_S = 2.5
STALLS = 6  # a stall may fall between two commits


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


async def put_load(setting: Setting, keys: list[bytes]) -> None:
    """Some seconds of work lie in the source; ``keys`` grows by what they hold."""
    new = [f"key-{i:05}".encode() for i in range(len(keys), len(keys) + 5_000)]
    records = [Record(b"v" * 1_000, key) for key in new]
    await produce(setting.bootstrap, setting.source, records)
    keys += new


async def stall(setting: Setting, broker: KafkaBroker, keys: list[bytes]) -> int:
    """Freeze the broker in the middle of work; where the group stood before that."""
    edge = len(keys)
    await put_load(setting, keys)
    await until_committed(setting, edge + 1)
    with frozen(broker):
        await asyncio.sleep(FREEZE_S)
    return edge


async def test_stock_commits_past_what_is_still_underway(
    kafka: KafkaBroker, setting: Setting, start: Start
) -> None:
    """After a stall the commit goes out before the changelog records it stands for.

    Dying there loses them: they are below the committed offset and in no changelog.
    """
    topics = {setting.source: 1, setting.target: 1}
    await create_topics(setting.bootstrap, topics)
    worker = start(setting.worker("stalled", "stock", FAULT="commit"))
    keys: list[bytes] = []

    async def has_died() -> bool:
        return worker.exit_code is not None

    for _ in range(STALLS):
        if not await has_died():
            with contextlib.suppress(TimeoutError):
                await stall(setting, kafka, keys)
                await until(has_died, timeout_s=2)  # some commits long

    assert worker.exit_code == -signal.SIGKILL, "no such commit: is the patch needed?"
    done = set(keys[: (await committed(setting))[0]])
    assert done - await stored(setting)


async def test_ours_has_everything_below_the_commit(
    kafka: KafkaBroker, setting: Setting, start: Start
) -> None:
    """Killed at any moment after a stall, all that is committed is in the changelog."""
    topics = {setting.source: 1, setting.target: 1}
    await create_topics(setting.bootstrap, topics)
    worker = start(setting.worker("stalled", "ours"))
    keys: list[bytes] = []

    edge = await stall(setting, kafka, keys)
    await until_committed(setting, edge + 1)
    worker.kill()

    done = set(keys[: (await committed(setting))[0]])
    assert len(done) > edge
    assert done <= await stored(setting)
    assert done <= set(await announced(setting))
