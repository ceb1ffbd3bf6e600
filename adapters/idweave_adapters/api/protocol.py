"""What is answered to who speaks no good HTTP: a problem that repeats nothing of it."""

from typing import Final

import orjson
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from idweave_adapters.api.problems import BAD_REQUEST, FAULT, MEDIA_TYPE, Problem
from idweave_adapters.ingress.connections import BoundedServer

ALWAYS: Final = {
    "Server": "idweave",  # without the versions of what it is made of
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer."""


class _Handler(RequestHandler):
    """Stock, the answer quotes the line that could not be read."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Log it as aiohttp does, and answer with a document of ours."""
        super().handle_error(request, status, exc, None)
        kind = FAULT if status >= FAULT.status else BAD_REQUEST
        body = orjson.dumps(dict(Problem(kind).answer.body))
        headers = {**ALWAYS, "Content-Type": MEDIA_TYPE}
        response = web.Response(status=kind.status, body=body, headers=headers)
        response.force_close()
        return response


class ApiHttp(BoundedServer):
    """A bounded server whose own answers are problem documents."""

    def __call__(self) -> RequestHandler:
        """Make what serves one connection."""
        return _Handler(self, loop=self._loop, **self._kwargs)
