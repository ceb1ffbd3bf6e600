"""What is remembered of erasures."""

from collections.abc import Mapping

from idweave_graph.erasures import AssetErasure, Erased
from idweave_graph.ids import Asset
from idweave_graph.messages import Receipt
from idweave_streams.codecs.frame import Json, pack, unpack
from idweave_streams.codecs.values import get_asset, get_text


def encode_erased(erased: Erased) -> bytes:
    """Write the memory of an erasure."""
    return pack([erased.at_ms, erased.until_ms])


def decode_erased(data: bytes) -> Erased:
    """Read the memory of an erasure."""
    return unpack(data, _erased)


def _erased(row: Json) -> Erased:
    at_ms, until_ms = row
    return Erased(int(at_ms), int(until_ms))


def put_erasing(erasing: Mapping[Asset, AssetErasure]) -> Json:
    """Write which assets' ids are being forgotten, or have been."""
    return [
        [
            str(asset),
            each.erased.at_ms,
            each.erased.until_ms,
            each.after,
            each.ids,
            [[receipt.code, receipt.at_ms] for receipt in each.waiting],
        ]
        for asset, each in erasing.items()
    ]


def get_erasing(rows: Json) -> dict[Asset, AssetErasure]:
    """Read which assets' ids are being forgotten, or have been."""
    return {get_asset(row[0]): _erasing(row) for row in rows}


def _erasing(row: Json) -> AssetErasure:
    _, at_ms, until_ms, after, ids, waiting = row
    return AssetErasure(
        erased=Erased(int(at_ms), int(until_ms)),
        after=None if after is None else get_text(after),
        ids=int(ids),
        waiting=tuple(
            Receipt(get_text(code), int(asked), 0) for code, asked in waiting
        ),
    )
