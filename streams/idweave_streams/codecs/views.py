"""Values of the assets and holds topics. Operators write assets, so they are plain."""

import orjson

from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, business_id
from idweave_graph.ownership import Ownership
from idweave_streams.codecs.frame import Json, UnreadableRecordError, pack, unpack


def encode_ownership(ownership: Ownership) -> bytes:
    """Write who owns an asset, as plain JSON."""
    return orjson.dumps(
        {
            "asset": str(ownership.asset),
            "business": ownership.business,
            "epoch": ownership.epoch,
            "parent": None if ownership.parent is None else str(ownership.parent),
            "previous": ownership.previous,
            "since_ms": ownership.since_ms,
        }
    )


def decode_ownership(data: bytes | None) -> Ownership:
    """Read who owns an asset; keys that are not known here are passed over.

    Raises:
        UnreadableRecordError: it is no JSON object with `asset`, `business`, `epoch`.
    """
    try:
        return _ownership(orjson.loads(data or b""))
    except (ValueError, TypeError, KeyError, AttributeError):
        msg = "an asset record needs asset, business (or null) and epoch"
        raise UnreadableRecordError(msg) from None


def _ownership(row: Json) -> Ownership:
    owner, parent, previous = row["business"], row.get("parent"), row.get("previous")
    return Ownership(
        asset=Asset.parse(row["asset"]),
        business=None if owner is None else business_id(owner),
        epoch=int(row["epoch"]),
        parent=None if parent is None else Asset.parse(parent),
        previous=None if previous is None else business_id(previous),
        since_ms=int(row.get("since_ms", 0)),
    )


def encode_hold(hold: Hold) -> bytes:
    """Write the hold of a business."""
    return pack(
        {
            "b": hold.business,
            "h": hold.held,
            "s": hold.since_ms,
            "p": hold.probe_ms,
            "r": hold.reason,
        }
    )


def decode_hold(data: bytes | None) -> Hold:
    """Read the hold of a business."""
    return unpack(data, _hold)


def _hold(row: Json) -> Hold:
    return Hold(
        business=business_id(row["b"]),
        held=bool(row["h"]),
        since_ms=int(row["s"]),
        probe_ms=int(row["p"]),
        reason=str(row["r"]),
    )
