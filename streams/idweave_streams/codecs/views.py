"""Values of the assets and holds topics. Operators write assets, so they are plain."""

import orjson

from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import LATEST_MS
from idweave_adapters.strict_json import read_object
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, AssetKind, business_id
from idweave_graph.ownership import Ownership
from idweave_streams.codecs.frame import Json, UnreadableRecordError, pack, unpack
from idweave_streams.codecs.values import get_hold, put_hold

MAX_EPOCH = (1 << 31) - 1
"""Far above any number of owners, and far below what JSON can't hold exactly."""


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
        UnreadableRecordError: it is not as `asset.v1.json` describes it.
    """
    try:
        return _ownership(read_object(data))
    except (UnreadableError, ValueError, TypeError, KeyError, AttributeError):
        msg = "an asset record is not as asset.v1.json describes it; correct it"
        raise UnreadableRecordError(msg) from None


def decode_asset_record(key: bytes | None, value: bytes | None) -> Ownership:
    """Read a record of the assets topic, whose key is its asset.

    Raises:
        UnreadableRecordError: the value is not as `asset.v1.json` describes it, or the
            key names another asset, so that compaction would take away the wrong one.
    """
    ownership = decode_ownership(value)
    if key != str(ownership.asset).encode():
        msg = "the key of an asset record must be its asset; correct it"
        raise UnreadableRecordError(msg)
    return ownership


def _ownership(row: Json) -> Ownership:
    owner, previous = row["business"], row.get("previous")
    return Ownership(
        asset=Asset.parse(row["asset"]),
        business=None if owner is None else business_id(owner),
        epoch=_whole(row["epoch"], MAX_EPOCH),
        parent=_parent(row.get("parent")),
        previous=None if previous is None else business_id(previous),
        since_ms=_whole(row.get("since_ms", 0), LATEST_MS),
    )


def _parent(text: Json) -> Asset | None:
    if text is None:
        return None
    parent = Asset.parse(text)
    if parent.kind is not AssetKind.APP:
        msg = "only an app shares its ids with a test app"
        raise ValueError(msg)
    return parent


def _whole(value: Json, most: int) -> int:
    # JSON Schema's integers: 1.0 is one, true is none.
    if isinstance(value, bool) or not 0 <= value <= most or value != int(value):
        msg = f"a whole number from 0 to {most} is expected"
        raise ValueError(msg)
    return int(value)


def encode_hold(hold: Hold) -> bytes:
    """Write a hold."""
    return pack(put_hold(hold))


def decode_hold(data: bytes | None) -> Hold:
    """Read a hold."""
    return unpack(data, get_hold)
