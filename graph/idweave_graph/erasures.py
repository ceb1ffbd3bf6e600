"""What is remembered of an erasure: until when, and what does not count meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_graph.messages import Receipt

EXPIRY_STEP = 200
"""Memories that are over which one message takes away at most."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The memory of an erasure. It does not say whom it is about."""

    at_ms: int
    """What was known up to then was to be forgotten."""
    until_ms: int
    """What is learned later counts again, whoever tells of it."""

    def hides(self, at_ms: int) -> bool:
        """Say whether an event of the id itself, from that time, does not count."""
        return at_ms <= self.at_ms

    def hides_word(self, at_ms: int, sighted_ms: int | None) -> bool:
        """Say whether what others tell of the id, learned at *at_ms*, does not count.

        Args:
            at_ms: when it was learned.
            sighted_ms: when the id was first seen itself, if it was.
        """
        if at_ms <= self.at_ms:
            return True
        is_back = sighted_ms is not None and sighted_ms > self.at_ms
        return not is_back and at_ms <= self.until_ms

    def concerns(self, first_ms: int, sighted_ms: int | None) -> bool:
        """Say whether who is here on these grounds should not be, or not with all."""
        return first_ms <= self.at_ms or (
            sighted_ms is None and first_ms <= self.until_ms
        )

    def joined(self, known: "Erased | None") -> "Erased":
        """Return the memory of both erasures, in whichever order they come."""
        if known is None:
            return self
        at_ms = max(self.at_ms, known.at_ms)
        return Erased(at_ms, max(self.until_ms, known.until_ms))


@dataclass(frozen=True, slots=True)
class AssetErasure:
    """All ids of an asset are being forgotten, bit by bit, or have been."""

    erased: Erased
    after: str | None = None
    """The user id up to which that is done; None: to the end."""
    ids: int = 0
    """How many have been forgotten so far, those of other assets included."""
    waiting: tuple[Receipt, ...] = ()
    """The receipts of who waits for the end."""

    @property
    def is_running(self) -> bool:
        """Say whether some may be left."""
        return self.after is not None


@dataclass(frozen=True, slots=True)
class ErasureRecord:
    """What the audit is told of an erasure: everything but whose ids they were."""

    id: str
    """Names the occasion; hashed from nothing that names a person."""
    business: BusinessId
    subject: ScopedId | Asset = field(repr=False)
    """It leaves the core for one purpose: to be hashed under a key."""
    whole_person: bool
    at_ms: int
    """When it was asked for."""
    ids: int
    """How many scoped ids were forgotten."""
    reason: str
    cause: Cause
    receipt: str
    """Where it is told that it is done; empty where nobody waits for it."""


def lasting(
    known: Mapping[Asset, AssetErasure], now_ms: int
) -> Mapping[Asset, AssetErasure]:
    """Return *known* without what has been done and need not be remembered any more."""
    return {
        asset: each
        for asset, each in known.items()
        if each.is_running or each.erased.until_ms >= now_ms
    }
