"""Injected faults: what happens, how often, and that it is counted."""

from typing import Any

import aiohttp
import orjson
import pytest
from tests.adapters.simulator.sample import NOW_S, Api, Sample

from idweave_adapters.simulator import BadFaultsError, Faults, Simulator
from idweave_adapters.simulator.budget import CallBudget

ASID = "645195294"
PATH = f"/{ASID}/ids_for_apps"


async def test_service_failures(api: Api, here: Sample) -> None:
    """Code 1 or 2 with HTTP 500, marked transient."""
    api.simulator.change(failure_rate=1.0)

    replies = [await api.app(here.movies, PATH) for _ in range(20)]

    assert {reply.status for reply in replies} == {500}
    assert {reply.code[0] for reply in replies} == {1, 2}
    assert all(reply.body["error"]["is_transient"] for reply in replies)
    assert api.simulator.stats.injected == {"failure": 20}


async def test_answers_that_are_no_json(api: Api, here: Sample) -> None:
    """Proxies and cut connections leave something that cannot be parsed."""
    api.simulator.change(garbage_rate=1.0)
    url = f"{api.simulator.base_url}{PATH}"

    for _ in range(20):
        async with api.session.get(url) as answer:
            with pytest.raises(orjson.JSONDecodeError):
                orjson.loads(await answer.read())

    assert api.simulator.stats.injected == {"garbage": 20}


async def test_cut_connections(api: Api, here: Sample) -> None:
    """The connection closes without an answer; the next call works."""
    # a POST, because aiohttp's client repeats a GET by itself
    form = {"method": "GET", "access_token": here.world.app_token(here.movies.id)}
    api.simulator.change(drop_rate=1.0)
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.send("POST", PATH, data=form)
    api.simulator.change(drop_rate=0.0)

    reply = await api.app(here.movies, PATH)

    assert reply.status == 200
    assert api.simulator.stats.injected == {"dropped": 1}


async def test_same_seed_same_faults(here: Sample) -> None:
    """The same seed and calls meet the same faults."""

    async def run(seed: int) -> list[int]:
        faults = Faults(failure_rate=0.5)
        async with (
            Simulator(here.world, seed=seed, faults=faults) as running,
            aiohttp.ClientSession() as session,
        ):
            api = Api(running, session)
            return [(await api.app(here.movies, PATH)).status for _ in range(30)]

    first, again, other = await run(1), await run(1), await run(2)

    assert first == again != other
    assert set(first) == {200, 500}


async def test_application_limit(here: Sample) -> None:
    """App tokens: code 4 and `X-App-Usage`, until the window has moved on."""
    now = [NOW_S]
    faults = Faults(budget_calls=4, window_s=600)
    async with (
        Simulator(here.world, faults=faults, clock=lambda: now[0]) as running,
        aiohttp.ClientSession() as session,
    ):
        api = Api(running, session)
        replies = [await api.app(here.movies, PATH) for _ in range(6)]
        other = await api.app(here.games, "/10152368852405295/ids_for_apps")
        now[0] += 601
        later = await api.app(here.movies, PATH)

    used = [
        orjson.loads(reply.headers["X-App-Usage"])["call_count"] for reply in replies
    ]
    assert used == [25, 50, 75, 100, 125, 150]
    assert [reply.status for reply in replies] == [200] * 4 + [400] * 2
    assert replies[-1].code == (4, None)
    assert (other.status, later.status) == (200, 200)


async def test_page_limit(api: Api, here: Sample) -> None:
    """Page tokens: code 80001 and the business-use-case header with the minutes to wait."""
    api.simulator.change(budget_calls=1, window_s=600)

    first = await api.page(here.music, "/12345123/ids_for_apps")
    second = await api.page(here.music, "/12345123/ids_for_apps")

    usage: dict[str, list[dict[str, Any]]] = orjson.loads(
        second.headers["X-Business-Use-Case-Usage"]
    )
    assert (first.status, second.code) == (200, (80001, None))
    assert usage[here.owner.id][0]["type"] == "pages"
    assert usage[here.owner.id][0]["call_count"] == 200
    assert usage[here.owner.id][0]["estimated_time_to_regain_access"] == 10


def test_calls_while_limited_lengthen_the_wait() -> None:
    """A caller that stops is let in earlier than one that goes on."""
    patient, eager = CallBudget(), CallBudget()
    for budget, calls in ((patient, 3), (eager, 9)):
        for nth in range(calls):
            budget.count("app:1", now_s=nth * 60.0, window_s=3600)

    def minutes(budget: CallBudget) -> int:
        return budget.usage("app:1", now_s=540.0, calls=2, window_s=3600).regain_minutes

    assert minutes(patient) < minutes(eager)


async def test_first_call_review(api: Api, here: Sample) -> None:
    """The first mapping call starts a review that lasts until it is cleared."""
    api.simulator.change(review_first_call=True)

    first = await api.app(here.movies, PATH)
    second = await api.app(here.movies, PATH)
    api.simulator.review(here.owner.id, on=False)
    third = await api.app(here.movies, PATH)

    assert [first.status, second.status, third.status] == [400, 400, 200]


@pytest.mark.parametrize(
    "settings", [{"failure_rate": 1.5}, {"latency_s": -1}, {"speed": 1}, {"window_s": 0},
                 {"budget_calls": "9"}, {"review_first_call": 1}]
)  # fmt: skip
def test_unusable_settings(settings: dict[str, Any]) -> None:
    """Unknown names, wrong types and values out of range are refused by name."""
    with pytest.raises(BadFaultsError, match=next(iter(settings))):
        Faults().changed(settings)


async def test_every_error_has_the_envelope(api: Api, here: Sample) -> None:
    """All failing calls have message, type, code and a trace id of their own."""
    api.simulator.change(item_failure_rate=0.0)
    replies = [
        await api.get("/"),
        await api.get("/1/2"),
        await api.app(here.movies, "/nothing/here"),
        await api.page(
            here.managed, f"/{here.john.psids[here.managed.id]}/ids_for_apps"
        ),
    ]

    errors = [reply.body["error"] for reply in replies]
    assert all(
        set(each) >= {"message", "type", "code", "fbtrace_id"} for each in errors
    )
    assert len({each["fbtrace_id"] for each in errors}) == len(errors)
