"""What businesses say they own, set against what is known: the records to write.

Nobody tells when an asset changes its owner, so businesses are asked for their lists
again and again. Two rules keep a wrong list from doing harm: an asset that two claim
is nobody's, and a business that could not be read has said nothing, least of all that
it owns nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from idweave_graph.ids import Asset, AssetKind, BusinessId
from idweave_graph.ownership import Ownership


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that one business's lists say, read to their ends."""

    business: BusinessId
    owned: frozenset[Asset]
    shared: frozenset[Asset] = frozenset()
    """Others own them and let this business work on them: never its own."""
    pending: frozenset[Asset] = frozenset()
    """It has claimed them, and nobody has confirmed that: not its own yet."""


class ChangeKind(StrEnum):
    """What happened to an asset."""

    GAINED = "gained"
    """It has an owner, and had none."""
    MOVED = "moved"
    """It has another owner."""
    LOST = "lost"
    """It has no owner any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record to write."""

    kind: ChangeKind
    record: Ownership
    before: Ownership | None


class DisputeKind(StrEnum):
    """Why nobody may use an asset that somebody claims."""

    CONTESTED = "contested"
    """Several businesses list it as their own, and it can have one owner only."""
    DOUBTED = "doubted"
    """One lists it, and the owner before it could not be read."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """An asset that is claimed and that nobody may use until a person has looked."""

    kind: DisputeKind
    asset: Asset
    claimants: tuple[BusinessId, ...]
    owner: BusinessId | None
    """The last one that is known."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An app that works for businesses that do not own it: a service provider's.

    Mapping ids with its tokens is not allowed (Mapping Users document, Policy).
    """

    app: Asset
    owner: BusinessId | None
    customers: tuple[BusinessId, ...]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What the lists come to. Everything in it is in the order of the assets."""

    changes: tuple[Change, ...]
    disputes: tuple[Dispute, ...]
    providers: tuple[Provider, ...]


def reconcile(
    known: Iterable[Ownership],
    told: Collection[Holdings],
    *,
    at_ms: int,
    unread: Collection[BusinessId] = (),
    makers: Iterable[tuple[BusinessId, Asset]] = (),
) -> Reconciliation:
    """Compare the lists with what is known. Applying the changes leaves nothing to do.

    Args:
        known: what the assets topic says now, one per asset.
        told: the lists of each business that was read. Their order does not matter.
        at_ms: unix milliseconds; a record is never older than the one it replaces.
        unread: businesses that were asked and could not be read. What they own stays,
            unless somebody else claims it; then it is doubted.
        makers: apps that made the Page tokens of a business.

    Raises:
        ValueError: a business is both read and unread.
    """
    if {each.business for each in told} & set(unread):
        msg = "a business was either read or not"
        raise ValueError(msg)
    by_asset = {each.asset: each for each in known}
    verdicts = _Verdicts(
        known=by_asset,
        claims=_claims(told, by_asset),
        read=frozenset(each.business for each in told),
        unread=frozenset(unread),
        at_ms=at_ms,
    )
    for asset in sorted(by_asset.keys() | verdicts.claims.keys()):
        verdicts.judge(asset)
    now = by_asset | {change.record.asset: change.record for change in verdicts.changes}
    return Reconciliation(
        changes=tuple(verdicts.changes),
        disputes=tuple(verdicts.disputes),
        providers=tuple(_providers(told, makers, now)),
    )


_Claims = Mapping[Asset, frozenset[BusinessId]]


def _claims(told: Iterable[Holdings], known: Mapping[Asset, Ownership]) -> _Claims:
    """Who lists which asset as their own.

    Whether lists hold test apps is not documented. One that is not listed itself goes
    with the app whose ids it shares.
    """
    claims: dict[Asset, frozenset[BusinessId]] = {}
    for holdings in told:
        for asset in holdings.owned:
            claims[asset] = claims.get(asset, frozenset()) | {holdings.business}
    for asset, ownership in known.items():
        if ownership.parent in claims and asset not in claims:
            claims[asset] = claims[ownership.parent]
    return claims


@dataclass(slots=True)
class _Verdicts:
    """Judges asset by asset."""

    known: Mapping[Asset, Ownership]
    claims: _Claims
    read: frozenset[BusinessId]
    unread: frozenset[BusinessId]
    at_ms: int
    changes: list[Change] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)

    def judge(self, asset: Asset) -> None:
        """Add what is to be done about one asset, if anything."""
        now = self.known.get(asset)
        claimants = tuple(sorted(self.claims.get(asset, ())))
        if dispute := self._dispute(asset, now, claimants):
            self.disputes.append(dispute)
            self._end(now)
        elif claimants:
            self._grant(asset, now, claimants[0])
        elif now is not None and now.business in self.read:
            self._end(now)

    def _dispute(
        self, asset: Asset, now: Ownership | None, claimants: tuple[BusinessId, ...]
    ) -> Dispute | None:
        last = None if now is None else now.business or now.previous
        if len(claimants) > 1:
            return Dispute(DisputeKind.CONTESTED, asset, claimants, last)
        # Silence of the unread is no consent: it may list the asset as well.
        if claimants and last in self.unread:
            return Dispute(DisputeKind.DOUBTED, asset, claimants, last)
        return None

    def _grant(self, asset: Asset, now: Ownership | None, owner: BusinessId) -> None:
        if now is None:
            record = Ownership(asset, owner, epoch=1, since_ms=self.at_ms)
            self.changes.append(Change(ChangeKind.GAINED, record, None))
        elif now.business != owner:
            kind = ChangeKind.MOVED if now.business else ChangeKind.GAINED
            # Named after a gap too: the record of the gap may be compacted away
            # before everybody has read that the last owner has lost the asset.
            record = replace(
                now,
                business=owner,
                epoch=now.epoch + 1,
                previous=now.business or now.previous,
                since_ms=max(self.at_ms, now.since_ms),
            )
            self.changes.append(Change(kind, record, now))

    def _end(self, now: Ownership | None) -> None:
        if now is None or now.business is None:
            return
        record = replace(
            now,
            business=None,
            previous=now.business,
            since_ms=max(self.at_ms, now.since_ms),
        )
        self.changes.append(Change(ChangeKind.LOST, record, now))


def _providers(
    told: Iterable[Holdings],
    makers: Iterable[tuple[BusinessId, Asset]],
    now: Mapping[Asset, Ownership],
) -> Iterator[Provider]:
    customers: dict[Asset, set[BusinessId]] = {}
    for business, app in makers:
        customers.setdefault(app, set()).add(business)
    for holdings in told:
        for asset in holdings.shared:
            if asset.kind is AssetKind.APP:
                customers.setdefault(asset, set()).add(holdings.business)
    for app in sorted(customers):
        owner = now[app].business if app in now else None
        if others := customers[app] - {owner}:
            yield Provider(app, owner, tuple(sorted(others)))
