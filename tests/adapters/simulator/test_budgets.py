"""Each app, each Page and all Pages of a business have a limit that can be set."""

from typing import Any

import orjson
import pytest
from tests.adapters.simulator.sample import Api, Reply, Sample

from idweave_adapters.simulator.control import BadControlError

PATH = "/645195294/ids_for_apps"
PSID = "/12345123/ids_for_apps"


def shares(reply: Reply, header: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(reply.headers[header])
    return found


def of_business(reply: Reply, business: str) -> dict[str, Any]:
    [entry] = shares(reply, "X-Business-Use-Case-Usage")[business]
    assert isinstance(entry, dict)
    return entry


async def test_one_app_alone_can_be_limited(api: Api, here: Sample) -> None:
    """Its neighbour goes on."""
    api.simulator.limit(here.movies.asset, 1)

    first, second = [await api.app(here.movies, PATH) for _ in range(2)]
    other = await api.app(here.games, "/10152368852405295/ids_for_apps")

    assert (first.status, second.code, other.status) == (200, (4, None), 200)
    assert shares(second, "X-App-Usage")["call_count"] == 200


async def test_a_limit_that_is_taken_away_is_as_before(api: Api, here: Sample) -> None:
    api.simulator.limit(here.movies.asset, 1)
    api.simulator.limit(here.movies.asset, None)

    replies = [await api.app(here.movies, PATH) for _ in range(3)]

    assert [reply.status for reply in replies] == [200] * 3


async def test_all_pages_of_a_business_can_be_limited_together(
    api: Api, here: Sample
) -> None:
    """One Page uses it up and the other is refused; apps are not concerned."""
    api.simulator.change(window_s=600)
    api.simulator.limit(f"business:{here.owner.id}", 2)
    for _ in range(2):
        assert (await api.page(here.music, PSID)).status == 200

    refused = await api.page(here.jobs, PSID)
    app = await api.app(here.movies, PATH)

    assert refused.code == (80001, None)
    assert of_business(refused, here.owner.id)["call_count"] == 150
    assert of_business(refused, here.owner.id)["estimated_time_to_regain_access"] == 10
    assert shares(refused, "X-Page-Usage")["call_count"] == 0
    assert app.status == 200


async def test_every_business_can_have_such_a_limit(api: Api, here: Sample) -> None:
    """And a Page's own limit is told apart from it."""
    api.simulator.change(business_calls=10, budget_calls=4)

    reply = await api.page(here.music, PSID)

    assert of_business(reply, here.owner.id)["call_count"] == 10
    assert shares(reply, "X-Page-Usage")["call_count"] == 25


async def test_a_page_can_be_told_by_the_older_header(api: Api, here: Sample) -> None:
    """It counts one Page and knows no minutes."""
    api.simulator.change(page_header=True)
    api.simulator.limit(here.music.asset, 1)

    first, second = [await api.page(here.music, PSID) for _ in range(2)]

    assert (first.status, second.code) == (200, (80001, None))
    assert shares(second, "X-Page-Usage")["call_count"] == 200
    assert "X-Business-Use-Case-Usage" not in second.headers


async def test_what_the_limits_let_through_is_counted(api: Api, here: Sample) -> None:
    """By whose token asked; what was refused is not in it."""
    api.simulator.limit(here.movies.asset, 2)
    for _ in range(5):
        await api.app(here.movies, PATH)

    assert api.simulator.stats.by_caller == {here.movies.asset: 2}
    assert api.simulator.stats.injected == {"throttled": 3}


@pytest.mark.parametrize(
    ("of", "calls"),
    [("app:1", 5), ("business:1", 5), (None, 5), ("movies", 0), ("movies", True)],
)
def test_a_limit_needs_somebody_of_this_world_and_a_number(
    api: Api, here: Sample, of: str, calls: int
) -> None:
    of = here.movies.asset if of == "movies" else of
    with pytest.raises(BadControlError, match="page:<id of this world>"):
        api.simulator.limit(of, calls)
