"""The process ends when it must: promptly, with the right code, and says why."""

import asyncio
import signal

import pytest
from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import (
    announced,
    committed,
    counts,
    fill,
    recreate,
    until_committed,
)
from tests.streams.reliable.workers import Setting, Worker
from tests.support.kafka import Record, create_topics, produce

KEYS = [f"key-{i % 10}".encode() for i in range(100)]


async def ended(worker: Worker) -> int:
    return await asyncio.to_thread(worker.wait)


async def test_a_stop_in_full_work_is_prompt_and_clean(
    setting: Setting, start: Start
) -> None:
    """SIGTERM under load: exit code 0, and the next start goes on without repeating."""
    keys = [f"key-{i % 1000}".encode() for i in range(40_000)]
    await fill(setting, keys)
    worker = start(setting.worker("counting", "ours"))
    await until_committed(setting, 1)

    worker.signal(signal.SIGTERM)
    assert await ended(worker) == 0
    stopped_at = (await committed(setting))[0]
    outputs = len(await announced(setting))
    start(worker)
    await until_committed(setting)
    worker.stop()

    assert outputs == stopped_at
    assert await counts(setting) == dict.fromkeys(keys, 40)
    assert len(await announced(setting)) == len(keys)


async def test_a_bug_in_the_handler_names_the_record_and_not_its_content(
    setting: Setting, start: Start
) -> None:
    """Exit code 1; topic, partition, offset and place in the log; nothing acked beyond."""
    await create_topics(setting.bootstrap, {setting.source: 1, setting.target: 1})
    records = [Record(b"v", key) for key in KEYS]
    records.insert(42, Record(b"poison", b"key-3"))
    await produce(setting.bootstrap, setting.source, records)

    worker = start(setting.worker("counting", "ours"))

    assert await ended(worker) == 1
    assert f"{setting.source}[0] offset 42" in worker.said()
    assert "ValueError at" in worker.said()
    assert "counting.py" in worker.said()
    assert "secret of" not in worker.said()
    assert (await committed(setting)).get(0, 0) <= 42


async def test_a_unit_that_does_not_fit_is_made_smaller(
    setting: Setting, start: Start
) -> None:
    """State of thirty large records is far more than one batch; all of it arrives."""
    await create_topics(setting.bootstrap, {setting.source: 1, setting.target: 1})
    keys = [f"key-{i}".encode() for i in range(30)]
    await produce(
        setting.bootstrap, setting.source, [Record(b"large", k) for k in keys]
    )

    worker = start(setting.worker("counting", "ours"))
    await until_committed(setting)
    worker.stop()

    found = await counts(setting)
    assert {k: v for k, v in found.items() if k in keys} == dict.fromkeys(keys, 1)
    assert len(found) == 30 * 201


async def test_a_record_whose_state_never_fits_is_named(
    setting: Setting, start: Start
) -> None:
    """Exit code 1 and the offset; the records before it are done."""
    await create_topics(setting.bootstrap, {setting.source: 1, setting.target: 1})
    records = [Record(b"v", key) for key in KEYS[:5]] + [Record(b"huge", b"key-0")]
    await produce(setting.bootstrap, setting.source, records)

    worker = start(setting.worker("counting", "ours"))

    assert await ended(worker) == 1
    assert f"{setting.source}[0] offset 5 makes more than" in worker.said()
    assert set((await counts(setting)).values()) == {1}


async def test_partition_counts_that_differ_are_refused(
    setting: Setting, start: Start
) -> None:
    """A changelog with another count would hold the state of nobody."""
    await fill(setting, KEYS)

    worker = start(setting.worker("counting", "ours", FAULT="other-table-count"))

    assert await ended(worker) == 1
    assert "need the same number of partitions" in worker.said()


@pytest.mark.parametrize("what", ["source", "changelog"])
async def test_a_recreated_topic_is_refused(
    setting: Setting, start: Start, what: str
) -> None:
    """State and offsets that don't belong together stop the worker with a remedy."""
    await fill(setting, KEYS)
    worker = start(setting.worker("counting", "ours"))
    await until_committed(setting)
    worker.stop()
    topic = setting.source if what == "source" else setting.changelog
    await recreate(setting, topic)
    if what == "changelog":
        worker = setting.worker("counting", "ours", "other-disk")

    start(worker)

    assert await ended(worker) == 1
    remedy = "a new app id" if what == "source" else "Restore the changelog topic"
    assert remedy in worker.said()
