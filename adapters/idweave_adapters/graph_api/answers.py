"""From a mapping edge's answer to scoped ids.

Meta, Messenger ID Matching document: `ids_for_apps` holds `{id, app: {id}}`,
`ids_for_pages` holds `{id, page: {id}}`; all ids are strings, in old samples numbers.
The asked id is part of the answer where its own app or Page is. One malformed entry
spoils the whole answer: what is half understood is no proof.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from idweave_adapters.graph_api.errors import ProtocolFault
from idweave_graph.ids import Asset, AssetKind, ScopedId

MAX_ID_DIGITS = 32
"""Meta's ids have up to 20 digits."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One of the two mapping edges."""

    name: str
    kind: AssetKind


APPS = Edge("ids_for_apps", AssetKind.APP)
PAGES = Edge("ids_for_pages", AssetKind.PAGE)


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
