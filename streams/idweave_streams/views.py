"""What every worker knows of all businesses: ownership and holds, in memory."""

from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, InvalidIdError
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_hold,
    decode_ownership,
)


class OwnershipBook:
    """Who owns which app and Page, as the assets topic last said."""

    def __init__(self) -> None:
        self._of: dict[Asset, Ownership] = {}

    def of(self, asset: Asset) -> Ownership | None:
        """Return the ownership of *asset*, None where nobody has told."""
        return self._of.get(asset)

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Take over one record; an unreadable one is passed over.

        The assets stage puts unreadable records into the dead letters.
        """
        try:
            if value is None:
                self._of.pop(Asset.parse((key or b"").decode()), None)
                return
            ownership = decode_ownership(value)
        except (UnreadableRecordError, InvalidIdError, UnicodeDecodeError):
            return
        known = self._of.get(ownership.asset)
        if known is None or ownership.epoch >= known.epoch:
            self._of[ownership.asset] = ownership

    def __len__(self) -> int:
        return len(self._of)


class HoldBook:
    """Which businesses are held, as the holds topic last said."""

    def __init__(self) -> None:
        self._of: dict[BusinessId, Hold] = {}

    def of(self, business: BusinessId) -> Hold | None:
        """Return the hold of *business*, None while it is free."""
        return self._of.get(business)

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Take over one record; an unreadable one is passed over."""
        try:
            if value is None:
                self._of.pop(BusinessId((key or b"").decode()), None)
                return
            hold = decode_hold(value)
        except (UnreadableRecordError, UnicodeDecodeError):
            return
        self.put(hold)

    def put(self, hold: Hold) -> None:
        """Take over one hold, or its end."""
        if hold.held:
            self._of[hold.business] = hold
        else:
            self._of.pop(hold.business, None)

    def held(self) -> list[Hold]:
        """List all businesses that are held now."""
        return list(self._of.values())
