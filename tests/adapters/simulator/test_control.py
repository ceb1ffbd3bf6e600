"""The control endpoints and the counts."""

from typing import Any

import pytest
from tests.adapters.simulator.sample import Api, Sample

ASID, PSID = "645195294", "12345123"


async def test_counts(api: Api, here: Sample) -> None:
    """Requests, calls by route and business, and lookups per id; no id in the summary."""
    await api.app(here.movies, f"/{ASID}/ids_for_apps")
    await api.app(here.movies, f"/{ASID}/ids_for_apps")
    await api.app(here.movies, f"/{ASID}/ids_for_apps", after="LQ")  # a following page
    await api.app(here.movies, f"/{ASID}", fields="ids_for_apps,ids_for_pages")
    await api.page(here.music, f"/{PSID}/ids_for_pages")
    await api.app(here.movies, "/999/ids_for_apps")

    stats = (await api.get("/_simulator/stats")).body

    assert stats["requests"] == stats["calls"] == 6
    assert stats["by_route"] == {"ids_for_apps": 4, "expanded": 1, "ids_for_pages": 1}
    assert stats["by_business"] == {here.owner.id: 6}
    assert stats["errors"] == {"100": 1}
    assert stats["distinct_ids"] == 2
    assert stats["ids_by_lookups"] == {"1": 1, "2": 1}
    assert ASID not in str(stats)


async def test_lookups_per_id(api: Api, here: Sample) -> None:
    """Each id by its text form, with the times it was asked and answered."""
    await api.app(here.movies_test, f"/{ASID}/ids_for_apps")
    await api.app(here.movies, f"/{ASID}/ids_for_pages", proof=True)

    lookups = (await api.get("/_simulator/lookups")).body

    assert lookups == {f"app:{here.movies.id}:{ASID}": 1}
    assert api.simulator.stats.lookups_of("app:1:1") == 0


async def test_reset(api: Api, here: Sample) -> None:
    """DELETE gives the last counts and starts anew."""
    await api.app(here.movies, f"/{ASID}/ids_for_apps")

    last = await api.send("DELETE", "/_simulator/stats")
    now = await api.get("/_simulator/stats")

    assert (last.body["calls"], now.body["calls"]) == (1, 0)


async def test_faults_over_http(api: Api, here: Sample) -> None:
    """PUT replaces the named settings and answers all of them."""
    put = await api.send("PUT", "/_simulator/faults", json={"failure_rate": 1.0})
    reply = await api.app(here.movies, f"/{ASID}/ids_for_apps")
    read = await api.get("/_simulator/faults")

    assert put.body == read.body
    assert put.body["failure_rate"] == 1.0
    assert reply.status == 500


async def test_review_over_http(api: Api, here: Sample) -> None:
    """PUT review starts and clears a policy hold."""
    business = here.owner.id
    on = await api.send(
        "PUT", "/_simulator/review", json={"business": business, "on": True}
    )
    held = await api.app(here.movies, f"/{ASID}/ids_for_apps")
    off = await api.send(
        "PUT", "/_simulator/review", json={"business": business, "on": False}
    )
    free = await api.app(here.movies, f"/{ASID}/ids_for_apps")

    assert (on.body, off.body) == ([business], [])
    assert (held.status, free.status) == (400, 200)


async def test_owner_over_http(api: Api, here: Sample) -> None:
    """PUT owner gives back the changed ownership records, test apps included."""
    body = {"asset": here.movies.asset, "business": None}

    gap = await api.send("PUT", "/_simulator/owner", json=body)
    new = await api.send(
        "PUT", "/_simulator/owner", json={**body, "business": here.rival.id}
    )

    epochs = {each["asset"]: (each["business"], each["epoch"]) for each in gap.body}
    assert epochs == {here.movies.asset: (None, 1), here.movies_test.asset: (None, 1)}
    assert {(each["business"], each["epoch"]) for each in new.body} == {
        (here.rival.id, 2)
    }


async def test_token_over_http(api: Api, here: Sample) -> None:
    """PUT token revokes the tokens of an asset."""
    body = {"asset": here.music.asset, "valid": False}

    await api.send("PUT", "/_simulator/token", json=body)
    reply = await api.page(here.music, f"/{PSID}/ids_for_apps")

    assert reply.code == (190, 460)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "nothing", {}),
        ("PUT", "faults", {"no": 1}),
        ("PUT", "faults", [1]),
        ("PUT", "review", {"business": "1", "on": True}),
        ("PUT", "review", {"business": [], "on": True}),
        ("PUT", "owner", {"asset": "app:1", "business": None}),
        ("PUT", "owner", {}),
        ("PUT", "token", {"asset": "app:1", "valid": False}),
    ],
)
async def test_wrong_control_says_what_to_do(
    api: Api, method: str, path: str, body: Any
) -> None:
    """A control request that cannot be carried out is 400 with an explanation."""
    reply = await api.send(method, f"/_simulator/{path}", json=body)

    assert reply.status == 400
    assert len(reply.body["error"]) > 20


async def test_debug_token(api: Api, here: Sample) -> None:
    """An app asks what a token is: Page token, its own, and one that is none."""
    page_token = here.world.page_token(here.music.id, here.movies.id)

    page = await api.app(here.movies, "/debug_token", input_token=page_token)
    bad = await api.app(here.movies, "/debug_token", input_token="nonsense")
    missing = await api.app(here.movies, "/debug_token")

    data = page.body["data"]
    assert (data["type"], data["app_id"], data["profile_id"], data["is_valid"]) == (
        "PAGE", here.movies.id, here.music.id, True
    )  # fmt: skip
    assert bad.body["data"]["is_valid"] is False
    assert bad.body["data"]["error"]["code"] == 190
    assert missing.code == (100, None)


async def test_app_token_from_id_and_secret(api: Api, here: Sample) -> None:
    """Client credentials give an app token that works."""
    given = {"grant_type": "client_credentials", "client_id": here.movies.id}

    good = await api.get(
        "/oauth/access_token", **given, client_secret=here.movies.secret
    )
    bad = await api.get("/oauth/access_token", **given, client_secret="wrong")

    assert good.body == {
        "access_token": here.world.app_token(here.movies.id),
        "token_type": "bearer",
    }
    assert bad.code == (190, None)


async def test_apps_and_pages_are_nodes_too(api: Api, here: Sample) -> None:
    """`/{app}` and `/{page}` give what they have; `/me` of a Page token is the Page."""
    app = await api.app(here.movies, f"/{here.movies.id}", fields="id,name")
    page = await api.page(here.music, "/me")
    nobody = await api.app(here.movies, "/me")

    assert app.body == {"name": "JohnsMovieApp", "id": here.movies.id}
    assert page.body["id"] == here.music.id
    assert nobody.code == (2500, None)


async def test_debug_token_is_for_apps(api: Api, here: Sample) -> None:
    """Only an app may ask; a user token shows its person's app-scoped id."""
    user_token = here.world.user_token(here.movies.id, ASID)

    by_page = await api.page(here.music, "/debug_token", input_token=user_token)
    by_app = await api.app(here.movies, "/debug_token", input_token=user_token)

    assert by_page.code == (15, None)
    assert (by_app.body["data"]["type"], by_app.body["data"]["user_id"]) == (
        "USER",
        ASID,
    )


async def test_only_client_credentials_are_granted(api: Api) -> None:
    """Other grants need a browser and are refused by name."""
    reply = await api.get("/oauth/access_token", grant_type="fb_exchange_token")

    assert reply.code == (100, None)


async def test_app_names_the_calling_app(api: Api, here: Sample) -> None:
    """`/app` is the app of the token."""
    reply = await api.app(here.movies, "/app", fields="id")

    assert reply.body == {"id": here.movies.id}


async def test_changes_show_at_once(api: Api, here: Sample) -> None:
    """World, faults and budgets can be read and reset while it runs."""
    simulator = api.simulator
    simulator.change(budget_calls=1)
    simulator.transfer(here.music.asset, None)
    await api.app(here.movies, f"/{ASID}/ids_for_apps")
    over = await api.app(here.movies, f"/{ASID}/ids_for_apps")
    simulator.reset_budgets()
    simulator.reset_stats()

    again = await api.app(here.movies, f"/{ASID}/ids_for_apps")

    assert simulator.world.pages[here.music.id].owner is None
    assert simulator.faults.budget_calls == 1
    assert (over.code, again.status, simulator.stats.calls) == ((4, None), 200, 1)
