"""What every worker knows of all businesses: ownership and holds, in memory."""

from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, InvalidIdError
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_asset_record,
    decode_hold,
)


class OwnershipBook:
    """Who owns which app and Page, as the assets topic last said."""

    def __init__(self) -> None:
        self._of: dict[Asset, Ownership] = {}

    def of(self, asset: Asset) -> Ownership | None:
        """Return the ownership of *asset*, None where nobody has told."""
        return self._of.get(asset)

    def all(self) -> tuple[Ownership, ...]:
        """Return what is known of every asset."""
        return tuple(self._of.values())

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Take over one record; an unreadable one is passed over.

        The assets stage puts unreadable records into the dead letters.
        """
        try:
            if value is None:
                self._of.pop(Asset.parse((key or b"").decode()), None)
                return
            ownership = decode_asset_record(key, value)
        except (UnreadableRecordError, InvalidIdError, UnicodeDecodeError):
            return
        known = self._of.get(ownership.asset)
        if known is None or ownership.epoch >= known.epoch:
            self._of[ownership.asset] = ownership

    def __len__(self) -> int:
        return len(self._of)


class HoldBook:
    """Which businesses are held, by the latest news of each.

    Several writers tell of one business, so records may stand on the topic in another
    order than that of what happened.
    """

    def __init__(self) -> None:
        self._latest: dict[BusinessId, Hold] = {}

    def of(self, business: BusinessId) -> Hold | None:
        """Return the hold of *business*, None while it is free."""
        latest = self._latest.get(business)
        return latest if latest is not None and latest.held else None

    def held(self) -> list[Hold]:
        """List the holds of all businesses that are held now."""
        return [hold for hold in self._latest.values() if hold.held]

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Take over one record; an unreadable one is passed over."""
        try:
            if value is None:
                self._latest.pop(BusinessId((key or b"").decode()), None)
                return
            hold = decode_hold(value)
        except (UnreadableRecordError, UnicodeDecodeError):
            return
        self.put(hold)

    def put(self, hold: Hold) -> None:
        """Take over a hold, or its end, unless there is later news."""
        latest = self._latest.get(hold.business)
        if latest is None or hold.since_ms >= latest.since_ms:
            self._latest[hold.business] = hold
