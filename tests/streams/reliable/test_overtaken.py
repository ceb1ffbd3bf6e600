"""A worker that stood still until its partitions were another's does no harm."""

import asyncio
import signal

from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import counts, fill, until_committed, until_noted
from tests.streams.reliable.workers import Setting
from tests.support.kafka import Record, produce

KEYS = [f"key-{i % 10}".encode() for i in range(200)]


async def test_a_write_that_waited_too_long_is_not_sent(
    setting: Setting, start: Start
) -> None:
    """Frozen between its last look and the socket, it ends and says why.

    Sent all the same, the batch would stand behind those of the new owner, and whoever
    recovers from the changelog next would count on from old numbers.
    """
    await fill(setting, KEYS)
    frozen = start(setting.worker("overtaken", "ours", "one", FAULT="sending"))
    await until_noted(setting, 1, "one")
    other = start(setting.worker("overtaken", "ours", "two"))
    await until_committed(setting)

    frozen.signal(signal.SIGCONT)
    code = await asyncio.to_thread(frozen.wait)
    other.kill()
    start(setting.worker("overtaken", "ours", "three"))
    await produce(setting.bootstrap, setting.source, [Record(b"v", k) for k in KEYS])
    await until_committed(setting)

    assert await counts(setting) == dict.fromkeys(KEYS, 40)
    assert code == 1
    assert "Overtaken" in frozen.said()
