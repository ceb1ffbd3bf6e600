"""A small world after the sample of Meta's document, and a caller with its tokens."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from idweave_adapters.simulator import Simulator, World, WorldBuilder
from idweave_adapters.simulator.api.proofs import proof_of
from idweave_adapters.simulator.world import App, Business, Page, Person

NOW_S = 1_700_000_000.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The people and assets of the sample, and strangers to them."""

    world: World
    games: App
    movies: App
    movies_test: App
    unused: App
    music: Page
    jobs: Page
    john: Person
    phone: Person
    owner: Business
    rival: Business
    rival_app: App
    rival_page: Page
    provider_app: App
    managed: Page
    stray: App


def sample() -> Sample:
    """John Smith of the sample answers, with the ids printed there."""
    build = WorldBuilder(seed=7)
    owner, rival = build.business("John's"), build.business("Rival")
    provider = build.business("Bots For All", is_provider=True)
    games = build.app(
        "John's Game App",
        owner,
        id="1419232575008550",
        category="Business",
        link="https://www.facebook.com/games/?app_id=1419232575008550",
    )
    movies = build.app(
        "JohnsMovieApp",
        owner,
        id="259773517400382",
        link="https://apps.facebook.com/johnsmovieappns/",
        namespace="johnsmovieappns",
    )
    movies_test = build.app("JohnsMovieApp Test", owner, parent=movies)
    unused = build.app("Never logged into", owner)
    rival_app = build.app("Rival App", rival)
    provider_app = build.app("Suite", provider)
    stray = build.app("Stray", None)
    music = build.page(
        "John's Next Great Thing",
        owner,
        id="380374449010653",
        made_by=[movies],
        category="Musician",
        link="https://www.facebook.com/Johns-Next-Great-Thing-380374449010653/",
    )
    jobs = build.page("John's Jobs", owner, made_by=[games])
    rival_page = build.page("Rival Page", rival, made_by=[rival_app])
    managed = build.page("John's Support", owner, made_by=[provider_app])
    john = build.person(
        rival_app,
        rival_page,
        managed,
        stray,
        name="John Smith",
        ids={games: "10152368852405295", movies: "645195294", music: "12345123"},
    )
    phone = build.person(music, jobs, phone_only=True)
    world = World(build.parts())
    return Sample(
        world, games, movies, movies_test, unused, music, jobs, john, phone, owner, rival,
        rival_app, rival_page, provider_app, managed, stray,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, a parsed body and headers."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, int | None]:
        """Error number and subcode."""
        error = self.body["error"]
        return error["code"], error.get("error_subcode")

    @property
    def users(self) -> list[str]:
        """The ids of an edge's rows."""
        return [row["id"] for row in self.body["data"]]


@dataclass(frozen=True, slots=True)
class Api:
    """Calls the simulator over HTTP with the tokens of the sample."""

    simulator: Simulator
    session: aiohttp.ClientSession

    async def get(self, path: str, **params: str) -> Reply:
        """GET with these parameters and nothing else."""
        return await self.send("GET", path, params=params)

    async def app(
        self, app: App, path: str, /, *, proof: bool = False, **params: str
    ) -> Reply:
        """GET with an app token."""
        token = self.simulator.world.app_token(app.id)
        return await self._with(token, app.secret if proof else None, path, params)

    async def page(
        self,
        page: Page,
        path: str,
        /,
        *,
        proof: bool = True,
        by: App | None = None,
        **params: str,
    ) -> Reply:
        """GET with a Page token made by the Page's (first) app."""
        maker = by or self.simulator.world.apps[page.made_by[0]]
        token = self.simulator.world.page_token(page.id, maker.id)
        return await self._with(token, maker.secret if proof else None, path, params)

    async def send(self, method: str, path: str, **options: Any) -> Reply:
        """Any request."""
        url = path if path.startswith("http") else f"{self.simulator.base_url}{path}"
        async with self.session.request(method, url, **options) as answer:
            body = await answer.json(content_type=None)
            return Reply(answer.status, body, dict(answer.headers))

    async def _with(
        self, token: str, secret: str | None, path: str, params: dict[str, str]
    ) -> Reply:
        proof = {"appsecret_proof": proof_of(token, secret)} if secret else {}
        return await self.get(path, access_token=token, **proof, **params)
