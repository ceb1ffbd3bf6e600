"""One module per group of endpoints, and the table that finds them by path."""

from collections.abc import Mapping

from idweave_adapters.simulator.api import errors, fields
from idweave_adapters.simulator.api.call import Call
from idweave_adapters.simulator.api.endpoints import (
    mapping,
    multi,
    node,
    ownership,
    pages_id_mapping,
    tokens,
)
from idweave_adapters.simulator.api.endpoints.asked import Asked, Handler

__all__ = ["Asked", "Handler", "find", "is_of_business", "tokens"]

_NODE_DEPTH = 1
_EDGE_DEPTH = 2

ROOTS: Mapping[str, Handler] = {
    "": multi.read,
    "debug_token": tokens.debug_token,
}
WRITES: Mapping[str, Handler] = {
    "pages_id_mapping": pages_id_mapping.convert,
}
EDGES: Mapping[str, Handler] = {
    **dict.fromkeys(mapping.KINDS, mapping.direct),
    **dict.fromkeys(ownership.EDGES, ownership.read),
}


def is_of_business(call: Call) -> bool:
    """Whether the call is for a list of a business's assets."""
    return len(call.path) == _EDGE_DEPTH and call.path[1] in ownership.EDGES


def find(call: Call) -> tuple[str, Handler]:
    """The name that a call is counted under, and what answers it.

    Raises:
        GraphError: nothing is there, or it is there but cannot be written to.
    """
    path = "/".join(call.path)
    if call.method == "POST" and path in WRITES:
        return path, WRITES[path]
    if call.method != "GET":
        raise errors.unknown_object(path, call.method)
    if path in ROOTS:
        return path or "ids", ROOTS[path]
    if len(call.path) == _NODE_DEPTH:
        return node.route(fields.parse(call.params.get("fields", ""))), node.read
    if len(call.path) == _EDGE_DEPTH and call.path[1] in EDGES:
        return call.path[1], EDGES[call.path[1]]
    raise errors.unknown_path("/".join(call.path[1:]) or path)
