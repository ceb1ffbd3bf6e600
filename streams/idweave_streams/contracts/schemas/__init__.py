"""The shipped schemas, by name, and what is needed to use one of them alone."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any, Final

Schema = dict[str, Any]
"""A JSON Schema."""

NAMES: Final = (
    "alias",
    "asset",
    "command",
    "common",
    "dead-letter-headers",
    "erasure",
    "event",
    "event-headers",
    "hold",
    "person",
    "policy",
    "receipt",
)
"""One per kind of value; `common` holds what they share."""

URN: Final = "urn:idweave:schema:{}:v1"
"""The `$id` of each schema, by which the others refer to it."""

_IDS: Final = {URN.format(name): name for name in NAMES}


def own_schema(name: str) -> Schema:
    """Return the schema as it is in its file; it may refer to others by URN.

    Raises:
        KeyError: there is no schema of that name; `NAMES` lists them.
    """
    if name not in NAMES:
        msg = f"there is no schema {name!r}; there are {', '.join(NAMES)}"
        raise KeyError(msg)
    file = resources.files(__package__) / f"{name}.v1.json"
    loaded: Schema = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def schema(name: str) -> Schema:
    """Return the schema with all others that it needs in its `$defs`.

    So it can be given to a validator, or sent to somebody, as it is: a compound schema
    document as JSON Schema 2020-12 defines it.

    Raises:
        KeyError: there is no schema of that name; `NAMES` lists them.
    """
    found = own_schema(name)
    needed: dict[str, Schema] = {}
    missing = _named_in(found)
    while missing:
        other = missing.pop()
        needed[other] = own_schema(other)
        missing |= _named_in(needed[other]) - needed.keys()
    if needed:
        own = found.get("$defs", {})
        found["$defs"] = own | {other: needed[other] for other in sorted(needed)}
    return found


def references(part: object) -> Iterator[str]:
    """Yield every `$ref` in a schema or a part of one."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def _named_in(part: Schema) -> set[str]:
    targets = {reference.partition("#")[0] for reference in references(part)}
    return {_IDS[target] for target in targets if target}
