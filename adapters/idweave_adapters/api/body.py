"""Bodies: plain JSON, bounded, and there in time."""

import asyncio

from aiohttp import web

from idweave_adapters.api.limits import Limits
from idweave_adapters.api.problems import BAD_MEDIA, BAD_REQUEST, TOO_LARGE, Problem


async def read_body(request: web.BaseRequest, limits: Limits) -> bytes:
    """Return the body.

    Raises:
        Problem: it is too large, too slow, compressed, broken, or no JSON by its type.
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(BAD_MEDIA, "send it without a content encoding")
    if request.content_type != "application/json":
        raise Problem(BAD_MEDIA, "its type must be application/json")
    try:
        async with asyncio.timeout(limits.read_s):
            return await _all_of(request, limits.body_bytes)
    except TimeoutError:
        raise Problem(BAD_REQUEST, "the body took too long; send it at once") from None
    except (web.PayloadAccessError, web.RequestPayloadError, ConnectionError):
        raise Problem(BAD_REQUEST, "the body is incomplete") from None


async def _all_of(request: web.BaseRequest, limit_bytes: int) -> bytes:
    too_large = Problem(TOO_LARGE, f"it may have {limit_bytes} bytes")
    if (request.content_length or 0) > limit_bytes:
        raise too_large
    parts = bytearray()
    async for part in request.content.iter_any():
        parts += part
        if len(parts) > limit_bytes:
            raise too_large
    return bytes(parts)
