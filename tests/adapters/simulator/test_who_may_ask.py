"""Tokens, versions and owners: who gets an answer, and which error otherwise."""

import aiohttp
import pytest
from tests.adapters.simulator.sample import NOW_S, Api, Sample

from idweave_adapters.simulator import Rules, Simulator

ASID, PSID = "645195294", "12345123"


async def test_no_token(api: Api) -> None:
    """Without a token there is code 2500."""
    reply = await api.get(f"/v25.0/{ASID}/ids_for_apps")

    assert (reply.status, reply.code) == (400, (2500, None))


@pytest.mark.parametrize(
    "token", ["nonsense", "259773517400382|wrong", "1|2", "EAAUxZyZz"]
)
async def test_bad_token(api: Api, token: str) -> None:
    """A token that was never made is code 190, with the documented envelope."""
    reply = await api.get(f"/{ASID}/ids_for_apps", access_token=token)

    assert (reply.status, reply.code) == (400, (190, None))
    assert set(reply.body["error"]) == {"message", "type", "code", "fbtrace_id"}
    assert reply.headers["WWW-Authenticate"].startswith(
        'OAuth "Facebook Platform" "invalid_token"'
    )


async def test_bearer_token(api: Api, here: Sample) -> None:
    """The token may come in a header, which keeps it out of URLs."""
    bearer = {"Authorization": f"Bearer {here.world.app_token(here.movies.id)}"}

    reply = await api.send("GET", f"/{ASID}/ids_for_apps", headers=bearer)

    assert reply.users == ["10152368852405295", ASID]


async def test_form_body_turned_into_a_read(api: Api, here: Sample) -> None:
    """A POST with `method=GET` is a read, which keeps the token out of URLs too."""
    form = {"method": "GET", "access_token": here.world.app_token(here.movies.id)}

    reply = await api.send("POST", f"/v25.0/{ASID}/ids_for_apps", data=form)

    assert reply.users == ["10152368852405295", ASID]


async def test_writing_is_not_supported(api: Api, here: Sample) -> None:
    """Nothing here can be written to."""
    form = {"access_token": here.world.app_token(here.movies.id)}

    reply = await api.send("POST", f"/{ASID}/ids_for_apps", data=form)

    assert reply.code == (100, 33)


async def test_revoked_token(api: Api, here: Sample) -> None:
    """A revoked token is 190 with subcode 460, until it is good again."""
    api.simulator.revoke(here.movies.asset)
    refused = await api.app(here.movies, f"/{ASID}/ids_for_apps")
    api.simulator.revoke(here.movies.asset, on=False)
    answered = await api.app(here.movies, f"/{ASID}/ids_for_apps")

    assert refused.code == (190, 460)
    assert answered.status == 200


async def test_page_scoped_id_needs_a_page_token(api: Api, here: Sample) -> None:
    """The app that manages the Page is told to use the Page's token (210)."""
    reply = await api.app(here.movies, f"/{PSID}/ids_for_apps", proof=True)

    assert reply.code == (210, None)
    assert reply.body["error"]["message"] == (
        "(#210) A page access token is required to request this resource."
    )


async def test_unrelated_app_learns_nothing_of_a_page_scoped_id(
    api: Api, here: Sample
) -> None:
    """For an app without a token of the Page the PSID does not exist."""
    reply = await api.app(here.games, f"/{PSID}/ids_for_apps", proof=True)

    assert reply.code == (100, 33)
    assert reply.body["error"]["type"] == "GraphMethodException"


@pytest.mark.parametrize("node", ["10152368852405295", "999", "not-an-id"])
async def test_foreign_and_unknown_ids_look_alike(
    api: Api, here: Sample, node: str
) -> None:
    """An ASID of another app is as unknown as one that never was."""
    reply = await api.app(here.movies, f"/{node}/ids_for_apps")

    assert reply.code == (100, 33)
    assert f"'{node}' does not exist" in reply.body["error"]["message"]


async def test_page_scoped_id_of_another_page(api: Api, here: Sample) -> None:
    """A PSID is visible to its own Page only, even inside one business."""
    reply = await api.page(here.jobs, f"/{PSID}/ids_for_apps")

    assert reply.code == (100, 33)


async def test_page_token_of_the_same_app_may_ask_about_an_app_scoped_id(
    api: Api, here: Sample
) -> None:
    """The prose's way: Page token and proof made by the app whose id it is."""
    reply = await api.page(here.music, f"/{ASID}/ids_for_pages")

    assert PSID in reply.users


@pytest.mark.parametrize(
    ("rule", "app_status", "page_status"), [("both", 200, 200), ("app", 200, 400), ("page", 400, 200)]
)  # fmt: skip
async def test_token_for_pages_of_an_app_scoped_id_is_a_rule(
    here: Sample, rule: str, app_status: int, page_status: int
) -> None:
    """Sample and prose contradict each other, so either reading can be chosen."""
    rules = Rules(asid_to_pages=rule)  # type: ignore[arg-type]
    async with (
        Simulator(here.world, rules=rules, clock=lambda: NOW_S) as running,
        aiohttp.ClientSession() as session,
    ):
        api = Api(running, session)
        by_app = await api.app(here.movies, f"/{ASID}/ids_for_pages", proof=True)
        by_page = await api.page(here.music, f"/{ASID}/ids_for_pages")

    assert (by_app.status, by_page.status) == (app_status, page_status)


@pytest.mark.parametrize(
    ("version", "code"),
    [("v2.8", 12), ("v1.0", 12), ("v99.0", 2500)],
)
async def test_versions_without_the_edges(
    api: Api, here: Sample, version: str, code: int
) -> None:
    """Before v2.9 the edges are code 12; versions that are not out are no path."""
    reply = await api.app(here.movies, f"/{version}/{ASID}/ids_for_apps")

    assert reply.code == (code, None)


@pytest.mark.parametrize(
    ("asked", "served"), [("/v2.9", "v21.0"), ("/v24.0", "v24.0"), ("", "v26.0")]
)
async def test_serving_version_is_in_a_header(
    api: Api, here: Sample, asked: str, served: str
) -> None:
    """An expired version is served by the oldest live one, and the answer says so."""
    reply = await api.app(here.movies, f"{asked}/{ASID}/ids_for_apps")

    assert (reply.status, reply.headers["Facebook-API-Version"]) == (200, served)


async def test_service_provider_is_refused(api: Api, here: Sample) -> None:
    """A Page token made by somebody else's app maps nothing; the attempt is counted."""
    psid = here.john.psids[here.managed.id]

    reply = await api.page(here.managed, f"/{psid}/ids_for_apps")

    assert reply.code == (200, None)
    assert reply.body["error"]["message"] == (
        "(#200) Your business is currently going through review to access this API."
    )
    assert api.simulator.stats.violations == {here.owner.id: 1}


async def test_business_under_review(api: Api, here: Sample) -> None:
    """Every mapping call of the business is refused until it is cleared; others go on."""
    api.simulator.review(here.owner.id)
    rival_asid = here.john.asids[here.rival_app.id]

    apps = await api.app(here.movies, f"/{ASID}/ids_for_apps")
    token = await api.app(here.movies, f"/{ASID}", fields="token_for_business")
    plain = await api.app(here.movies, f"/{ASID}", fields="name")
    rival = await api.app(here.rival_app, f"/{rival_asid}/ids_for_apps")
    api.simulator.review(here.owner.id, on=False)
    cleared = await api.app(here.movies, f"/{ASID}/ids_for_apps")

    assert [each.status for each in (apps, token, plain, rival, cleared)] == [
        400,
        400,
        200,
        200,
        200,
    ]
    assert apps.code == token.code == (200, None)


async def test_asset_without_a_business(api: Api, here: Sample) -> None:
    """No owner: edges and `token_for_business` are errors, not empty."""
    asid = here.john.asids[here.stray.id]

    edge = await api.app(here.stray, f"/{asid}/ids_for_apps")
    token = await api.app(here.stray, f"/{asid}", fields="id,token_for_business")

    assert edge.status == token.status == 400


async def test_no_answer_crosses_a_business(api: Api, here: Sample) -> None:
    """The same human asked in another business shows that business's ids only."""
    asid = here.john.asids[here.rival_app.id]

    apps = await api.app(here.rival_app, f"/{asid}/ids_for_apps")
    pages = await api.app(here.rival_app, f"/{asid}/ids_for_pages", proof=True)

    assert apps.users == [asid]
    assert pages.users == [here.john.psids[here.rival_page.id]]


async def test_token_for_business_follows_the_business(api: Api, here: Sample) -> None:
    """One value in all apps of a business, another elsewhere and after a transfer."""

    async def ask() -> str:
        reply = await api.app(here.movies, f"/{ASID}", fields="token_for_business")
        return str(reply.body["token_for_business"])

    in_games = await api.app(
        here.games, "/10152368852405295", fields="token_for_business"
    )
    before = await ask()
    api.simulator.transfer(here.movies.asset, None)
    gap = await api.app(here.movies, f"/{ASID}", fields="token_for_business")
    api.simulator.transfer(here.movies.asset, here.rival.id)
    after = await ask()

    assert before == in_games.body["token_for_business"] != after
    assert gap.status == 400


async def test_transferred_app_answers_its_new_business(api: Api, here: Sample) -> None:
    """After a transfer the app maps into its new business and no longer into the old."""
    api.simulator.transfer(here.movies.asset, here.rival.id)

    reply = await api.app(here.movies, f"/{ASID}/ids_for_apps")

    assert set(reply.users) == {ASID, here.john.asids[here.rival_app.id]}


async def test_page_token_has_no_business_token(api: Api, here: Sample) -> None:
    """`token_for_business` and `ids_for_business` are for app and user tokens."""
    field = await api.page(here.music, f"/{PSID}", fields="token_for_business")
    edge = await api.page(here.music, f"/{PSID}/ids_for_business")

    assert field.code == edge.code == (15, None)


async def test_test_app_shares_ids_with_its_parent(api: Api, here: Sample) -> None:
    """The test app asks with its own secret about its parent's ids."""
    reply = await api.app(here.movies_test, f"/{ASID}/ids_for_apps")

    assert reply.users == ["10152368852405295", ASID]


async def test_phone_only_account_has_no_apps_and_no_profile(
    api: Api, here: Sample
) -> None:
    """Empty for apps, its other PSIDs for Pages, subcode 2018218 for the name."""
    psid = here.phone.psids[here.music.id]

    apps = await api.page(here.music, f"/{psid}/ids_for_apps")
    pages = await api.page(here.music, f"/{psid}/ids_for_pages")
    name = await api.page(here.music, f"/{psid}", fields="name")

    assert apps.body == {"data": []}
    assert pages.users == list(here.phone.psids.values())
    assert name.code == (100, 2018218)


async def test_user_token_is_for_that_person(api: Api, here: Sample) -> None:
    """A user token reads its own person and nobody else."""
    token = here.world.user_token(here.movies.id, ASID)

    own = await api.get(f"/{ASID}/ids_for_apps", access_token=token)
    other = await api.get("/10152368852405295/ids_for_apps", access_token=token)

    assert (own.status, other.code) == (200, (100, 33))


async def test_test_apps_can_be_listed(here: Sample) -> None:
    """By rule a test app stands beside its parent, with the parent's id."""
    async with (
        Simulator(here.world, rules=Rules(test_app_rows=True)) as running,
        aiohttp.ClientSession() as session,
    ):
        reply = await Api(running, session).app(here.movies, f"/{ASID}/ids_for_apps")

    rows = {row["app"]["id"]: row["id"] for row in reply.body["data"]}
    assert rows[here.movies_test.id] == rows[here.movies.id] == ASID


async def test_empty_edges_of_an_expanded_read(here: Sample) -> None:
    """By rule an expanded read leaves an empty edge out or says that it is empty."""
    psid = here.phone.psids[here.music.id]
    seen = []
    for omit in (True, False):
        rules = Rules(omit_empty_edges=omit)
        async with (
            Simulator(here.world, rules=rules) as running,
            aiohttp.ClientSession() as session,
        ):
            reply = await Api(running, session).page(
                here.music, f"/{psid}", fields="ids_for_apps"
            )
            seen.append(reply.body)

    assert seen == [{"id": psid}, {"ids_for_apps": {"data": []}, "id": psid}]
