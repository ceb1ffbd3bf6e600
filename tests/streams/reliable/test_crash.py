"""A crash between any two steps leaves state, changelog and outputs in agreement."""

import pytest
from tests.streams.reliable.conftest import Start
from tests.streams.reliable.observe import announced, fill, stored, until_committed
from tests.streams.reliable.workers import Setting, Worker

KEYS = [f"key-{i:02}".encode() for i in range(30)]


async def finish_stock(setting: Setting, worker: Worker) -> None:
    """Stock may also wipe what it has fetched at a start; then only a restart helps."""
    for _ in range(4):
        worker.start()
        try:
            await until_committed(setting, timeout_s=10)
        except TimeoutError:
            worker.kill()
        else:
            worker.stop()
            return
    pytest.fail("stock did not get through its input in four starts")


async def test_stock_keeps_a_key_that_nobody_else_ever_sees(
    setting: Setting, start: Start
) -> None:
    """Killed right after ``table[key] = value``, stock never writes its changelog or output.

    The redelivered record finds its key in place, so there is nothing to do.
    """
    await fill(setting, KEYS)
    worker = start(setting.worker("keeping", "stock", FAULT="written"))
    assert worker.wait() < 0

    await finish_stock(setting, worker)

    assert KEYS[14] in setting.local_keys()
    assert KEYS[14] not in await stored(setting)
    assert KEYS[14] not in await announced(setting)


@pytest.mark.parametrize("point", ["computed", "sent", "logged", "stored", "released"])
async def test_ours_agrees_after_a_crash_at_any_point(
    setting: Setting, start: Start, point: str
) -> None:
    """Killed after any step of a unit, all three places end with exactly the same keys.

    An output may come twice when the crash fell between its sending and the changelog,
    and only then.
    """
    await fill(setting, KEYS)
    worker = start(setting.worker("keeping", "ours", FAULT=point))
    assert worker.wait() < 0

    start(worker)
    await until_committed(setting)
    assert worker.stop() == 0

    assert setting.local_keys() == set(KEYS)
    assert await stored(setting) == set(KEYS)
    outputs = await announced(setting)
    assert set(outputs) == set(KEYS)
    repeated = {key for key in outputs if outputs.count(key) > 1}
    # Units take 4, 8 and then 10 records; it is the second that is struck.
    assert repeated == (set(KEYS[4:12]) if point == "sent" else set())
