"""What the page asks, asked without it."""

from typing import Any

import aiohttp
from tests.adapters.api.desk import Desk
from tests.support.browser import Explorer

Json = dict[str, Any]


async def asked(explorer: Explorer, path: str) -> Json:
    """Return what the API answers."""
    headers = {"Authorization": f"Bearer {explorer.key}"}
    async with (
        aiohttp.ClientSession(explorer.url) as http,
        http.get(path, headers=headers) as response,
    ):
        found: Json = await response.json()
    return found


def key_of(empty: Desk) -> str:
    """Make a key for a server of which nothing else is asked."""
    return empty.bearer()["Authorization"].removeprefix("Bearer ")
