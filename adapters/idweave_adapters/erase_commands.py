"""The command by which all ids of an app or a Page are forgotten."""

from dataclasses import dataclass
from typing import Any, Final

from idweave_adapters import command_fields as fields
from idweave_graph.ids import Asset, InvalidIdError

ERASE_ASSET: Final = "erase-asset"

_REQUIRED: Final = ("type", "asset", "at_ms", "source")
_OPTIONAL: Final = ("receipt",)


@dataclass(frozen=True, slots=True)
class RequestedAssetErasure:
    """All ids of an app or a Page are to be forgotten, whoever owns it."""

    asset: Asset
    at_ms: int
    """When it was asked for, in unix milliseconds; whoever is seen later stays."""
    source: str
    """Which way it came in."""
    receipt: str = ""
    """Under which code it is told that it is done; empty: nobody waits for it."""


def asset_erasure_document(requested: RequestedAssetErasure) -> dict[str, Any]:
    """Return the command as `command.v1.json` has it."""
    document: dict[str, Any] = {
        "type": ERASE_ASSET,
        "asset": str(requested.asset),
        "at_ms": requested.at_ms,
        "source": requested.source,
    }
    return document | ({"receipt": requested.receipt} if requested.receipt else {})


def read_asset_erasure(row: dict[str, Any]) -> RequestedAssetErasure:
    """Read a command whose type is `ERASE_ASSET`.

    Raises:
        UnreadableError: it is not as `command.v1.json` has it. One that names a user
            is refused: of whoever wrote it the other half may be meant.
    """
    fields.check_names(row, required=_REQUIRED, optional=_OPTIONAL)
    return RequestedAssetErasure(
        asset=_asset(row),
        at_ms=fields.time_ms(row),
        source=fields.source(row),
        receipt=fields.receipt(row),
    )


def _asset(row: dict[str, Any]) -> Asset:
    text = row["asset"]
    try:
        if isinstance(text, str):
            return Asset.parse(text)
    except InvalidIdError:
        pass
    raise fields.invalid("asset must be app:<id> or page:<id>, a text")
