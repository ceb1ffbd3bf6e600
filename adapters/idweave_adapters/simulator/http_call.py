"""Turns an HTTP request into a call: query, form or JSON body, bearer token."""

from typing import Any

import orjson
from aiohttp import web

from idweave_adapters.simulator.api.call import Call, call, form

_BEARER = "Bearer "


class UnreadableBodyError(ValueError):
    """The body is not what its content type says."""


async def call_of(request: web.BaseRequest) -> Call:
    """Read one request. Parameters of the body win over those of the URL.

    Raises:
        UnreadableBodyError: the body cannot be read.
    """
    params = form(request.rel_url.raw_query_string) | await _body(request)
    bearer = request.headers.get("Authorization", "")
    if bearer.startswith(_BEARER) and "access_token" not in params:
        # headers may hold bytes that are no text; as a token they only have to be wrong
        token = bearer.removeprefix(_BEARER).strip()
        params["access_token"] = token.encode(errors="replace").decode()
    return call(request.method, request.rel_url.raw_path, params)


async def _body(request: web.BaseRequest) -> dict[str, str]:
    if not request.can_read_body:
        return {}
    try:
        if request.content_type == "application/json":
            return _flat(orjson.loads(await request.read()))
        if request.content_type == "multipart/form-data":
            parts = await request.post()
            return {
                each: value for each, value in parts.items() if isinstance(value, str)
            }
        return form(await request.text())
    except (ValueError, LookupError):
        msg = "the body cannot be read"
        raise UnreadableBodyError(msg) from None


def _flat(body: Any) -> dict[str, str]:
    if not isinstance(body, dict):
        msg = "a JSON body must be an object"
        raise UnreadableBodyError(msg)
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in body.items()
    }
