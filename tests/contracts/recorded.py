"""The samples of Meta's documents, played by an HTTP server, and a world that fits them.

Sources: Messenger ID Matching, Mapping Users Across Apps and Pages (both editions), and
Business Mapping API. They are printed with comments, with `"paging": ...` and with a
comma missing, so they are valid JSON here by hand; all else is as printed. Answers to a
filter are not printed: they are the printed row. So is the number of the error for an
app in no business not printed.
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer

from idweave_adapters.simulator import World, WorldBuilder

GAMES, MOVIES, MUSIC = "1419232575008550", "259773517400382", "380374449010653"
JOHN_IN_GAMES, JOHN_IN_MOVIES, JOHN_ON_MUSIC = (
    "10152368852405295",
    "645195294",
    "12345123",
)
MAPPED = {
    "647733625268125": "10153949089790582",
    "370612223054807": "605665581",
    "194890427204075": "10154053730190582",
}
"""The apps of the Business Mapping API's sample, and one person's ids in them."""
TOKEN_APP, TOKEN_USER, TOKEN = "647733625268125", "1234567890", "weg23ro87gfewblwjef"

PAGING = {"cursors": {"before": "QVFIUjRtc2c5", "after": "QVFIUmZANd2xx"}}
GAMES_ROW = {
    "id": JOHN_IN_GAMES,
    "app": {
        "category": "Business",
        "link": "https://www.facebook.com/games/?app_id=1419232575008550",
        "name": "John's Game App",
        "id": GAMES,
    },
}
MOVIES_ROW = {
    "id": JOHN_IN_MOVIES,
    "app": {
        "link": "https://apps.facebook.com/johnsmovieappns/",
        "name": "JohnsMovieApp",
        "namespace": "johnsmovieappns",
        "id": MOVIES,
    },
}
MUSIC_ROW = {
    "id": JOHN_ON_MUSIC,
    "page": {
        "category": "Musician",
        "link": "https://www.facebook.com/Johns-Next-Great-Thing-380374449010653/",
        "name": "John's Next Great Thing",
        "id": MUSIC,
    },
}
APPS = {"data": [GAMES_ROW, MOVIES_ROW], "paging": PAGING}
PAGES = {"data": [MUSIC_ROW], "paging": PAGING}
BOTH = {"ids_for_apps": APPS, "ids_for_pages": PAGES}
BUSINESS = {
    "data": [
        {
            "id": user,
            "app": {
                "name": f"Business's App {number}",
                "namespace": f"business_app_{number}",
                "id": app,
            },
        }
        for number, (app, user) in enumerate(MAPPED.items(), 1)
    ]
}

Call = tuple[str, str, str]
"""The asset that asks, the path, and the app or Page that is filtered by."""

SAMPLES: Mapping[Call, Mapping[str, Any]] = {
    (MUSIC, f"{JOHN_ON_MUSIC}/ids_for_apps", ""): APPS,
    (MUSIC, f"{JOHN_ON_MUSIC}/ids_for_apps", GAMES): {"data": [GAMES_ROW]},
    (MOVIES, f"{JOHN_IN_MOVIES}/ids_for_pages", ""): PAGES,
    (MOVIES, f"{JOHN_IN_MOVIES}/ids_for_pages", MUSIC): PAGES,
    (MOVIES, f"{JOHN_IN_MOVIES}/ids_for_apps", ""): APPS,
    (MOVIES, f"{JOHN_IN_MOVIES}/ids_for_apps", GAMES): {"data": [GAMES_ROW]},
    (MUSIC, f"{JOHN_ON_MUSIC}/ids_for_pages", ""): PAGES,
    (MUSIC, f"{JOHN_ON_MUSIC}/ids_for_pages", MUSIC): PAGES,
    (MOVIES, JOHN_IN_MOVIES, ""): {
        "name": "John Smith",
        "age_range": {"min": 21},
        **BOTH,
        "id": JOHN_IN_MOVIES,
    },
    # The outer id is printed so, though the question is about the Page's id.
    (MUSIC, JOHN_ON_MUSIC, ""): {
        "name": "John Smith",
        "is_payment_enabled": True,
        **BOTH,
        "id": JOHN_IN_MOVIES,
    },
    (TOKEN_APP, f"{MAPPED[TOKEN_APP]}/ids_for_business", ""): BUSINESS,
    (TOKEN_APP, TOKEN_USER, ""): {"id": TOKEN_USER, "token_for_business": TOKEN},
}

REVIEW = {
    "message": "(#200) Your business is currently going through review to access this"
    " API.",
    "type": "OAuthException",
    "code": 200,
}
NO_BUSINESS = {
    "message": "(#100) The app is not associated with a Business Manager",
    "type": "OAuthException",
    "code": 100,
}
UNPROVED = {
    "message": "Invalid appsecret_proof provided in the API argument",
    "type": "GraphMethodException",
    "code": 100,
}
UNKNOWN = {
    "message": "Unsupported get request. Object with ID does not exist",
    "type": "GraphMethodException",
    "code": 100,
    "error_subcode": 33,
}


def documented_world() -> World:
    """The people, apps and Pages of the samples, for the simulator."""
    build = WorldBuilder(seed=5)
    johns, mapped = build.business("John's"), build.business("Mapped")
    games = build.app("John's Game App", johns, id=GAMES)
    movies = build.app("JohnsMovieApp", johns, id=MOVIES)
    music = build.page("John's Next Great Thing", johns, id=MUSIC, made_by=[movies])
    build.person(
        ids={games: JOHN_IN_GAMES, movies: JOHN_IN_MOVIES, music: JOHN_ON_MUSIC}
    )
    apps = {app: build.app(f"App {app}", mapped, id=app) for app in MAPPED}
    for number in (4, 5):
        build.app(f"Business's App {number}", mapped)  # which the person never used
    build.person(ids={apps[app]: user for app, user in MAPPED.items()})
    build.person(ids={apps[TOKEN_APP]: TOKEN_USER})
    return World(build.parts())


@dataclass
class RecordedGraph:
    """Plays the samples to whoever asks with the right token and proof."""

    world: World
    url: str = ""
    error: Mapping[str, Any] | None = None
    """Said in place of every sample."""
    asked: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        items = json.loads(str((await request.post())["batch"]))
        return web.json_response([self._item(each["relative_url"]) for each in items])

    def _item(self, address: str) -> dict[str, Any]:
        parts = urlsplit(address)
        self.asked.append(parts.path)
        params = dict(parse_qsl(parts.query))
        body = self._body(parts.path, params)
        headers = [{"name": "Facebook-API-Version", "value": "v25.0"}]
        status = 400 if "error" in body else 200
        return {"code": status, "headers": headers, "body": json.dumps(body)}

    def _body(self, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        asking = self._asking(params)
        if not asking:
            return {"error": UNPROVED}
        only = params.get("page" if path.endswith("pages") else "app", "")
        sample = SAMPLES.get((asking, path, only))
        if sample is None:
            return {"error": UNKNOWN}
        return {"error": self.error} if self.error else sample

    def _asking(self, params: Mapping[str, str]) -> str:
        """Whose token it is; nobody's unless it is proved."""
        token = params["access_token"]
        app_id, _, secret = token.partition("|")
        asset = app_id
        if found := self.world.page_of(token):
            asset, secret = found[0].id, found[1].secret
        signed = f"{token}|{params['appsecret_time']}".encode()
        proof = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return asset if proof == params["appsecret_proof"] else ""


@asynccontextmanager
async def playing(world: World) -> AsyncIterator[RecordedGraph]:
    """A server that plays the samples while the block runs."""
    graph = RecordedGraph(world)
    app = web.Application()
    app.router.add_post("/v25.0/", graph.handle)
    async with TestServer(app) as server:
        graph.url = str(server.make_url("")).rstrip("/")
        yield graph
