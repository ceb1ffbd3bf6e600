"""What every worker knows of all businesses: ownership and holds, in memory."""

from dataclasses import replace

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
    """Which businesses and tokens are held, by the latest news of each.

    Several writers tell of one hold, so records may stand on the topic in another
    order than that of what happened.
    """

    def __init__(self) -> None:
        self._latest: dict[str, Hold] = {}

    def of(self, business: BusinessId, asset: Asset) -> Hold | None:
        """Return what stops the lookups of *asset*'s ids, None while nothing does.

        It is the hold of *business*, or else that of the asset's token.
        """
        return next(iter(self.all_of(business, asset)), None)

    def all_of(self, business: BusinessId, asset: Asset) -> tuple[Hold, ...]:
        """List what stops the lookups of *asset*'s ids, the hold of *business* first."""
        found = (self._in_force(key) for key in (business, f"{business}/{asset}"))
        return tuple(hold for hold in found if hold is not None)

    def of_business(self, business: BusinessId) -> Hold | None:
        """Return the hold of all of *business*, None while there is none."""
        return self._in_force(business)

    def held(self) -> list[Hold]:
        """List all holds that are in force now."""
        return [hold for hold in self._latest.values() if hold.held]

    def probe_now(self, hold: Hold) -> None:
        """Let *hold* be probed at once, if it is still in force as it was."""
        self.probe_at(hold, 0)

    def probe_at(self, hold: Hold, probe_ms: int) -> None:
        """Let *hold* be probed then, if it is still in force as it was.

        Nobody else is told; later news of it takes the place of this.
        """
        if self._latest.get(hold.key) == hold:
            self._latest[hold.key] = replace(hold, probe_ms=probe_ms)

    def _in_force(self, key: str) -> Hold | None:
        latest = self._latest.get(key)
        return latest if latest is not None and latest.held else None

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Take over one record; an unreadable one is passed over."""
        try:
            if value is None:
                self._latest.pop((key or b"").decode(), None)
                return
            hold = decode_hold(value)
        except (UnreadableRecordError, UnicodeDecodeError):
            return
        self.put(hold)

    def put(self, hold: Hold) -> None:
        """Take over a hold, or its end, unless it is known or there is later news."""
        latest = self._latest.get(hold.key)
        # Only the time of the probe is changed here (`probe_at`).
        if latest is None or (
            hold.at_ms >= latest.at_ms
            and replace(latest, probe_ms=hold.probe_ms) != hold
        ):
            self._latest[hold.key] = hold
