"""Many at once: keys that are made, limits that hold, an audit that misses nobody."""

import asyncio
import json
import logging
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.api.desk import DAY_MS, desk
from tests.support.consumer_stories import MERGED

from idweave_adapters.api import ApiKeys, KeyFile, KeysError, Limits, Verb, new_key
from idweave_adapters.api import api_keys as module
from idweave_adapters.api.limits import Buckets

MAKERS, EACH = 3, 9
MAKE = """
import sys
from pathlib import Path
from idweave_adapters.api import KeyFile, Verb, new_key
file = KeyFile(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    key, _ = new_key("at once", ["900"], Verb, now_ms=0, life_ms=1000)
    file.add(key)
    if number % 3 == 0:
        file.revoke(key.id, 1)
    print(key.id)
"""


async def test_no_key_is_lost_where_several_make_them(tmp_path: Path) -> None:
    """Processes at once; and whoever reads meanwhile finds a whole file each time."""
    path = tmp_path / "keys.json"
    makers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", MAKE, path, str(EACH)),
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(MAKERS)
    ]
    working = asyncio.gather(*(each.communicate() for each in makers))

    counts = [0]
    while not working.done():
        counts.append(len(KeyFile(path).read()))
        await asyncio.sleep(0.01)
    made = b"".join([told for told, _ in await working]).decode().split()

    kept = KeyFile(path).read()
    assert [each.returncode for each in makers] == [0] * MAKERS
    assert counts == sorted(counts)
    assert sorted(made) == sorted(kept)
    assert len(kept) == MAKERS * EACH
    assert sum(key.revoked_ms == 1 for key in kept.values()) == MAKERS * (EACH // 3)


def test_threads_of_one_process_lose_no_key(tmp_path: Path) -> None:
    """The lock is one of the file, not one of the process."""
    file = KeyFile(tmp_path / "keys.json")
    keys = [new_key("x", ["900"], Verb, now_ms=0, life_ms=1)[0] for _ in range(24)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(file.add, keys))

    assert file.read().keys() == {key.id for key in keys}


def test_a_file_that_could_not_be_read_again_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to do, and the keys that are there stay good."""
    file = KeyFile(tmp_path / "keys.json")
    first, second = (
        new_key("x", ["900"], Verb, now_ms=0, life_ms=1)[0] for _ in range(2)
    )
    file.add(first)
    monkeypatch.setattr(module, "_MAX_FILE_BYTES", 600)

    with pytest.raises(KeysError, match="too many"):
        file.add(second)

    assert file.read() == {first.id: first}


async def test_a_limit_holds_however_many_ask_at_once(tmp_path: Path) -> None:
    """Exactly so many are served; each request about a business is in the audit."""
    async with desk(tmp_path, Limits(per_second=1, burst=20)) as api:
        bearers = [api.bearer(), api.bearer()]

        async def asked(bearer: dict[str, str]) -> int:
            async with api.http.get("/v1/persons", headers=bearer) as response:
                return response.status

        found = await asyncio.gather(*(asked(b) for b in bearers for _ in range(50)))

    assert Counter(found[:50]) == Counter(found[50:]) == {200: 20, 429: 30}


async def test_of_many_at_once_each_is_in_the_audit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With its own key, id and status."""
    caplog.set_level(logging.INFO, "idweave.api.audit")
    async with desk(tmp_path) as api:
        api.publish(MERGED)
        keys = [api.bearer() for _ in range(5)]

        async def asked(bearer: dict[str, str], user: int) -> int:
            path = f"/v1/ids/app:10:{user}"
            async with api.http.get(path, headers=bearer) as response:
                return response.status

        wanted = [(key, user) for key in keys for user in range(995, 1010)]
        statuses = await asyncio.gather(*(asked(*each) for each in wanted))

    lines = [json.loads(record.getMessage()) for record in caplog.records]
    named = [key["Authorization"].split("_")[1] for key, _ in wanted]
    told = [(line["key"], line["status"]) for line in lines]
    assert Counter(told) == Counter(zip(named, statuses, strict=True))
    assert statuses.count(200) == 5
    assert len({line["ids"][0] for line in lines}) == 15


STEPS = st.lists(
    st.tuples(st.sampled_from("ab"), st.floats(0, 5, allow_nan=False)), max_size=60
)


@given(steps=STEPS, per_second=st.floats(0.1, 10), burst=st.integers(1, 5))
def test_nobody_is_served_more_than_their_share(
    steps: list[tuple[str, float]], per_second: float, burst: int
) -> None:
    """In any stretch of time: what may come at once, and what came due in it."""
    now = 0.0
    buckets = Buckets(per_second, burst, lambda: now)
    served: dict[str, list[float]] = {"a": [], "b": []}
    for name, wait_s in steps:
        now += wait_s
        if buckets.wait_s(name) == 0:
            served[name].append(now)

    for times in served.values():
        for first, start in enumerate(times):
            for last, end in enumerate(times[first:], 1):
                assert last <= burst + (end - start) * per_second + 1e-6


@given(per_second=st.floats(0.1, 10), burst=st.integers(1, 5))
def test_who_waits_as_long_as_told_is_served(per_second: float, burst: int) -> None:
    """And whose bucket is full is served at once so often."""
    now = 0.0
    buckets = Buckets(per_second, burst, lambda: now)

    first = [buckets.wait_s("a") for _ in range(burst)]
    wait_s = buckets.wait_s("a")
    now += wait_s

    assert first == [0] * burst
    assert wait_s > 0
    assert buckets.wait_s("a") == 0


def test_buckets_of_many_take_bounded_room() -> None:
    """Who was not seen for longest is forgotten, and begins with a full one."""
    buckets = Buckets(1, 1, lambda: 0.0)

    for number in range(30_000):
        buckets.wait_s(str(number))

    assert len(buckets._known) == 10_000
    assert buckets.wait_s("29999") > 0
    assert buckets.wait_s("0") == 0


def test_a_lock_of_a_dead_process_holds_nobody_up(tmp_path: Path) -> None:
    """The system frees it with the process; its file may stay."""
    file = KeyFile(tmp_path / "keys.json")
    key, shown = new_key("x", ["900"], Verb, now_ms=0, life_ms=DAY_MS)
    (tmp_path / ".keys.json.lock").write_bytes(b"left behind")

    file.add(key)

    assert ApiKeys(file, lambda: 1).caller(shown.reveal()) is not None
