"""Recovery ends, is exact, and never goes on with a hole."""

import asyncio
import signal

import aiokafka
import pytest
from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import (
    announced,
    counts,
    fill,
    stored,
    until_committed,
)
from tests.streams.reliable.workers import Flavour, Setting, Worker
from tests.support.kafka import Record, create_topics, end_offsets, produce
from tests.support.waiting import until

KEYS = [f"key-{i:02}".encode() for i in range(30)]
PATIENCE_S = 6.0  # recovery of thirty records takes a fraction of a second


async def ended(worker: Worker) -> int:
    return await asyncio.to_thread(worker.wait)


async def add_marker(setting: Setting) -> None:
    """The changelog ends with an aborted record and its marker: nothing to be read."""
    async with aiokafka.AIOKafkaProducer(
        bootstrap_servers=setting.bootstrap, transactional_id=f"{setting.prefix}tx"
    ) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(setting.changelog, b"aborted", b"aborted")
        await producer.abort_transaction()


async def restarted_on_an_empty_disk(
    setting: Setting, start: Start, flavour: Flavour
) -> Worker:
    """Work, stop, a tail without a record in the changelog, a start that must read all."""
    await fill(setting, KEYS)
    worker = start(setting.worker("keeping", flavour))
    await until_committed(setting)
    await asyncio.to_thread(worker.stop)
    await add_marker(setting)
    worker = start(setting.worker("keeping", flavour, "empty"))
    await produce(setting.bootstrap, setting.source, [Record(b"v", b"one more")])
    return worker


async def test_stock_waits_for_ever_for_a_record_that_is_gone(
    setting: Setting, start: Start
) -> None:
    """Stock wants to *see* the last offset, and there is nothing at it."""
    worker = await restarted_on_an_empty_disk(setting, start, "stock")

    with pytest.raises(TimeoutError):
        await until_committed(setting, timeout_s=PATIENCE_S)

    assert worker.exit_code is None
    assert "Restoring state from changelog" in worker.said()
    assert "Worker ready" not in worker.said()


async def test_ours_ends_where_the_changelog_ends(
    setting: Setting, start: Start
) -> None:
    """The same; the state is complete, and what was aborted is not in it."""
    worker = await restarted_on_an_empty_disk(setting, start, "ours")

    await until_committed(setting)
    await asyncio.to_thread(worker.stop)

    assert setting.local_keys("empty") == {*KEYS, b"one more"}
    assert await announced(setting) == [*KEYS, b"one more"]


async def prepare_broken_changelog(setting: Setting) -> None:
    """The changelog holds a record that can't be applied: it has no key."""
    await fill(setting, KEYS)
    await create_topics(setting.bootstrap, {setting.changelog: 1})
    await produce(setting.bootstrap, setting.changelog, [b"no key"])


async def test_stock_only_logs_an_error_in_recovery(
    setting: Setting, start: Start
) -> None:
    """The worker lives on, recovering for ever, with a warning now and then."""
    await prepare_broken_changelog(setting)

    worker = start(setting.worker("keeping", "stock"))
    with pytest.raises(TimeoutError):
        await until_committed(setting, timeout_s=PATIENCE_S)

    assert worker.exit_code is None
    assert "Error in recovery" in worker.said()


async def test_ours_exits_on_an_error_in_recovery(
    setting: Setting, start: Start
) -> None:
    """Exit code 1 and a text that says which changelog."""
    await prepare_broken_changelog(setting)

    worker = start(setting.worker("keeping", "ours"))

    assert await ended(worker) == 1
    assert f"{setting.changelog}[0] holds a record without a key" in worker.said()


async def test_a_second_writer_of_the_changelog_is_noticed(
    setting: Setting, start: Start
) -> None:
    """A batch that lands behind somebody else's stops the worker; the restart is exact."""
    await fill(setting, KEYS)
    worker = start(setting.worker("counting", "ours"))
    await until_committed(setting)
    await produce(setting.bootstrap, setting.changelog, [Record(b"7", b"key-00")])

    await produce(setting.bootstrap, setting.source, [Record(b"v", b"key-01")])
    assert await ended(worker) == 1
    start(worker)
    await until_committed(setting)

    assert "Another process wrote in between" in worker.said()
    expected = dict.fromkeys(KEYS, 1) | {b"key-00": 7, b"key-01": 2}
    assert await counts(setting) == expected


async def test_a_worker_that_wakes_up_too_late_does_no_harm(
    setting: Setting, start: Start
) -> None:
    """Frozen in full work until its partitions have moved, then let go: all is exact."""
    keys = [f"key-{i % 500}".encode() for i in range(100_000)]
    await fill(setting, keys[:50_000], partitions=2)
    more = {"PARTITIONS": "2", "INSTANCE": ""}
    first = start(setting.worker("counting", "ours", "first", **more))
    await until_committed(setting, 1)
    first.signal(signal.SIGSTOP)
    second = start(setting.worker("counting", "ours", "second", **more))
    await until_committed(setting)  # the second has everything now
    first.signal(signal.SIGCONT)
    await produce(
        setting.bootstrap, setting.source, [Record(b"v", key) for key in keys[50_000:]]
    )
    await until_committed(setting)
    await asyncio.gather(asyncio.to_thread(first.stop), asyncio.to_thread(second.stop))

    assert await counts(setting) == dict.fromkeys(keys, 200)


async def test_a_lost_disk_is_rebuilt_from_the_changelog(
    setting: Setting, start: Start
) -> None:
    """On an empty disk the table is what it was, and the changelog does not grow by it."""
    await fill(setting, KEYS)
    worker = start(setting.worker("keeping", "ours"))
    await until_committed(setting)
    await asyncio.to_thread(worker.stop)
    before = await end_offsets(setting.bootstrap, setting.changelog)

    worker = start(setting.worker("keeping", "ours", "empty"))
    await produce(
        setting.bootstrap, setting.source, [Record(b"v", key) for key in KEYS]
    )
    await until_committed(setting)
    await asyncio.to_thread(worker.stop)

    assert setting.local_keys("empty") == set(KEYS) == await stored(setting)
    assert await end_offsets(setting.bootstrap, setting.changelog) == before


async def test_a_standby_holds_the_same_state(setting: Setting, start: Start) -> None:
    """With one standby each, two workers have all keys on both disks, and no crash."""
    await fill(setting, KEYS, partitions=2)
    more = {"PARTITIONS": "2", "STANDBYS": "1", "INSTANCE": ""}
    workers = [
        start(setting.worker("keeping", "ours", name, **more)) for name in ("a", "b")
    ]
    await until_committed(setting)

    async def both_know_everything() -> bool:
        return all("standbys are up to date" in worker.said() for worker in workers)

    await until(both_know_everything, timeout_s=60)
    codes = await asyncio.gather(*(asyncio.to_thread(w.stop) for w in workers))

    assert codes == [0, 0]
    assert setting.local_keys("a") == setting.local_keys("b") == set(KEYS)
