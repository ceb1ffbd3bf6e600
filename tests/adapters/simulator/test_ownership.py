"""Who owns what: a business's lists, its node, and the owner of an app or a Page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from tests.adapters.simulator.sample import NOW_S, Api, Reply

from idweave_adapters.simulator import Faults, Rules, Simulator, World, WorldBuilder
from idweave_adapters.simulator.api.proofs import proof_of
from idweave_adapters.simulator.world import App, Business, Page, Person

EDGES = (
    "owned_apps",
    "owned_pages",
    "client_apps",
    "client_pages",
    "pending_owned_pages",
)


@dataclass(frozen=True, slots=True)
class Estate:
    """Acme and its rival, an agency that works for Acme, and Ann, who uses Acme's."""

    world: World
    acme: Business
    rival: Business
    agency: Business
    shop: App
    shop_test: App
    rival_app: App
    suite: App
    bot: Page
    managed: Page
    wanted: Page
    ann: Person


def estate() -> Estate:
    build = WorldBuilder(seed=3)
    acme, rival = build.business("Acme"), build.business("Rival")
    agency = build.business("Agency", verification="not_verified")
    shop = build.app("Shop", acme, category="Business", shared_with=[agency])
    shop_test = build.app("Shop Test", acme, parent=shop)
    rival_app = build.app("Rival App", rival)
    suite = build.app("Suite", agency)
    bot = build.page("Acme", acme, made_by=[shop])
    managed = build.page("Acme Support", acme, made_by=[suite])
    wanted = build.page("Old Brand", None, claimed_by=[acme])
    ann = build.person(shop, bot)
    world = World(build.parts())
    return Estate(
        world, acme, rival, agency, shop, shop_test, rival_app, suite, bot, managed,
        wanted, ann,
    )  # fmt: skip


@pytest.fixture
def here() -> Estate:
    return estate()


@pytest.fixture
async def simulator(here: Estate) -> AsyncIterator[Simulator]:
    async with Simulator(here.world, clock=lambda: NOW_S) as running:
        yield running


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(simulator, session)


async def ask(
    api: Api, business: Business, path: str, *, by: App, **params: str
) -> Reply:
    """GET with the token of the business's system user."""
    token = api.simulator.world.system_user_token(business.id, by.id)
    return await api.get(f"/v25.0/{path}", access_token=token, **params)


async def listed(api: Api, here: Estate, business: Business, edge: str) -> list[str]:
    reply = await ask(api, business, f"{business.id}/{edge}", by=here.shop)
    assert reply.status == 200
    return reply.users


async def test_owned_lists_hold_what_the_business_owns(api: Api, here: Estate) -> None:
    """Test apps included, and nothing that is only shared or claimed."""
    apps = await listed(api, here, here.acme, "owned_apps")
    pages = await listed(api, here, here.acme, "owned_pages")

    assert apps == [here.shop.id, here.shop_test.id]
    assert pages == [here.bot.id, here.managed.id]


async def test_client_lists_hold_what_others_share(api: Api, here: Estate) -> None:
    """A Page also where an app of the business made a token for it."""
    apps = await listed(api, here, here.agency, "client_apps")
    pages = await listed(api, here, here.agency, "client_pages")

    assert apps == [here.shop.id]
    assert pages == [here.managed.id]
    assert await listed(api, here, here.acme, "client_apps") == []
    assert await listed(api, here, here.acme, "client_pages") == []


@pytest.mark.parametrize("edge", ["client_apps", "client_pages"])
async def test_shared_assets_name_the_permitted_tasks(
    api: Api, here: Estate, edge: str
) -> None:
    """Unless the fields leave them out."""
    path = f"{here.agency.id}/{edge}"

    usual = await ask(api, here.agency, path, by=here.suite)
    ids = await ask(api, here.agency, path, by=here.suite, fields="id")
    tasks = await ask(api, here.agency, path, by=here.suite, fields="permitted_tasks")

    assert {"id", "name", "permitted_tasks"} <= set(usual.body["data"][0])
    assert set(ids.body["data"][0]) == {"id"}
    assert set(tasks.body["data"][0]) == {"id", "permitted_tasks"}
    assert isinstance(tasks.body["data"][0]["permitted_tasks"], list)


async def test_a_claim_is_no_ownership(api: Api, here: Estate) -> None:
    """It waits in a list of its own, as a request that names the Page."""
    reply = await ask(
        api,
        here.acme,
        f"{here.acme.id}/pending_owned_pages",
        by=here.shop,
        fields="id,page{id}",
    )

    (row,) = reply.body["data"]
    assert row["page"] == {"id": here.wanted.id}
    assert row["id"] not in {here.wanted.id, here.acme.id}


async def test_a_confirmed_claim_is_ownership(api: Api, here: Estate) -> None:
    """The Page changes from one list to the other."""
    api.simulator.transfer(here.wanted.asset, here.acme.id)

    assert await listed(api, here, here.acme, "pending_owned_pages") == []
    assert here.wanted.id in await listed(api, here, here.acme, "owned_pages")


async def test_a_removed_asset_is_in_no_list(api: Api, here: Estate) -> None:
    """Between two owners nobody owns it."""
    api.simulator.transfer(here.bot.asset, None)

    assert here.bot.id not in await listed(api, here, here.acme, "owned_pages")
    assert await listed(api, here, here.rival, "owned_pages") == []

    api.simulator.transfer(here.bot.asset, here.rival.id)

    assert await listed(api, here, here.rival, "owned_pages") == [here.bot.id]


async def test_an_owner_is_no_client_of_its_own(api: Api, here: Estate) -> None:
    """What was shared with a business is its own once it is transferred to it."""
    api.simulator.transfer(here.shop.asset, here.agency.id)

    assert await listed(api, here, here.agency, "client_apps") == []
    assert here.shop.id in await listed(api, here, here.agency, "owned_apps")


async def test_lists_are_cut_into_pages(api: Api, here: Estate) -> None:
    """With cursors, and a next page that its own link leads to."""
    path = f"{here.acme.id}/owned_apps"

    first = await ask(api, here.acme, path, by=here.shop, limit="1")
    cursors = first.body["paging"]["cursors"]
    last = await ask(
        api, here.acme, path, by=here.shop, limit="1", after=cursors["after"]
    )
    followed = await api.get(first.body["paging"]["next"])

    assert (first.users, last.users) == ([here.shop.id], [here.shop_test.id])
    assert followed.users == last.users
    assert "next" not in last.body["paging"]
    assert "after" in last.body["paging"]["cursors"]


async def test_a_short_page_is_not_the_last_one(api: Api, here: Estate) -> None:
    """It may even be empty; following the cursor leads to every row."""
    api.simulator.change(short_page_rate=0.6)
    path, found, after = f"{here.acme.id}/owned_apps", [], ""

    for _ in range(40):
        more = {"after": after} if after else {}
        reply = await ask(api, here.acme, path, by=here.shop, **more)
        found += reply.users
        if "next" not in reply.body["paging"]:
            break
        after = reply.body["paging"]["cursors"]["after"]

    assert found == [here.shop.id, here.shop_test.id]


@pytest.mark.parametrize("edge", EDGES)
async def test_a_summary_counts_all_rows(api: Api, here: Estate, edge: str) -> None:
    """Whatever the page holds, and only if it is asked for."""
    path = f"{here.acme.id}/{edge}"

    whole = await ask(api, here.acme, path, by=here.shop)
    page = await ask(api, here.acme, path, by=here.shop, limit="1", summary="true")

    assert "summary" not in whole.body
    assert page.body["summary"] == {"total_count": len(whole.body["data"])}


async def test_rows_hold_the_asked_fields(api: Api, here: Estate) -> None:
    """An unknown one is code 100."""
    path = f"{here.acme.id}/owned_apps"

    names = await ask(api, here.acme, path, by=here.shop, fields="name,category")
    wrong = await ask(api, here.acme, path, by=here.shop, fields="shoe_size")

    assert names.body["data"][0] == {
        "category": "Business",
        "name": "Shop",
        "id": here.shop.id,
    }
    assert wrong.code == (100, None)


async def test_whether_test_apps_are_listed_can_be_ruled(here: Estate) -> None:
    """The documents do not say whether they are."""
    rules = Rules(test_apps_owned=False)
    async with (
        Simulator(here.world, rules=rules) as running,
        aiohttp.ClientSession() as session,
    ):
        found = await listed(Api(running, session), here, here.acme, "owned_apps")

    assert found == [here.shop.id]


# who may ask


@pytest.mark.parametrize("edge", EDGES)
async def test_no_token(api: Api, here: Estate, edge: str) -> None:
    """Without a token there is code 104."""
    reply = await api.get(f"/v25.0/{here.acme.id}/{edge}")

    assert (reply.status, reply.code) == (400, (104, None))


@pytest.mark.parametrize("token", ["nonsense", "EAASxZyZz", "EAAS1Z2Z3"])
async def test_bad_token(api: Api, here: Estate, token: str) -> None:
    """A token that was never made is code 190."""
    reply = await api.get(f"/{here.acme.id}/owned_apps", access_token=token)

    assert (reply.status, reply.code) == (400, (190, None))


async def test_a_changed_token_is_bad(api: Api, here: Estate) -> None:
    """A system user's token can't be turned into another business's."""
    token = here.world.system_user_token(here.rival.id, here.rival_app.id)

    forged = token.replace(here.rival.id, here.acme.id)
    reply = await api.get(f"/{here.acme.id}/owned_apps", access_token=forged)

    assert reply.code == (190, None)


@pytest.mark.parametrize("edge", EDGES)
async def test_nobody_reads_the_lists_of_another_business(
    api: Api, here: Estate, edge: str
) -> None:
    """Code 200, also for an agency that works for it."""
    for stranger, app in ((here.rival, here.rival_app), (here.agency, here.suite)):
        reply = await ask(api, stranger, f"{here.acme.id}/{edge}", by=app)

        assert reply.code == (200, None)


async def test_apps_and_pages_may_not_read_the_lists(api: Api, here: Estate) -> None:
    """Not even the business's own: it takes `business_management`."""
    path = f"/{here.acme.id}/owned_apps"

    by_app = await api.app(here.shop, path)
    by_page = await api.page(here.bot, path)

    assert (by_app.code, by_page.code) == ((200, None), (200, None))


@pytest.mark.parametrize("node", ["1", "shop", "me"])
async def test_an_unknown_business(api: Api, here: Estate, node: str) -> None:
    """Code 100, subcode 33; an app or a Page is no business either."""
    for each in (node, here.shop.id, here.bot.id):
        reply = await ask(api, here.acme, f"{each}/owned_apps", by=here.shop)

        assert reply.code == (100, 33)


async def test_a_revoked_token(api: Api, here: Estate) -> None:
    """Code 190 until it is good again."""
    api.simulator.revoke(f"business:{here.acme.id}")
    path = f"{here.acme.id}/owned_apps"

    revoked = await ask(api, here.acme, path, by=here.shop)
    other = await ask(api, here.rival, f"{here.rival.id}/owned_apps", by=here.rival_app)
    api.simulator.revoke(f"business:{here.acme.id}", on=False)
    again = await ask(api, here.acme, path, by=here.shop)

    assert (revoked.code, other.status, again.status) == ((190, 460), 200, 200)


async def test_a_blocked_business(api: Api, here: Estate) -> None:
    """Code 368, for its own lists alone."""
    api.simulator.block(here.acme.id)

    blocked = await ask(api, here.acme, f"{here.acme.id}/owned_apps", by=here.shop)
    rival = await ask(api, here.rival, f"{here.rival.id}/owned_apps", by=here.rival_app)
    api.simulator.block(here.acme.id, on=False)

    assert blocked.code == (368, None)
    assert rival.users == [here.rival_app.id]
    assert here.shop.id in await listed(api, here, here.acme, "owned_apps")


async def test_control_revokes_and_blocks(api: Api, here: Estate) -> None:
    """Over HTTP as from the program."""
    path = f"{here.acme.id}/owned_apps"
    on = {"business": here.acme.id, "on": True}
    bad = {"asset": f"business:{here.acme.id}", "valid": False}

    await api.send("PUT", "/_simulator/block", json=on)
    blocked = await ask(api, here.acme, path, by=here.shop)
    await api.send("PUT", "/_simulator/token", json=bad)
    revoked = await ask(api, here.acme, path, by=here.shop)
    wrong = await api.send("PUT", "/_simulator/block", json={"business": "1"})

    assert (blocked.code, revoked.code) == ((368, None), (190, 460))
    assert wrong.status == 400


async def test_too_many_calls(api: Api, here: Estate) -> None:
    """System users' tokens are counted by business, as Page tokens are by Page."""
    api.simulator.change(budget_calls=1)
    path = f"{here.acme.id}/owned_apps"

    first = await ask(api, here.acme, path, by=here.shop)
    second = await ask(api, here.acme, path, by=here.shop)
    rival = await ask(api, here.rival, f"{here.rival.id}/owned_apps", by=here.rival_app)

    assert (first.status, second.code, rival.status) == (200, (80001, None), 200)
    assert here.acme.id in first.headers["X-Business-Use-Case-Usage"]


async def test_the_proof_is_made_with_the_secret_of_the_app_behind_the_token(
    here: Estate,
) -> None:
    """A wrong one is refused, and none where each call needs one."""
    token = here.world.system_user_token(here.acme.id, here.shop.id)
    path = f"/{here.acme.id}/owned_apps"
    right = proof_of(token, here.shop.secret)
    wrong = proof_of(token, here.suite.secret)

    async with (
        Simulator(here.world, rules=Rules(proof_always=True)) as running,
        aiohttp.ClientSession() as session,
    ):
        api = Api(running, session)
        good = await api.get(path, access_token=token, appsecret_proof=right)
        bad = await api.get(path, access_token=token, appsecret_proof=wrong)
        none = await api.get(path, access_token=token)

    assert good.status == 200
    assert (bad.code, none.code) == ((100, None), (100, None))


async def test_lists_come_in_a_batch_too(here: Estate) -> None:
    """Each item is judged by its own token."""
    tokens = {
        each.id: here.world.system_user_token(each.id, here.shop.id)
        for each in (here.acme, here.rival)
    }
    items = [
        {
            "method": "GET",
            "relative_url": f"{here.acme.id}/owned_apps?access_token={token}",
        }
        for token in tokens.values()
    ]
    batch = str(items).replace("'", '"')

    async with Simulator(here.world) as running, aiohttp.ClientSession() as session:
        form = {"access_token": tokens[here.acme.id], "batch": batch}
        reply = await Api(running, session).send("POST", "/v25.0/", data=form)

    assert [item["code"] for item in reply.body] == [200, 400]


# nodes


async def test_a_business_shows_its_fields_to_its_own_system_users(
    api: Api, here: Estate
) -> None:
    """To nobody else."""
    fields = "id,name,verification_status"

    own = await ask(api, here.agency, here.agency.id, by=here.suite, fields=fields)
    usual = await ask(api, here.agency, here.agency.id, by=here.suite)
    stranger = await ask(api, here.rival, here.agency.id, by=here.rival_app)
    unknown = await ask(api, here.agency, here.agency.id, by=here.suite, fields="size")

    assert own.body == {
        "id": here.agency.id,
        "name": "Agency",
        "verification_status": "not_verified",
    }
    assert usual.body == {"id": here.agency.id, "name": "Agency"}
    assert (stranger.code, unknown.code) == ((200, None), (100, None))


@pytest.mark.parametrize("fields", ["business,owner_business", "owner_business{id}"])
async def test_an_asset_names_its_owner(api: Api, here: Estate, fields: str) -> None:
    """To its own token, its owner and who works on it; nobody else."""
    for asset, by in ((here.shop, here.shop), (here.bot, here.shop)):
        seen = await ask(api, here.acme, asset.id, by=by, fields=fields)
        assert seen.body["owner_business"]["id"] == here.acme.id
        assert seen.body["id"] == asset.id

        refused = await ask(api, here.rival, asset.id, by=here.rival_app, fields=fields)
        assert refused.code == (200, None)

    own = await api.app(here.shop, f"/{here.shop.id}", fields=fields)
    page = await api.page(here.bot, f"/{here.bot.id}", fields=fields)
    client = await ask(api, here.agency, here.shop.id, by=here.suite, fields=fields)
    assert own.body == client.body
    assert page.body["owner_business"]["id"] == here.acme.id


async def test_an_asset_without_an_owner_names_none(api: Api, here: Estate) -> None:
    """The fields are absent, and it is no error."""
    api.simulator.transfer(here.shop.asset, None)

    reply = await api.app(here.shop, f"/{here.shop.id}", fields="owner_business,name")

    assert reply.body == {"name": "Shop", "id": here.shop.id}


async def test_a_system_user_sees_no_people(api: Api, here: Estate) -> None:
    """Its token manages assets."""
    build = WorldBuilder(seed=4)
    owner = build.business("Owner")
    app = build.app("App", owner)
    person = build.person(app)
    world = World(build.parts())

    async with Simulator(world) as running, aiohttp.ClientSession() as session:
        api = Api(running, session)
        user = person.asids[app.id]
        reply = await ask(api, owner, f"{user}/ids_for_apps", by=app)
        me = await ask(api, owner, "me", by=app)

    assert (reply.code, me.code) == ((100, 33), (100, 33))


async def test_debug_token_tells_a_system_user(api: Api, here: Estate) -> None:
    """With the permissions that the lists need."""
    token = here.world.system_user_token(here.acme.id, here.shop.id)

    reply = await api.app(here.shop, "/debug_token", input_token=token)

    assert reply.body["data"]["type"] == "SYSTEM_USER"
    assert "business_management" in reply.body["data"]["scopes"]


# the world


def test_credentials_hold_a_token_of_each_business_with_an_app(here: Estate) -> None:
    """Its own first app made it; who has no app has no token."""
    build = WorldBuilder(seed=5)
    bare = build.business("Bare")
    build.page("Bare", bare)

    told = here.world.credentials()["businesses"]
    none = World(build.parts()).credentials()["businesses"][bare.id]

    for owner, app in ((here.acme, here.shop), (here.agency, here.suite)):
        assert told[owner.id]["app"] == app.id
        assert told[owner.id]["token"] == here.world.system_user_token(owner.id, app.id)
    assert set(none) == {"apps", "pages"}


def test_sharing_and_claims_survive_being_written(here: Estate) -> None:
    """The copy answers as the original; worlds without the new keys are still read."""
    copy = World.from_json(here.world.to_json())

    assert copy.pages == here.world.pages
    assert copy.apps == here.world.apps
    assert copy.businesses == here.world.businesses
    old = here.world.to_json().replace(b',"claimed_by":[]', b"")
    assert World.from_json(old).pages == here.world.pages


async def test_faults_reach_the_lists(here: Estate) -> None:
    """As they reach every other call."""
    async with (
        Simulator(here.world, faults=Faults(failure_rate=1.0)) as running,
        aiohttp.ClientSession() as session,
    ):
        reply = await ask(
            Api(running, session), here.acme, f"{here.acme.id}/owned_apps", by=here.shop
        )

    assert reply.status == 500
