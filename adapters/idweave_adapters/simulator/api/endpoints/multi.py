"""`/?ids=a,b`: several nodes in one read. Gone in v26.0; batch is the way since."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from idweave_adapters.simulator.api import errors
from idweave_adapters.simulator.api.endpoints import node
from idweave_adapters.simulator.api.endpoints.asked import Asked
from idweave_adapters.simulator.state import State

_MOST = 50
_GONE = (26, 0)


def read(state: State, asked: Asked) -> Mapping[str, Any]:
    """Answer nodes keyed by id. One bad id fails the whole call.

    Raises:
        GraphError: v26.0 or later, no or more than 50 ids, or a node's own error.
    """
    ids = [each for each in asked.call.params.get("ids", "").split(",") if each]
    if asked.version >= _GONE or not ids:
        raise errors.unknown_object("")
    if len(ids) > _MOST:
        raise errors.bad_parameter(
            f"Too many IDs. Maximum: {_MOST}. Provided: {len(ids)}."
        )
    return {
        each: node.read(state, replace(asked, call=replace(asked.call, path=(each,))))
        for each in ids
    }
