"""Whatever is sent, there is an answer of the documented form, and no secret shows."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.simulator.sample import NOW_S, Api, Sample, sample

from idweave_adapters.simulator import Simulator, run
from idweave_adapters.simulator.api import batch, service
from idweave_adapters.simulator.api.call import Answer, call
from idweave_adapters.simulator.faults import Faults
from idweave_adapters.simulator.rules import Rules
from idweave_adapters.simulator.state import State

HERE = sample()
TOKENS = [
    HERE.world.app_token(HERE.movies.id),
    HERE.world.page_token(HERE.music.id, HERE.movies.id),
    HERE.world.user_token(HERE.movies.id, "645195294"),
    "",
    "wrong",
]
PARTS = ["645195294", "12345123", "me", "app", "ids_for_apps", "ids_for_pages", "debug_token", "v9.9",
         "ids_for_business", "oauth", "access_token", "v25.0", "v2.8", "v26.0", "%0d%0aX:1"]  # fmt: skip
FIELDS = ["id", "name", "ids_for_apps{id}", "ids_for_pages.limit(1){page{name}}", "token_for_business", "a.b(",
          "ids_for_apps.after(x)"]  # fmt: skip

paths = st.lists(st.sampled_from(PARTS) | st.text(max_size=8), max_size=4).map("/".join)
params = st.fixed_dictionaries(
    {"access_token": st.sampled_from(TOKENS) | st.text(max_size=9)},
    optional={
        "fields": st.lists(st.sampled_from(FIELDS), max_size=3).map(",".join)
        | st.text(max_size=9),
        "limit": st.text(max_size=9) | st.integers().map(str),
        "after": st.text(max_size=9),
        "before": st.text(max_size=9),
        "app": st.text(max_size=9),
        "appsecret_proof": st.text(max_size=9),
        "appsecret_time": st.text(max_size=9),
        "ids": st.text(max_size=9),
        "input_token": st.sampled_from(TOKENS) | st.text(max_size=9),
        "grant_type": st.sampled_from(["client_credentials", "x"]),
    },
)
methods = st.sampled_from(["GET", "POST", "DELETE", "get"])


def is_well_formed(answer: Answer) -> bool:
    """200 with an object, or an error envelope; headers that fit into HTTP."""
    orjson.dumps(answer.body)
    lines = [*answer.headers, *answer.headers.values()]
    fits = all(each.isascii() and each.isprintable() for each in lines)
    if answer.status == 200:
        return fits and isinstance(answer.body, Mapping)
    error = answer.body["error"]
    return fits and {"message", "type", "code", "fbtrace_id"} <= set(error)


@given(method=methods, path=paths, given_params=params)
def test_any_call_has_an_answer(
    method: str, path: str, given_params: dict[str, str]
) -> None:
    """No call, however odd, ends in anything but an answer or an error envelope."""
    state = State(HERE.world, Rules(), Faults())

    answer = service.answer(state, call(method, path, given_params), now_s=NOW_S)

    assert is_well_formed(answer)


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
items = st.fixed_dictionaries(
    {}, optional={"method": methods | json, "relative_url": paths | json, "body": json}
)


@given(given_items=st.lists(items, max_size=5))
def test_any_batch_has_an_answer(given_items: list[dict[str, Any]]) -> None:
    """Each item of any batch has a code and a body of JSON text."""
    state = State(HERE.world, Rules(), Faults())
    form = {"access_token": TOKENS[0], "batch": orjson.dumps(given_items).decode()}

    answer = batch.answer(state, call("POST", "/", form), now_s=NOW_S)

    if not given_items:
        assert answer.status == 400
        return
    assert len(answer.body) == len(given_items)
    assert all(isinstance(orjson.loads(each["body"]), dict) for each in answer.body)
    assert all(each["code"] in {200, 400} for each in answer.body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"a=1"),
        ("application/x-www-form-urlencoded", b"\xff"),
    ],
)
async def test_unreadable_bodies(api: Api, kind: str, body: bytes) -> None:
    """A body that is not what it says is 400."""
    reply = await api.send("POST", "/", data=body, headers={"Content-Type": kind})

    assert reply.status == 400


async def test_nothing_is_logged(
    api: Api, here: Sample, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither answers nor errors leave tokens, ids or anything else in the log."""
    with caplog.at_level(logging.DEBUG):
        await api.app(here.movies, "/645195294/ids_for_apps")
        await api.page(
            here.managed, f"/{here.john.psids[here.managed.id]}/ids_for_apps"
        )
        await api.get("/x", access_token="wrong")

    about_us = [each for each in caplog.records if "selector" not in each.getMessage()]
    assert about_us == []


async def test_run_serves_until_cancelled(here: Sample) -> None:
    """`run` tells its URL once calls are answered, and frees the port when cancelled."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(here.world, ready=told.set_result))
    url = await told
    token = here.world.app_token(here.movies.id)

    async with aiohttp.ClientSession() as session:
        params = {"access_token": token, "fields": "id"}
        async with session.get(f"{url}/645195294", params=params) as answer:
            assert await answer.json() == {"id": "645195294"}
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(url)


async def test_stopping_twice(here: Sample) -> None:
    """Stopping a stopped simulator changes nothing; it can start again."""
    simulator = Simulator(here.world)
    first = await simulator.start()
    await simulator.stop()
    await simulator.stop()

    second = await simulator.start()
    await simulator.stop()

    assert first.startswith("http://127.0.0.1:")
    assert second.startswith("http://127.0.0.1:")


async def test_latency_delays_the_answer(here: Sample) -> None:
    """An answer does not come before its delay is over: others can be made meanwhile."""
    async with (
        Simulator(here.world, faults=Faults(latency_s=30)) as slow,
        aiohttp.ClientSession() as session,
    ):
        api = Api(slow, session)
        waiting = asyncio.create_task(api.app(here.movies, "/645195294", fields="id"))
        seen = 0
        while not seen:
            seen = (await api.get("/_simulator/stats")).body["requests"]

        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
