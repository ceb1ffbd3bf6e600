"""The `python-facebook-api` client works against the simulator as it stands."""

from asyncio import to_thread
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pyfacebook import FacebookApi, FacebookError, GraphAPI, LibraryError
from tests.adapters.simulator.sample import Sample
from tests.adapters.simulator.test_paging import MANY, much_used
from tests.adapters.simulator.test_samples import GAMES_ROW, MOVIES_ROW, MUSIC_ROW

from idweave_adapters.simulator import Faults, Simulator

ASID, PSID = "645195294", "12345123"

Client = Callable[..., Any]


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Client]:
    """Makes clients of the simulator; v24.0, their newest, unless told otherwise."""
    clients: list[Any] = []

    def make(kind: type = GraphAPI, **options: Any) -> Any:
        root = f"{simulator.base_url}/"
        token_url = f"{root}oauth/access_token"
        clients.append(kind(base_url=root, access_token_url=token_url, **options))
        return clients[-1]

    yield make
    for each in clients:
        each.session.close()


@pytest.fixture
def app(client: Client, here: Sample) -> Any:
    """A client with the app's token and proofs."""
    token = here.world.app_token(here.movies.id)
    return client(
        access_token=token, app_id=here.movies.id, app_secret=here.movies.secret
    )


@pytest.fixture
def page(client: Client, here: Sample) -> Any:
    """A client with the Page's token and its app's proof."""
    token = here.world.page_token(here.music.id, here.movies.id)
    return client(access_token=token, app_secret=here.movies.secret)


async def refusal(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    with pytest.raises(FacebookError) as raised:
        await to_thread(call, *args, **options)
    return raised.value


async def test_an_app_gets_its_token(client: Client, here: Sample) -> None:
    """From id and secret, at the address without a version."""
    api = await to_thread(
        client,
        app_id=here.movies.id,
        app_secret=here.movies.secret,
        application_only_auth=True,
    )

    assert api.access_token == here.world.app_token(here.movies.id)


async def test_a_token_about_a_token(app: Any, here: Sample) -> None:
    """`debug_token` of a good token, and of one that nobody made."""
    token = here.world.user_token(here.movies.id, ASID)

    good = await to_thread(app.debug_token, token)
    bad = await to_thread(app.debug_token, "nonsense")

    assert (good["data"]["type"], good["data"]["user_id"]) == ("USER", ASID)
    assert bad["data"]["is_valid"] is False
    assert bad["data"]["error"]["code"] == 190


async def test_a_person_with_both_edges(app: Any) -> None:
    """An expanded read."""
    fields = "name,age_range,ids_for_apps,ids_for_pages"

    person = await to_thread(app.get_object, ASID, fields=fields)

    assert person["name"] == "John Smith"
    assert person["ids_for_apps"]["data"] == [GAMES_ROW, MOVIES_ROW]
    assert MUSIC_ROW in person["ids_for_pages"]["data"]


async def test_one_edge_with_its_filter(page: Any, here: Sample) -> None:
    """With a Page token and a plain proof."""
    found = await to_thread(
        page.get_connection, PSID, "ids_for_apps", app=here.games.id
    )

    assert found["data"] == [GAMES_ROW]


async def test_it_reads_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the parameters of `next`."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with much_used(Faults()) as (api, first, asid):
        its = GraphAPI(
            access_token=api.simulator.world.app_token(first.id),
            base_url=f"{api.simulator.base_url}/",
        )
        found = await to_thread(
            its.get_full_connections, asid, "ids_for_apps", count=None, limit=50
        )
        its.session.close()

    assert len({row["id"] for row in found["data"]}) == MANY


async def test_several_people_in_one_read(app: Any) -> None:
    """Keyed by id, until v25.0."""
    found = await to_thread(app.get_objects, ASID, fields="id,name")

    assert found == {ASID: {"id": ASID, "name": "John Smith"}}


async def test_several_people_in_one_read_of_v26(client: Client, here: Sample) -> None:
    """Are refused."""
    token = here.world.app_token(here.movies.id)
    api = client(access_token=token, version="v26.0")

    error = await refusal(api.get_objects, ASID, fields="id")

    assert error.code == 100


async def test_the_fields_it_asks_for_by_itself(client: Client, here: Sample) -> None:
    """Those without a value are absent from its models."""
    facebook = client(
        FacebookApi,
        app_id=here.movies.id,
        app_secret=here.movies.secret,
        access_token=here.world.app_token(here.movies.id),
    )

    user = await to_thread(facebook.user.get_info, ASID)
    page = await to_thread(facebook.page.get_info, here.music.id)
    app = await to_thread(facebook.application.get_info)

    assert (user.id, user.name, user.first_name) == (ASID, "John Smith", None)
    assert (page.category, page.fan_count) == ("Musician", None)
    assert (app.id, app.namespace) == (here.movies.id, "johnsmovieappns")


async def test_a_business_of_its_own(client: Client, here: Sample) -> None:
    """With what it owns."""
    facebook = client(
        FacebookApi,
        access_token=here.world.system_user_token(here.owner.id, here.games.id),
        app_secret=here.games.secret,
    )

    business = await to_thread(facebook.business.get_info, here.owner.id)
    apps = await to_thread(
        facebook.get_full_connections, here.owner.id, "owned_apps", limit=1, count=None
    )

    assert (business.id, business.verification_status) == (here.owner.id, "verified")
    assert [each["id"] for each in apps["data"]] == [
        here.games.id,
        here.movies.id,
        here.movies_test.id,
        here.unused.id,
    ]


async def test_a_business_gets_the_tokens_of_its_pages(
    client: Client, here: Sample
) -> None:
    """Those that the asking app has made, and no others."""
    bearer = here.world.system_user_token(here.owner.id, here.games.id)
    api = client(access_token=bearer)

    token = await to_thread(api.exchange_page_access_token, here.jobs.id)

    assert token == here.world.page_token(here.jobs.id, here.games.id)
    for page in (here.music, here.rival_page):
        with pytest.raises(LibraryError):
            await to_thread(api.exchange_page_access_token, page.id)


async def test_an_id_that_nobody_has(app: Any) -> None:
    """Its exception carries each part of the envelope."""
    error = await refusal(app.get_object, "999")

    assert (error.code, error.error_subcode) == (100, 33)
    assert error.type == "GraphMethodException"
    assert error.fbtrace_id
    assert "'999' does not exist" in error.message


async def test_a_token_that_was_revoked(
    app: Any, here: Sample, simulator: Simulator
) -> None:
    """Code 190 with the subcode of a session that ended."""
    simulator.revoke(here.movies.asset)

    error = await refusal(app.get_object, ASID)

    assert (error.code, error.error_subcode) == (190, 460)
    assert error.type == "OAuthException"


async def test_the_usage_of_an_app(app: Any, simulator: Simulator) -> None:
    """It reads the header of app tokens; at the limit there is a transient error."""
    simulator.change(budget_calls=4)
    await to_thread(app.get_object, ASID)
    assert app.rate_limit.get_limit().call_count == 25

    for _ in range(3):
        await to_thread(app.get_object, ASID)
    error = await refusal(app.get_object, ASID)

    assert (error.code, error.is_transient) == (4, True)
    assert app.rate_limit.get_max_percent() == 125


async def test_the_usage_of_a_page(
    page: Any, here: Sample, simulator: Simulator
) -> None:
    """It reads the header of Page tokens, by business and use case."""
    simulator.change(budget_calls=1)
    await to_thread(page.get_object, PSID)
    error = await refusal(page.get_object, PSID)

    usage = page.rate_limit.get_limit(here.owner.id, "pages")
    assert error.code == 80001
    assert (usage.call_count, usage.type) == (200, "pages")
    assert usage.estimated_time_to_regain_access > 0


async def test_nothing_can_be_written(app: Any) -> None:
    """A write is refused in the words of the Graph API."""
    error = await refusal(app.post_object, ASID, "feed", data={"message": "hello"})

    assert error.message.startswith("Unsupported post request.")
