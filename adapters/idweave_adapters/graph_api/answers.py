"""From what the platform answers to scoped ids and business tokens.

Meta, Messenger ID Matching document: `ids_for_apps` holds `{id, app: {id}}`,
`ids_for_pages` holds `{id, page: {id}}`; all ids are strings, in old samples numbers.
Business Mapping API document: `ids_for_business` looks like `ids_for_apps`, and
`token_for_business` is a text.
The asked id is part of the answer where its own app or Page is. One malformed entry
spoils the whole answer: what is half understood is no proof.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from idweave_adapters.graph_api.errors import ProtocolFault
from idweave_adapters.graph_api.sources import Source
from idweave_graph.ids import Asset, AssetKind, BusinessToken, InvalidIdError, ScopedId

MAX_ID_DIGITS = 32
"""Meta's ids have up to 20 digits."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One of the mapping edges."""

    name: Source
    kind: AssetKind


APPS = Edge(Source.IDS_FOR_APPS, AssetKind.APP)
PAGES = Edge(Source.IDS_FOR_PAGES, AssetKind.PAGE)
BUSINESS = Edge(Source.IDS_FOR_BUSINESS, AssetKind.APP)
EDGES = (APPS, PAGES, BUSINESS)


def is_id(text: str) -> bool:
    """Whether *text* is an id as Meta gives them out.

    Words are none: `me` would ask about the owner of the token, and 0 is nobody.
    """
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_ID_DIGITS
    return is_number and text.strip("0") != ""


def read_id(value: object) -> str:
    """An id as text, never by way of a float.

    Raises:
        ProtocolFault: it is none. JSON numbers beyond 64 bits are read as floats, and
            so are refused and not rounded.
    """
    text = str(value) if isinstance(value, int) else value
    if not isinstance(text, str) or not is_id(text):
        msg = "something is no id where an id must be"
        raise ProtocolFault(msg)
    return text


def read_token(body: Mapping[str, object]) -> BusinessToken | None:
    """The business token in *body*; None where it holds none, which says nothing.

    Raises:
        ProtocolFault: what stands in its place is no token.
    """
    value = body.get(Source.TOKEN_FOR_BUSINESS)
    if value is None:
        return None
    with suppress(InvalidIdError):  # whose trace would keep the value within reach
        return BusinessToken(value)  # type: ignore[arg-type]  # it checks the type too
    msg = "something is no business token where one must be"
    raise ProtocolFault(msg)


def read_entries(part: object, edge: Edge) -> list[ScopedId]:
    """The scoped ids in one page of *edge*, in the order they came.

    Raises:
        ProtocolFault: an entry, or the page, is malformed.
    """
    data = part.get("data") if isinstance(part, Mapping) else None
    if not isinstance(data, list):
        msg = "an edge without its list of ids"
        raise ProtocolFault(msg)
    return [_read_entry(entry, edge) for entry in data]


def _read_entry(entry: object, edge: Edge) -> ScopedId:
    owner = entry.get(edge.kind.value) if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(owner, Mapping):
        msg = "an entry of an edge is malformed"
        raise ProtocolFault(msg)
    asset = Asset(edge.kind, read_id(owner.get("id")))
    return ScopedId(asset, read_id(entry.get("id")))
