"""A Graph API on loopback that answers as the test says, and keeps what it was asked."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import GraphApiClient, Lookup
from idweave_adapters.secret import Secret
from idweave_graph.ids import Asset, AssetKind, ScopedId, business_id

APP = Asset(AssetKind.APP, "259773517400382")
GAME = Asset(AssetKind.APP, "1419232575008550")
PAGE = Asset(AssetKind.PAGE, "380374449010653")
NOW_S = 1_700_000_000
APP_SECRET = "5ecretOfTheApp0123456789abcdef42"
PAGE_TOKEN = "EAAPageTokenOfTheShop000111222333"


def credential(
    asset: Asset = APP,
    *,
    business: str = "900",
    secret: str = APP_SECRET,
    token: str = PAGE_TOKEN,
) -> Credential:
    """What *asset* calls with. A Page's token is made by APP."""
    is_app = asset.kind is AssetKind.APP
    made_by = asset if is_app else APP
    text = f"{asset.id}|{secret}" if is_app else token
    owner = business_id(business)
    return Credential(owner, asset, made_by, Secret(text), Secret(secret))


def lookup(user: str, asset: Asset = APP, **kwargs: str) -> Lookup:
    return Lookup(ScopedId(asset, user), credential(asset, **kwargs))


@dataclass(frozen=True)
class Item:
    """One question of a batch, as it arrived."""

    method: str
    path: str
    params: dict[str, str]


@dataclass(frozen=True)
class Asked:
    """One HTTP request, as it arrived."""

    url: str
    headers: Mapping[str, str]
    form: dict[str, str]
    items: list[Item]


def answered(body: object, code: int = 200, **headers: str) -> dict[str, object]:
    """One item of a batch's answer. Header names are written with underscores."""
    pairs = [{"name": n.replace("_", "-"), "value": v} for n, v in headers.items()]
    return {"code": code, "headers": pairs, "body": json.dumps(body)}


def refused(
    code: int, message: str = "", status: int = 400, **more: object
) -> dict[str, object]:
    return answered({"error": envelope(code, message, **more)}, status)


def envelope(code: int, message: str = "", **more: object) -> dict[str, object]:
    return {"message": message, "type": "OAuthException", "code": code, **more}


def edge(*pairs: tuple[str, Asset], **paging: object) -> dict[str, object]:
    """An edge with one entry per (user, asset)."""
    return {
        "data": [
            {"id": user, asset.kind.value: {"id": asset.id}} for user, asset in pairs
        ],
        "paging": {"cursors": {"before": "b", "after": "a"}, **paging},
    }


Script = Callable[[Asked], object | Awaitable[object]]


@dataclass
class ScriptedGraph:
    """Each request is answered with what *script* makes of it: JSON, or a Response."""

    script: Script = lambda asked: [answered({}) for _ in asked.items]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        items = [_item(raw) for raw in json.loads(form.get("batch", "[]"))]
        asked = Asked(str(request.rel_url), dict(request.headers), form, items)
        self.asked.append(asked)
        result = self.script(asked)
        if isinstance(result, Awaitable):
            result = await result
        if isinstance(result, web.StreamResponse):
            return result
        return web.json_response(result)

    @property
    def items(self) -> list[Item]:
        return [item for asked in self.asked for item in asked.items]

    def each(self, script: Callable[[Item], object]) -> None:
        """Answer item by item."""
        self.script = lambda asked: [script(item) for item in asked.items]

    def client(self, **kwargs: object) -> GraphApiClient:
        return GraphApiClient(self.url, clock=lambda: NOW_S + 0.5, **kwargs)  # type: ignore[arg-type]


def _item(raw: Mapping[str, str]) -> Item:
    parts = urlsplit(raw["relative_url"])
    return Item(raw["method"], parts.path, dict(parse_qsl(parts.query)))


@asynccontextmanager
async def serving() -> AsyncIterator[ScriptedGraph]:
    """A scripted Graph API that listens while the block runs."""
    graph = ScriptedGraph()
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{tail:.*}", graph.handle)
    async with TestServer(app) as server:
        graph.url = str(server.make_url("")).rstrip("/")
        yield graph
