"""Long edges come in pages with cursors, the way Meta's do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from tests.adapters.simulator.sample import NOW_S, Api, Reply, Sample

from idweave_adapters.simulator import Faults, Simulator, World, WorldBuilder
from idweave_adapters.simulator.world import App

MANY = 120


@asynccontextmanager
async def much_used(faults: Faults) -> AsyncIterator[tuple[Api, App, str]]:
    """Someone who logged into 120 apps of one business."""
    build = WorldBuilder(seed=3)
    owner = build.business("Arcade")
    apps = [build.app(f"Game {nth}", owner) for nth in range(MANY)]
    person = build.person(*apps)
    world = World(build.parts())
    async with (
        Simulator(world, faults=faults, clock=lambda: NOW_S) as running,
        aiohttp.ClientSession() as session,
    ):
        yield Api(running, session), apps[0], person.asids[apps[0].id]


async def follow(first: Reply, ask: Callable[[str], object]) -> list[Reply]:
    """All pages, by rebuilding each request from its `after` cursor."""
    pages = [first]
    while "next" in pages[-1].body.get("paging", {}):
        reply = await ask(pages[-1].body["paging"]["cursors"]["after"])  # type: ignore[misc]
        pages.append(reply)
    return pages


@pytest.mark.parametrize("limit", [1, 7, 25, 100])
async def test_pages_add_up(limit: int) -> None:
    """Following cursors gives each row once; only the last page has no `next`."""
    async with much_used(Faults()) as (api, app, asid):
        path = f"/{asid}/ids_for_apps"
        first = await api.app(app, path, limit=str(limit))

        pages = await follow(
            first, lambda after: api.app(app, path, limit=str(limit), after=after)
        )

    users = [user for page in pages for user in page.users]
    assert len(users) == len(set(users)) == MANY
    assert len(pages) == -(-MANY // limit)
    assert all(page.body["paging"]["cursors"]["after"] for page in pages)


async def test_usual_and_largest_limit() -> None:
    """Without a limit there are 25 rows; more than 100 is cut down silently."""
    async with much_used(Faults()) as (api, app, asid):
        usual = await api.app(app, f"/{asid}/ids_for_apps")
        most = await api.app(app, f"/{asid}/ids_for_apps", limit="5000")

    assert (len(usual.users), len(most.users)) == (25, 100)


async def test_next_is_a_whole_url_with_the_token() -> None:
    """`next` works as it stands and holds the token, as Meta's does."""
    async with much_used(Faults()) as (api, app, asid):
        path, fields = f"/v25.0/{asid}/ids_for_apps", "id,app{id}"
        first = await api.app(app, path, limit="50", fields=fields)
        url = first.body["paging"]["next"]
        second = await api.send("GET", url)

    query = parse_qs(urlsplit(url).query)
    assert query["access_token"] == [f"{app.id}|{app.secret}"]
    assert query["fields"] == ["id,app{id}"]
    assert urlsplit(url).path == f"/v25.0/{asid}/ids_for_apps"
    assert len(second.users) == 50
    assert not set(first.users) & set(second.users)


async def test_previous_leads_back() -> None:
    """`previous` of the second page gives the first."""
    async with much_used(Faults()) as (api, app, asid):
        first = await api.app(app, f"/{asid}/ids_for_apps", limit="50")
        second = await api.send("GET", first.body["paging"]["next"])
        back = await api.send("GET", second.body["paging"]["previous"])

    assert back.users == first.users
    assert "previous" not in back.body["paging"]


async def test_nested_edge_has_paging_of_its_own() -> None:
    """An expanded edge is a page too, and its `next` continues on the edge."""
    async with much_used(Faults()) as (api, app, asid):
        fields = "ids_for_apps.limit(100){id,app{id}}"
        first = await api.app(app, f"/{asid}", fields=fields)
        rest = await api.send("GET", first.body["ids_for_apps"]["paging"]["next"])

    seen = [row["id"] for row in first.body["ids_for_apps"]["data"]] + rest.users
    assert len(set(seen)) == MANY
    assert "next" not in rest.body["paging"]


async def test_short_and_empty_pages_still_lead_to_the_end() -> None:
    """A page may be short or empty and have a `next`; nothing gets lost."""
    async with much_used(Faults(short_page_rate=0.7)) as (api, app, asid):
        path = f"/{asid}/ids_for_apps"
        first = await api.app(app, path, limit="4")
        pages = await follow(
            first, lambda after: api.app(app, path, limit="4", after=after)
        )
        injected = api.simulator.stats.injected["short_page"]

    sizes = [len(page.users) for page in pages]
    assert sum(sizes) == MANY
    assert 0 in sizes
    assert len(pages) > MANY // 4
    assert injected > 0


async def test_empty_edge_has_no_paging(api: Api, here: Sample) -> None:
    """Nothing known now: an empty list alone."""
    reply = await api.app(here.movies, "/645195294/ids_for_apps", app="1")

    assert reply.body == {"data": []}


@pytest.mark.parametrize(
    "wrong",
    [{"limit": "0"}, {"limit": "x"}, {"after": "!"}, {"after": "YWJj"}, {"app": "x"}],
)
async def test_unusable_parameters(
    api: Api, here: Sample, wrong: dict[str, str]
) -> None:
    """Limits, cursors and filters that mean nothing are code 100."""
    token = here.world.app_token(here.movies.id)

    reply = await api.get("/645195294/ids_for_apps", access_token=token, **wrong)

    assert reply.code == (100, None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("id,", 2500),
        ("id{", 2500),
        ("id{name", 2500),
        ("a{b}c", 2500),
        ("{}", 2500),
        ("a{" * 9 + "b" + "}" * 9, 2500),
        ("shoe_size", 100),
        ("ids_for_apps{shoe_size}", 100),
        ("ids_for_apps{app{shoe_size}}", 100),
    ],
)
async def test_unusable_fields(api: Api, here: Sample, fields: str, code: int) -> None:
    """Broken syntax is 2500, an unknown field 100."""
    reply = await api.app(here.movies, "/645195294", fields=fields)

    assert reply.code == (code, None)


async def test_pages_are_connected(here: Sample) -> None:
    """Each page begins where the one before ended, whatever the direction."""
    async with much_used(Faults()) as (api, app, asid):
        path = f"/{asid}/ids_for_apps"
        first = await api.app(app, path, limit="10")
        pages = await follow(
            first, lambda after: api.app(app, path, limit="10", after=after)
        )
        backs = [
            await api.send("GET", page.body["paging"]["previous"]) for page in pages[1:]
        ]

    for (earlier, _), back in zip(pairwise(pages), backs, strict=True):
        assert back.users == earlier.users


async def test_blanks_between_fields(api: Api, here: Sample) -> None:
    """Blanks and line breaks between fields mean nothing."""
    fields = " ids_for_apps.limit(1) { id , app { id } } , id "

    reply = await api.app(here.movies, "/645195294", fields=fields)

    assert reply.status == 200
    assert set(reply.body["ids_for_apps"]["data"][0]) == {"id", "app"}
