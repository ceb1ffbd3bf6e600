"""Changes of ownership in, messages on the evidence log of both sides out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId
from idweave_graph.messages import AssetChanged, LogMessage
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_asset_record,
    encode_log,
)
from idweave_streams.dead_letters import dead_letter
from idweave_streams.packing import Packer
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.topics import TopicNames

STAGE = "assets"
UNREADABLE_ASSET = "asset-record"
"""Dead-letter code: an asset record without asset, business (or null) and epoch."""


@dataclass(frozen=True, slots=True)
class Assets:
    """Handles records of the assets topic. It keeps no state."""

    names: TopicNames

    def handle(self, unit: Unit, records: Sequence[Record]) -> None:
        """Tell the graphs of the old and the new owner, in order."""
        log: Packer[str, LogMessage] = Packer()
        for record in records:
            if record.value is None:
                continue  # the asset is forgotten: events about it are unknown now
            try:
                ownership = decode_asset_record(record.key, record.value)
            except UnreadableRecordError:
                topic = self.names.dead_letters
                unit.send(
                    dead_letter(topic, record, stage=STAGE, code=UNREADABLE_ASSET)
                )
                continue
            cause = Cause(record.topic, record.partition, record.offset)
            for message in changes(ownership, cause):
                log.add(message.business, message)
        for business, value in log.records(encode_log):
            unit.send(Output(self.names.evidence, business.encode(), value))


def changes(ownership: Ownership, cause: Cause) -> Iterator[AssetChanged]:
    """Yield what one record means for the business that gained and the one that lost.

    The old owner loses the epoch before this one; where there is no new owner yet,
    the epoch that is over is this one itself.
    """

    def change(business: BusinessId, epoch: int, *, owned: bool) -> AssetChanged:
        asset, at_ms = ownership.asset, ownership.since_ms
        return AssetChanged(business, asset, epoch, owned, at_ms, cause)

    gap = ownership.business is None
    if ownership.previous is not None:
        lost = ownership.epoch if gap else ownership.epoch - 1
        yield change(ownership.previous, lost, owned=False)
    if ownership.business is not None:
        yield change(ownership.business, ownership.epoch, owned=True)
