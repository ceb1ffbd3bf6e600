"""Documents of the commands topic: what somebody entitled to it wants done about an id.

`command.v1.json` is the contract; this module accepts what it accepts. It is strict,
unlike events: of a command that erases, a misspelled field must not be passed over.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from idweave_adapters import command_fields as fields
from idweave_adapters.ban_commands import BanKind, RequestedBan, ban_document, read_ban
from idweave_adapters.command_fields import MAX_SOURCE_CHARS, RECEIPT
from idweave_adapters.decision_commands import (
    RequestedDecision,
    decision_request,
    read_decision,
)
from idweave_adapters.erase_commands import (
    ERASE_ASSET,
    RequestedAssetErasure,
    asset_erasure_document,
    read_asset_erasure,
)
from idweave_adapters.strict_json import DEFAULT_LIMIT_BYTES, read_object
from idweave_graph.decisions import Verdict
from idweave_graph.ids import ScopedId
from idweave_graph.messages import CommandKind

__all__ = [
    "MAX_SOURCE_CHARS",
    "RECEIPT",
    "AnyRequest",
    "Requested",
    "command_key",
    "decode_command",
    "encode_command",
]

_REQUIRED: Final = ("type", "asset", "user", "at_ms", "source")
_OPTIONAL: Final = ("receipt",)


@dataclass(frozen=True, slots=True)
class Requested:
    """Something is to be done about a scoped id, whoever owns its asset."""

    scoped: ScopedId = field(repr=False)
    kind: CommandKind
    at_ms: int
    """When it was asked for, in unix milliseconds."""
    source: str
    """Which way it came in."""
    receipt: str = ""
    """Under which code it is told that it is done; empty: nobody waits for it."""


AnyRequest = Requested | RequestedBan | RequestedDecision | RequestedAssetErasure
"""What the commands topic may ask for."""


def encode_command(requested: AnyRequest) -> bytes:
    """Write one command, as `command.v1.json` has it."""
    if isinstance(requested, RequestedAssetErasure):
        return orjson.dumps(asset_erasure_document(requested))
    if isinstance(requested, RequestedDecision):
        return orjson.dumps(decision_request(requested))
    if isinstance(requested, RequestedBan):
        return orjson.dumps(ban_document(requested))
    document = {
        "type": requested.kind,
        "asset": str(requested.scoped.asset),
        "user": requested.scoped.user,
        "at_ms": requested.at_ms,
        "source": requested.source,
    }
    if requested.receipt:
        document["receipt"] = requested.receipt
    return orjson.dumps(document)


def command_key(requested: AnyRequest) -> bytes:
    """Return the key of its record: all commands about one id keep their order."""
    if isinstance(requested, RequestedAssetErasure):
        return str(requested.asset).encode()
    return str(requested.scoped).encode()


def decode_command(
    value: bytes | None, *, limit_bytes: int = DEFAULT_LIMIT_BYTES
) -> AnyRequest:
    """Read one command.

    Raises:
        UnreadableError: it is not as `command.v1.json` has it. Nothing of it is used.
    """
    row = read_object(value, limit_bytes=limit_bytes)
    if row.get("type") in list(BanKind):
        return read_ban(row)
    if row.get("type") in list(Verdict):
        return read_decision(row)
    if row.get("type") == ERASE_ASSET:
        return read_asset_erasure(row)
    fields.check_names(row, required=_REQUIRED, optional=_OPTIONAL)
    return Requested(
        fields.scoped(row, "asset", "user"),
        _kind(row),
        fields.time_ms(row),
        fields.source(row),
        fields.receipt(row),
    )


def _kind(row: dict[str, Any]) -> CommandKind:
    try:
        return CommandKind(row["type"])
    except ValueError:
        kinds = ", ".join((*CommandKind, ERASE_ASSET, *BanKind, *Verdict))
        raise fields.invalid(f"type must be one of {kinds}") from None
