"""Meta's own Python client works against the simulator as it stands.

`facebook-business`, with its graph address set. Its classes are made from Meta's
specification of the API, so its field lists are a check of ours too.
"""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from facebook_business.adobjects.application import Application
from facebook_business.adobjects.business import Business
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.user import User
from facebook_business.adobjects.useridforapp import UserIDForApp
from facebook_business.adobjects.useridforpage import UserIDForPage
from facebook_business.api import FacebookAdsApi, FacebookSession
from facebook_business.exceptions import (
    FacebookRequestError,
    FacebookUnavailablePropertyException,
)
from tests.adapters.simulator.sample import Sample
from tests.adapters.simulator.test_paging import MANY, much_used
from tests.adapters.simulator.test_samples import GAMES_ROW, MOVIES_ROW, MUSIC_ROW

from idweave_adapters.simulator import Faults, Simulator
from idweave_adapters.simulator.api.node_fields import LISTED

ASID, PSID = "645195294", "12345123"

Client = Callable[..., Any]


def made(simulator: Simulator, token: str, secret: str | None = None) -> Any:
    # not by FacebookAdsApi.init, which would report our crashes to Meta
    session = FacebookSession(app_secret=secret, access_token=token)
    session.GRAPH = simulator.base_url
    return FacebookAdsApi(session)


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Client]:
    """Makes a client for a token; with the secret it sends proofs. v26.0 by itself."""
    clients: list[Any] = []

    def make(token: str, secret: str | None = None) -> Any:
        clients.append(made(simulator, token, secret))
        return clients[-1]

    yield make
    for each in clients:
        each._session.requests.close()


@pytest.fixture
def app(client: Client, here: Sample) -> Any:
    """A client with the app's token, and without proofs."""
    return client(here.world.app_token(here.movies.id))


@pytest.fixture
def page(client: Client, here: Sample) -> Any:
    """A client with the Page's token and its app's proof."""
    token = here.world.page_token(here.music.id, here.movies.id)
    return client(token, here.movies.secret)


@pytest.fixture
def owner(client: Client, here: Sample) -> Any:
    """A client with the token of the business's system user."""
    token = here.world.system_user_token(here.owner.id, here.games.id)
    return client(token, here.games.secret)


async def rows(edge: Callable[..., Any], **options: Any) -> list[Any]:
    """All rows; its cursors ask for more while they are read, and forget what was."""
    return await to_thread(lambda: list(edge(**options)))


async def refusal(call: Callable[..., Any], **options: Any) -> FacebookRequestError:
    with pytest.raises(FacebookRequestError) as raised:
        await to_thread(call, **options)
    return raised.value


async def test_ids_for_apps(app: Any) -> None:
    """As its objects, with the ids and apps of the sample."""
    found = await rows(User(ASID, api=app).get_ids_for_apps)

    assert all(isinstance(row, UserIDForApp) for row in found)
    assert all(isinstance(row["app"], Application) for row in found)
    assert [row.export_all_data() for row in found] == [GAMES_ROW, MOVIES_ROW]


async def test_ids_for_pages(page: Any) -> None:
    """With a Page token and a plain proof; `page` restricts the rows."""
    only = {"page": MUSIC_ROW["page"]["id"]}  # type: ignore[index]

    found = await rows(User(PSID, api=page).get_ids_for_pages, params=only)

    assert all(isinstance(row, UserIDForPage) for row in found)
    assert [row.export_all_data() for row in found] == [MUSIC_ROW]


async def test_ids_for_business(client: Client, here: Sample) -> None:
    """With a person's token, `me` stands for the person."""
    api = client(here.world.user_token(here.movies.id, ASID))

    found = await rows(User("me", api=api).get_ids_for_business)

    assert [row.export_all_data() for row in found] == [GAMES_ROW, MOVIES_ROW]


async def test_fields_it_knows_of(app: Any) -> None:
    """The documented field that nobody has is left out."""
    fields = ["id", "app", "instant_game_player_id"]

    found = await rows(
        User(ASID, api=app).get_ids_for_business, fields=fields, params={"limit": 1}
    )

    assert [row["id"] for row in found] == [GAMES_ROW["id"], MOVIES_ROW["id"]]


async def test_token_for_business(app: Any, here: Sample) -> None:
    """Is a field of its user object."""
    fields = [User.Field.token_for_business]

    user = await to_thread(User(ASID, api=app).api_get, fields=fields)

    assert user["token_for_business"] == here.world.token_for_business(
        here.john, here.owner.id
    )


@asynccontextmanager
async def arcade() -> AsyncIterator[tuple[Any, str]]:
    """Someone who logged into 120 apps, and a client of one of them."""
    async with much_used(Faults()) as (api, first, asid):
        client = made(api.simulator, api.simulator.world.app_token(first.id))
        yield client, asid
        client._session.requests.close()


@pytest.mark.parametrize("limit", [7, 100, 120])
async def test_its_cursor_reads_all_pages(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """And ends where `next` is missing."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with arcade() as (api, asid):
        edge = User(asid, api=api).get_ids_for_apps
        found = await rows(edge, params={"limit": limit})

    assert len({row["id"] for row in found}) == len(found) == MANY


async def test_edges_of_people_have_no_total(app: Any) -> None:
    """It always asks for a summary; only lists of businesses have one."""
    cursor = await to_thread(User(ASID, api=app).get_ids_for_apps)

    with pytest.raises(FacebookUnavailablePropertyException):
        cursor.total()


async def test_what_a_business_owns(owner: Any, here: Sample) -> None:
    """Apps and Pages with the asked fields, and their number."""
    business = Business(here.owner.id, api=owner)

    apps = await to_thread(business.get_owned_apps, fields=["id", "name"])
    pages = await to_thread(business.get_owned_pages, fields=["id", "name"])

    own_apps = [here.games, here.movies, here.movies_test, here.unused]
    assert apps.total() == len(own_apps)
    assert [each.export_all_data() for each in apps] == [
        {"id": each.id, "name": each.name} for each in own_apps
    ]
    assert {each["id"] for each in pages} == {
        here.music.id,
        here.jobs.id,
        here.managed.id,
    }


async def test_what_others_share_with_a_business(client: Client, here: Sample) -> None:
    """A provider's client Page; nothing waits to be confirmed."""
    maker = here.provider_app
    provider = here.world.businesses[str(maker.owner)]
    api = client(here.world.system_user_token(provider.id, maker.id), maker.secret)
    business = Business(provider.id, api=api)

    pages = await rows(business.get_client_pages)
    apps = await to_thread(business.get_client_apps)
    pending = await to_thread(business.get_pending_owned_pages)

    assert [each["id"] for each in pages] == [here.managed.id]
    assert pages[0]["permitted_tasks"]
    assert (apps.total(), pending.total()) == (0, 0)


async def test_the_owner_of_an_app_and_of_a_page(owner: Any, here: Sample) -> None:
    """Both owner fields name the business."""
    fields = ["name", "business", "owner_business"]

    app = await to_thread(Application(here.games.id, api=owner).api_get, fields=fields)
    page = await to_thread(Page(here.music.id, api=owner).api_get, fields=fields)

    assert app["owner_business"]["id"] == here.owner.id
    assert page["business"]["id"] == here.owner.id
    assert (app["name"], page["name"]) == (here.games.name, here.music.name)


async def test_a_business_of_its_own(owner: Any, here: Sample) -> None:
    """With its state of verification."""
    business = await to_thread(
        Business(here.owner.id, api=owner).api_get,
        fields=["name", "verification_status", "vertical"],
    )

    assert business.export_all_data() == {
        "id": here.owner.id,
        "name": here.owner.name,
        "verification_status": "verified",
    }


async def test_a_batch(app: Any, here: Sample) -> None:
    """Answers reach the callback of their item, errors as its exception."""
    answers: list[Any] = []
    batch = app.new_batch()
    User(ASID, api=app).get_ids_for_apps(
        params={"app": here.games.id}, batch=batch, success=answers.append
    )
    User("999", api=app).get_ids_for_apps(batch=batch, failure=answers.append)

    left = await to_thread(batch.execute)

    assert left is None
    assert answers[0].json()["data"] == [GAMES_ROW]
    assert answers[0].status() == 200
    assert answers[1].error().api_error_subcode() == 33


async def test_items_of_a_batch_that_timed_out(app: Any, simulator: Simulator) -> None:
    """It gets them back as a batch to ask again."""
    answers: list[Any] = []
    batch = app.new_batch()
    for _ in range(20):
        User(ASID, api=app).get_ids_for_apps(batch=batch, success=answers.append)
    simulator.change(null_item_rate=0.5)

    rounds = 0
    while batch is not None:
        batch, rounds = await to_thread(batch.execute), rounds + 1

    assert len(answers) == 20
    assert rounds > 1


async def test_a_batch_that_is_too_long(app: Any) -> None:
    """Is refused as a whole."""
    batch = app.new_batch()
    for _ in range(51):
        User(ASID, api=app).get_ids_for_apps(batch=batch)

    error = await refusal(batch.execute)

    assert error.api_error_type() == "GraphBatchException"


async def test_an_id_that_nobody_has(app: Any) -> None:
    """Code, subcode, type, trace and HTTP status are where it looks for them."""
    error = await refusal(User("999", api=app).get_ids_for_apps)

    assert (error.api_error_code(), error.api_error_subcode()) == (100, 33)
    assert error.api_error_type() == "GraphMethodException"
    assert error.http_status() == 400
    assert error.body()["error"]["fbtrace_id"]
    assert not error.api_transient_error()


async def test_a_reached_limit(app: Any, simulator: Simulator) -> None:
    """Is transient, and the usage header says how full it is."""
    simulator.change(budget_calls=1)
    await to_thread(User(ASID, api=app).get_ids_for_apps)

    error = await refusal(User(ASID, api=app).get_ids_for_apps)

    assert (error.api_error_code(), error.api_transient_error()) == (4, True)
    assert orjson.loads(error.http_headers()["x-app-usage"])["call_count"] == 200


async def test_a_service_that_fails(app: Any, simulator: Simulator) -> None:
    """HTTP 500 with code 1 or 2 is transient."""
    simulator.change(failure_rate=1.0)

    error = await refusal(User(ASID, api=app).get_ids_for_apps)

    assert (error.http_status(), error.api_transient_error()) == (500, True)
    assert error.api_error_code() in {1, 2}


async def test_a_business_under_review(
    app: Any, here: Sample, simulator: Simulator
) -> None:
    """The documented message arrives word by word."""
    simulator.review(here.owner.id)

    error = await refusal(User(ASID, api=app).get_ids_for_apps)

    assert error.api_error_code() == 200
    assert error.api_error_message() == (
        "(#200) Your business is currently going through review to access this API."
    )


async def test_a_proof_that_is_missing_or_wrong(client: Client, here: Sample) -> None:
    """Its proof with another secret is refused, and so is a Page token without one."""
    token = here.world.page_token(here.music.id, here.movies.id)

    missing = await refusal(User(PSID, api=client(token)).get_ids_for_apps)
    wrong = await refusal(User(PSID, api=client(token, "guess")).get_ids_for_apps)

    assert (missing.api_error_code(), wrong.api_error_code()) == (100, 100)
    assert "require an appsecret_proof" in missing.api_error_message()
    assert "Invalid appsecret_proof" in wrong.api_error_message()


async def test_a_token_about_a_token(app: Any, here: Sample) -> None:
    """`debug_token` tells kind, app and Page of a token."""
    asked = {"input_token": here.world.page_token(here.music.id, here.movies.id)}

    answer = await to_thread(app.call, "GET", ("debug_token",), asked)

    about = answer.json()["data"]
    assert (about["type"], about["is_valid"]) == ("PAGE", True)
    assert (about["app_id"], about["profile_id"]) == (here.movies.id, here.music.id)


@pytest.mark.parametrize("node", [Application, Business, Page, User])
def test_it_knows_the_same_fields(node: Any) -> None:
    """The simulator lists each of its fields, and knows few that it has not."""
    its = {name for key, name in vars(node.Field).items() if not key.startswith("_")}

    ours = LISTED[node.__name__]

    assert ours >= its
    assert ours - its <= {"picture", "is_payment_enabled"}
