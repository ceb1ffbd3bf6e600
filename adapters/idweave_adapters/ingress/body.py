"""The bytes of one request, as they were sent, within the limits."""

import asyncio

from aiohttp import HttpVersion11, web
from aiohttp.web_protocol import RequestPayloadError

from idweave_adapters.ingress import replies
from idweave_adapters.ingress.admission import Place
from idweave_adapters.ingress.limits import Limits


async def read_body(request: web.BaseRequest, place: Place, limits: Limits) -> bytes:
    """Return the whole body; *place* holds its bytes.

    Nothing is decompressed: the server is made without that, since a signature is over
    the bytes as they were sent.

    Raises:
        Refused: it is too large, too slow or incomplete, or memory is short.
    """
    announced = request.content_length
    if announced is not None and announced > limits.body_bytes:
        raise replies.too_large(limits.body_bytes)
    await _invite(request)
    try:
        async with asyncio.timeout(limits.read_s):
            return await _read(request, place, limits)
    except TimeoutError:
        raise replies.too_slow() from None
    except RequestPayloadError:
        raise replies.broken_body() from None


async def _read(request: web.BaseRequest, place: Place, limits: Limits) -> bytes:
    parts, size_bytes = [], 0
    async for part in request.content.iter_any():
        size_bytes += len(part)
        if size_bytes > limits.body_bytes:
            raise replies.too_large(limits.body_bytes)
        place.hold(len(part))
        parts.append(part)
    return b"".join(parts)


async def _invite(request: web.BaseRequest) -> None:
    """Tell a sender that waits for leave to send its body to do so."""
    expected = request.headers.get("Expect")
    if expected is None or request.version < HttpVersion11:
        return
    if expected.lower() != "100-continue":
        raise replies.bad_expectation()
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    # The writer takes what was written for the start of the answer.
    request.writer.output_size = 0
