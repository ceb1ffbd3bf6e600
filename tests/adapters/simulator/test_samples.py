"""The samples of Meta's documents, asked over HTTP, get the printed shapes.

Sources: Connecting People Across Apps and Bots, and Mapping Users Across Apps and Pages.
"""

from tests.adapters.simulator.sample import Api, Sample

GAMES_ROW = {
    "id": "10152368852405295",
    "app": {
        "category": "Business",
        "link": "https://www.facebook.com/games/?app_id=1419232575008550",
        "name": "John's Game App",
        "id": "1419232575008550",
    },
}
MOVIES_ROW = {
    "id": "645195294",
    "app": {
        "link": "https://apps.facebook.com/johnsmovieappns/",
        "name": "JohnsMovieApp",
        "namespace": "johnsmovieappns",
        "id": "259773517400382",
    },
}
MUSIC_ROW = {
    "id": "12345123",
    "page": {
        "category": "Musician",
        "link": "https://www.facebook.com/Johns-Next-Great-Thing-380374449010653/",
        "name": "John's Next Great Thing",
        "id": "380374449010653",
    },
}


def managed_row(here: Sample) -> dict[str, object]:
    """The Page that a provider manages is owned by the same business, so it is listed."""
    page = {"name": "John's Support", "id": here.managed.id}
    return {"id": here.john.psids[here.managed.id], "page": page}


async def test_page_scoped_id_to_apps(api: Api, here: Sample) -> None:
    """PSID to ASIDs: all apps of the business the person logged into, and no other."""
    reply = await api.page(here.music, "/v25.0/12345123/ids_for_apps")

    assert reply.status == 200
    assert reply.body["data"] == [GAMES_ROW, MOVIES_ROW]


async def test_page_scoped_id_to_one_app(api: Api, here: Sample) -> None:
    """`app` restricts the answer to that app."""
    reply = await api.page(here.music, "/12345123/ids_for_apps", app=here.games.id)

    assert reply.body["data"] == [GAMES_ROW]


async def test_app_scoped_id_to_pages(api: Api, here: Sample) -> None:
    """ASID to PSIDs with the app token and a proof, as in the sample."""
    reply = await api.app(here.movies, "/645195294/ids_for_pages", proof=True)

    assert reply.body["data"] == [managed_row(here), MUSIC_ROW]


async def test_app_scoped_id_to_one_page(api: Api, here: Sample) -> None:
    """`page` restricts the answer to that Page."""
    path = "/645195294/ids_for_pages"

    reply = await api.app(here.movies, path, proof=True, page="380374449010653")

    assert reply.body["data"] == [MUSIC_ROW]


async def test_app_scoped_id_to_apps(api: Api, here: Sample) -> None:
    """ASID to ASIDs needs no proof, and the asking app's own id is in the answer."""
    reply = await api.app(here.movies, "/645195294/ids_for_apps")

    assert reply.body["data"] == [GAMES_ROW, MOVIES_ROW]


async def test_app_scoped_id_to_one_app(api: Api, here: Sample) -> None:
    """`app` restricts the answer to that app."""
    reply = await api.app(here.movies, "/645195294/ids_for_apps", app=here.games.id)

    assert reply.body["data"] == [GAMES_ROW]


async def test_page_scoped_id_to_pages(api: Api, here: Sample) -> None:
    """PSID to PSIDs: all Pages of the business."""
    reply = await api.page(here.music, "/12345123/ids_for_pages")

    assert reply.body["data"] == [managed_row(here), MUSIC_ROW]


async def test_page_scoped_id_to_one_page_by_the_printed_parameter(
    api: Api, here: Sample
) -> None:
    """The sample filters Pages by `app`; that call works and its Page is in the answer."""
    reply = await api.page(here.music, "/12345123/ids_for_pages", app="380374449010653")

    assert reply.status == 200
    assert MUSIC_ROW in reply.body["data"]


async def test_expanded_read_of_an_app_scoped_id(api: Api, here: Sample) -> None:
    """Name, age range and both edges in one read, without a proof; the asked id is last."""
    fields = "name,age_range,ids_for_apps,ids_for_pages"

    reply = await api.app(here.movies, "/645195294", fields=fields)

    body = reply.body
    assert list(body) == ["name", "age_range", "ids_for_apps", "ids_for_pages", "id"]
    assert (body["name"], body["age_range"], body["id"]) == (
        "John Smith",
        {"min": 21},
        "645195294",
    )
    assert body["ids_for_apps"]["data"] == [GAMES_ROW, MOVIES_ROW]
    assert MUSIC_ROW in body["ids_for_pages"]["data"]
    assert set(body["ids_for_apps"]["paging"]) == {"cursors"}


async def test_expanded_read_of_a_page_scoped_id(api: Api, here: Sample) -> None:
    """The same with a Page token; `id` is the asked PSID."""
    fields = "name,is_payment_enabled,ids_for_apps,ids_for_pages"

    reply = await api.page(here.music, "/12345123", fields=fields)

    assert reply.body["is_payment_enabled"] is True
    assert reply.body["ids_for_apps"]["data"] == [GAMES_ROW, MOVIES_ROW]
    assert MUSIC_ROW in reply.body["ids_for_pages"]["data"]
    assert reply.body["id"] == "12345123"


async def test_token_for_business_of_the_person(api: Api, here: Sample) -> None:
    """`/me?fields=token_for_business` with a user token: id and token."""
    token = here.world.user_token(here.movies.id, "645195294")

    reply = await api.get("/me", fields="token_for_business", access_token=token)

    expected = here.world.token_for_business(here.john, here.owner.id)
    assert reply.body == {"id": "645195294", "token_for_business": expected}


async def test_ids_for_business(api: Api, here: Sample) -> None:
    """The apps of the business that the person logged into: 2 of 3, so 2 rows."""
    token = here.world.user_token(here.movies.id, "645195294")

    reply = await api.get("/me/ids_for_business", access_token=token)

    assert reply.body["data"] == [GAMES_ROW, MOVIES_ROW]


async def test_field_expansion_picks_fields(api: Api, here: Sample) -> None:
    """`{id,app{id}}` gives ids and nothing else."""
    fields = "ids_for_apps.limit(100){id,app{id}},ids_for_pages.limit(100){id,page{id}}"

    reply = await api.app(here.games, "/10152368852405295", fields=fields)

    assert reply.body["ids_for_apps"]["data"][1] == {
        "id": "645195294",
        "app": {"id": "259773517400382"},
    }
    assert reply.body["ids_for_pages"]["data"][1] == {
        "id": "12345123",
        "page": {"id": "380374449010653"},
    }
