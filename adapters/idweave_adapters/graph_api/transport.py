"""One POST over HTTP: bounded in time and size, and every failure a value.

Foreign errors are turned into ours here and not chained: an HTTP library's error may
quote what the server sent, and a server may send back what it was sent.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address

import aiohttp
from yarl import URL

from idweave_adapters.graph_api.errors import (
    ConfigurationFault,
    GraphApiError,
    ProtocolFault,
    Transient,
)

MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""50 items of 200 ids each take about 1 MB; the rest is room for headers and names."""

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class InvalidBaseUrlError(ValueError):
    """The address of the Graph API can't be used."""


def root_url(base_url: str, version: str, *, plain_http: bool) -> URL:
    """The versioned root that everything is posted to.

    Args:
        base_url: such as https://graph.facebook.com.
        version: such as v25.0.
        plain_http: whether secrets may travel unencrypted to another machine.

    Raises:
        InvalidBaseUrlError: the address would lose or show secrets.
    """
    url = URL(base_url)
    if url.user or url.password or url.query_string or url.fragment or not url.host:
        msg = "the address of the Graph API must be a plain https://host[:port][/path]"
        raise InvalidBaseUrlError(msg)
    is_local = _is_loopback(url.host)
    if url.scheme != "https" and not (
        url.scheme == "http" and (is_local or plain_http)
    ):
        msg = (
            "the address of the Graph API must begin with https://, since tokens travel"
            " in each request; allow plain HTTP only for a simulator of your own"
        )
        raise InvalidBaseUrlError(msg)
    return url / version / ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def post(
    session: aiohttp.ClientSession,
    url: URL,
    form: bytes,
    *,
    times: aiohttp.ClientTimeout,
    max_bytes: int = MAX_ANSWER_BYTES,
) -> HttpAnswer | GraphApiError:
    """Send *form* and read the whole answer.

    Redirects are not followed, as they would carry the tokens to another address.
    """
    try:
        async with session.post(
            url, data=form, headers=_FORM, timeout=times, allow_redirects=False
        ) as response:
            return await _answer(response, max_bytes)
    except aiohttp.ClientSSLError:
        return ConfigurationFault(
            "no trusted TLS connection to the Graph API; check its address and the"
            " certificates of this machine"
        )
    except aiohttp.ClientResponseError:
        return ProtocolFault("the answer is not HTTP")
    except TimeoutError:
        return Transient("no answer in time; ask again later")
    except (aiohttp.ClientError, OSError):
        return Transient("no connection to the Graph API; ask again later")


async def _answer(
    response: aiohttp.ClientResponse, max_bytes: int
) -> HttpAnswer | GraphApiError:
    body = await _read(response, max_bytes)
    if body is None:
        return ProtocolFault("the answer is longer than any right one")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpAnswer(response.status, headers, body)


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes | None:
    """The body, or None when it is longer than *max_bytes*; never much more is kept."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            return None
    return bytes(body)
