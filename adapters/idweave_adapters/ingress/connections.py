"""A server that holds no more than so many connections."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler


class BoundedServer(web.Server):
    """Cuts those connections that are too many, before anything is read from them."""

    def __init__(self, *args: Any, connections: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._free = connections

    def connection_made(
        self, handler: RequestHandler, transport: asyncio.Transport
    ) -> None:
        """Count it in."""
        super().connection_made(handler, transport)
        self._free -= 1
        if self._free < 0:
            # Later, because the handler's own task is started after this.
            asyncio.get_running_loop().call_soon(transport.abort)

    def connection_lost(
        self, handler: RequestHandler, exc: BaseException | None = None
    ) -> None:
        """Count it out."""
        super().connection_lost(handler, exc)
        self._free += 1
