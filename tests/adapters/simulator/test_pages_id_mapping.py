"""The simulated Page-Scoped ID API answers as its document says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import pytest
from tests.adapters.simulator.sample import NOW_S, Api, Reply, Sample

from idweave_adapters.simulator import Rules, Simulator, World, WorldBuilder
from idweave_adapters.simulator.api.proofs import proof_of
from idweave_adapters.simulator.world import App, Page, Person

DAY = "2021-04-01"
ASID, PSID = "645195294", "12345123"


@dataclass(frozen=True)
class Mapping:
    """Calls `pages_id_mapping` as the sample's movie app, with a Page's token."""

    api: Api

    async def __call__(
        self,
        page: Page,
        *ids: str,
        proof: bool = True,
        by: App | None = None,
        **more: str,
    ) -> Reply:
        world = self.api.simulator.world
        maker = by or world.apps[page.made_by[0]]
        token = world.page_token(page.id, maker.id)
        form = {"access_token": token, "user_ids": ",".join(ids), **more}
        if proof:
            form["appsecret_proof"] = proof_of(token, maker.secret)
        return await self.api.send("POST", "/v3.3/pages_id_mapping", data=form)


@asynccontextmanager
async def playing(world: World, **rules: Any) -> AsyncIterator[Mapping]:
    stated = Rules(**{"history": DAY, **rules})
    async with (
        Simulator(world, rules=stated, clock=lambda: NOW_S) as running,
        aiohttp.ClientSession() as session,
    ):
        yield Mapping(Api(running, session))


@pytest.fixture
async def mapping(here: Sample) -> AsyncIterator[Mapping]:
    async with playing(here.world) as made:
        yield made


async def test_an_asid_and_a_page_give_a_psid(mapping: Mapping, here: Sample) -> None:
    """By ASID, as the sample has it; several ids stand between commas."""
    reply = await mapping(here.music, ASID)

    assert (reply.status, reply.body) == (200, {ASID: {"id": PSID}})
    assert reply.headers["Facebook-API-Version"] == "v3.3"


async def test_the_value_may_be_a_bare_id(here: Sample) -> None:
    """By rule, as the sample has lost its braces."""
    async with playing(here.world, mapping_value="text") as mapping:
        assert (await mapping(here.music, ASID)).body == {ASID: PSID}


async def test_who_never_met_the_page_gets_an_id_on_it(
    mapping: Mapping, here: Sample
) -> None:
    """The same each time; the mapping edges know it from then on."""
    asid = here.john.asids[here.games.id]
    first, second = [await mapping(here.jobs, asid) for _ in range(2)]

    psid = first.body[asid]["id"]
    rows = await mapping.api.page(here.jobs, f"/{psid}/ids_for_apps")
    assert psid.isdecimal()
    assert second.body == first.body
    assert asid in rows.users


async def test_a_test_app_has_its_parents_ids(here: Sample) -> None:
    """Its token maps them, under its parent's dates."""
    build = WorldBuilder(seed=3)
    acme = build.business("Acme")
    shop = build.app("Shop", acme)
    test = build.app("Shop Test", acme, parent=shop, reviewed=None)
    page = build.page("Bot", acme, made_by=[test])
    ann = build.person(shop, page)
    asid = ann.asids[shop.id]
    async with playing(World(build.parts())) as mapping:
        reply = await mapping(page, asid)

    assert reply.body == {asid: {"id": ann.psids[page.id]}}


def test_an_app_has_up_to_five_test_pages() -> None:
    """A sixth one is no such world."""
    build = WorldBuilder()
    acme = build.business("Acme")
    shop = build.app("Shop", acme)
    for number in range(5):
        build.page(f"{number}", acme, made_by=[shop], test_page_of=[shop])

    with pytest.raises(ValueError, match="up to 5"):
        build.page("6", acme, made_by=[shop], test_page_of=[shop])


async def test_a_test_page_is_mapped_like_any_other() -> None:
    """What it is for happens in the Pages API."""
    build = WorldBuilder()
    acme = build.business("Acme")
    shop = build.app("Shop", acme)
    page = build.page("Test", acme, made_by=[shop], test_page_of=[shop])
    ann = build.person(shop, page)
    async with playing(World(build.parts())) as mapping:
        reply = await mapping(page, ann.asids[shop.id])

    assert reply.status == 200


INCOMPLETE, NO_PERSON = "64519529", "380374449010653"


@pytest.mark.parametrize("lenient", ["true", "false", None])
async def test_invalid_ids(mapping: Mapping, here: Sample, lenient: str | None) -> None:
    """Incomplete, of another app, no person: left out silently, or all is refused."""
    bad = [INCOMPLETE, here.john.asids[here.games.id], NO_PERSON]
    more: dict[str, Any] = {} if lenient is None else {"ignore_invalid_ids": lenient}

    reply = await mapping(here.music, bad[0], ASID, *bad[1:], **more)

    if lenient == "true":
        assert reply.body == {ASID: {"id": PSID}}
    else:
        assert reply.code == (100, None)
        assert reply.body["error"]["error_data"] == bad


async def test_a_refused_call_converts_nobody(mapping: Mapping, here: Sample) -> None:
    """One bad id, and nobody has got an id on the Page."""
    asid = here.john.asids[here.games.id]
    await mapping(here.jobs, asid, NO_PERSON)

    world = mapping.api.simulator.world
    assert here.jobs.id not in world.people.in_app(here.games.id)[asid].psids
    assert mapping.api.simulator.stats.lookups == {}


@pytest.mark.parametrize(
    ("form", "read"),
    [("object", lambda data: data), ("text", orjson.loads)],
)
async def test_the_form_of_error_data_is_a_rule(
    here: Sample, form: str, read: Any
) -> None:
    """The document says only that the ids are listed."""
    async with playing(here.world, mapping_error_data=form) as mapping:
        reply = await mapping(here.music, "1")

    assert read(reply.body["error"]["error_data"]) == {"invalid_ids": ["1"]}


async def test_up_to_200_ids(mapping: Mapping, here: Sample) -> None:
    """201 are refused, 200 are looked at."""
    ids = [str(10**15 + number) for number in range(201)]

    assert (await mapping(here.music, *ids)).code == (105, None)
    assert (await mapping(here.music, *ids[1:])).code == (100, None)
    assert (await mapping(here.music)).code == (100, None)


async def test_a_page_token_is_needed(mapping: Mapping, here: Sample) -> None:
    """The app's own token is refused."""
    token = here.world.app_token(here.movies.id)
    form = {
        "access_token": token,
        "appsecret_proof": proof_of(token, here.movies.secret),
        "user_ids": ASID,
    }

    reply = await mapping.api.send("POST", "/v3.3/pages_id_mapping", data=form)

    assert reply.code == (210, None)


async def test_the_proof_is_needed(mapping: Mapping, here: Sample) -> None:
    """Without it nothing is answered."""
    reply = await mapping(here.music, ASID, proof=False)

    assert reply.code == (100, None)
    assert "appsecret_proof" in reply.body["error"]["message"]


@pytest.mark.parametrize(
    ("created", "reviewed", "day", "code"),
    [
        ("2018-04-30", "2021-03-01", "2021-04-01", None),
        ("2018-05-01", "2021-03-01", "2021-04-01", 200),  # gets PSIDs by itself
        ("2016-01-01", None, "2021-04-01", 200),
        ("2016-01-01", "2021-04-02", "2021-04-01", 200),  # not yet
        ("2016-01-01", "2020-10-04", "2021-04-01", None),  # day 179
        ("2016-01-01", "2020-10-03", "2021-04-01", 200),  # 180 days are over
        ("2016-01-01", "2021-03-01", "2021-05-04", None),
        ("2016-01-01", "2021-03-01", "2021-05-05", 12),
    ],
)
async def test_who_may_migrate_and_when(
    created: str, reviewed: str | None, day: str, code: int | None
) -> None:
    """Old apps, from their review for 180 days, and nobody from 5 May 2021."""
    world, page, ann = town(created=created, reviewed=reviewed)
    async with playing(world, history=day) as mapping:
        reply = await mapping(page, next(iter(ann.asids.values())))

    assert reply.body.get("error", {}).get("code") == code


def town(
    *, fans: int = 100_000, people: int = 1, **app: Any
) -> tuple[World, Page, Person]:
    """One app with one Page, and people who know the app."""
    build = WorldBuilder(seed=5)
    acme = build.business("Acme")
    shop = build.app("Shop", acme, **app)
    page = build.page("Bot", acme, made_by=[shop], fans=fans)
    everyone = [build.person(shop) for _ in range(people)]
    return World(build.parts()), page, everyone[0]


async def test_gone_from_v7(mapping: Mapping, here: Sample) -> None:
    """Whatever the day is; v6.0 still has it."""
    token = here.world.page_token(here.music.id, here.movies.id)
    form = {
        "access_token": token,
        "appsecret_proof": proof_of(token, here.movies.secret),
        "user_ids": ASID,
    }
    replies = {
        version: await mapping.api.send(
            "POST", f"/{version}/pages_id_mapping", data=form
        )
        for version in ("v6.0", "v7.0", "v25.0")
    }

    assert replies["v6.0"].status == 200
    assert replies["v7.0"].code == replies["v25.0"].code == (12, None)


async def test_without_history_it_is_gone(here: Sample) -> None:
    """The clock says November 2023."""
    async with playing(here.world, history=None) as mapping:
        assert (await mapping(here.music, ASID)).code == (12, None)


async def test_after_the_switch_it_is_closed(mapping: Mapping, here: Sample) -> None:
    """Steered over HTTP, and told as the permission it is."""
    path, app = "/_simulator/switch", here.movies.id
    await mapping.api.send("PUT", path, json={"app": app, "on": True})
    closed = await mapping(here.music, ASID)
    await mapping.api.send("PUT", path, json={"app": app, "on": False})

    assert closed.code == (200, None)
    assert (await mapping(here.music, ASID)).status == 200


async def test_the_day_can_be_changed(mapping: Mapping, here: Sample) -> None:
    """Over HTTP; what is no day is refused."""
    path = "/_simulator/history"
    put = await mapping.api.send("PUT", path, json={"day": "2021-05-05"})
    gone = await mapping(here.music, ASID)
    bad = await mapping.api.send("PUT", path, json={"day": "may"})

    assert (put.body, gone.code, bad.status) == ("2021-05-05", (12, None), 400)


async def test_the_quota_is_one_percent_of_the_fans() -> None:
    """Of all Pages of the app; what would go beyond is refused whole, with code 4."""
    world, page, _ = town(fans=399, people=5)
    asids = [asid for each in world.people.all for asid in each.asids.values()]
    async with playing(world) as mapping:
        first = await mapping(page, *asids[:2])
        beyond = await mapping(page, *asids[2:4])
        again = await mapping(page, *asids[:3])

    assert (first.status, beyond.code, again.status) == (200, (4, None), 200)


async def test_a_service_provider_is_answered_and_counted(
    mapping: Mapping, here: Sample
) -> None:
    """The document has no rule about whose Page it is; the count shows a misuse."""
    reply = await mapping(here.managed, "1", ignore_invalid_ids="true")

    assert (reply.status, reply.body) == (200, {})
    assert mapping.api.simulator.stats.violations == {here.owner.id: 1}


async def test_the_review_hold(mapping: Mapping, here: Sample) -> None:
    """A business under review is answered with the hold."""
    mapping.api.simulator.review(here.owner.id)

    reply = await mapping(here.music, ASID)

    assert "currently going through review" in reply.body["error"]["message"]


async def test_the_numbers_are_rules(here: Sample) -> None:
    """Since the true ones are lost."""
    rules = {"mapping_invalid_code": 110, "mapping_length_code": 100}
    async with playing(here.world, **rules) as mapping:
        assert (await mapping(here.music, "1")).code == (110, None)
        assert (await mapping(here.music, *["1"] * 201)).code == (100, None)


async def test_a_world_file_from_before_can_be_read(here: Sample) -> None:
    """Dates and fans have defaults."""
    document = orjson.loads(here.world.to_json())
    for row in document["apps"]:
        del row["created"], row["reviewed"]
    for row in document["pages"]:
        del row["fans"], row["test_page_of"]

    world = World.from_json(orjson.dumps(document))

    assert world.to_json() == here.world.to_json()
