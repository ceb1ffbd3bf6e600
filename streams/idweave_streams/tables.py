"""How the core's state lies in the two tables: one table per stage, keys by prefix.

A business is part of every key of the graph, so no key can belong to two of them.
`|` occurs in no id; a business token may hold it, and stands last in its key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from idweave_adapters.erasure_key import ErasureKey
from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.erasures import Erased
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.lookups import Lookup
from idweave_graph.messages import Receipt
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch, Withdrawals
from idweave_streams.codecs import (
    decode_asset_epoch,
    decode_bans,
    decode_decisions,
    decode_lookup,
    decode_person,
    decode_person_id,
    decode_receipt_ms,
    decode_withdrawals,
    encode_asset_epoch,
    encode_bans,
    encode_decisions,
    encode_lookup,
    encode_person,
    encode_person_id,
    encode_receipt_ms,
    encode_withdrawals,
)
from idweave_streams.erasures import NOWHERE, find_erased, find_erased_asset
from idweave_streams.reliable import Readable, Unit

GRAPH_TABLE = "graph"
"""`p|business|person`, `m|business|member`, `a|business|asset`, `r|business|event`,
`w|business` for what was taken back, `b|business|scoped id` for bans,
`v|business|member` for decisions, `d|business|receipt` for what is done,
`x|business|hash` for erased ids, and `y|business|until|hash` for when that ends."""
LOOKUP_TABLE = "lookups"
"""`l|scoped id`, and `q|business|asset|due|user` for those that are to be asked;
`x||hash` and `y||until|hash` for erased ids, and `z|asset` for erased assets."""

_WAITING = b"q|"
_AFTER_BAR = bytes([ord("|") + 1])
DUE_DIGITS = 14
"""Milliseconds since 1970 have 13 digits until the year 2286."""
_NEXT = b"\0"
"""Behind a key, it makes the smallest one after it."""


@dataclass(frozen=True, slots=True)
class GraphTable:
    """The graph of every business of one partition."""

    unit: Readable
    key: ErasureKey | None = field(default=None, repr=False)
    """Under which erasures are remembered; None: none is."""

    def person(self, business: BusinessId, person: PersonId) -> Person | None:
        """Return the person of that id, None where there is none (any more)."""
        data = self.unit.get(_key("p", business, person))
        return None if data is None else decode_person(data)

    def person_of(self, business: BusinessId, member: Member) -> PersonId | None:
        """Return the id of the person that *member* belongs to."""
        data = self.unit.get(_key("m", business, str(member)))
        return None if data is None else decode_person_id(data)

    def asset(self, business: BusinessId, asset: Asset) -> AssetEpoch | None:
        """Return the last epoch of *asset* that the log told of."""
        data = self.unit.get(_key("a", business, str(asset)))
        return None if data is None else decode_asset_epoch(data)

    def is_refusal_known(self, business: BusinessId, refusal: str) -> bool:
        """Say whether the refusal of that event id is on record."""
        return self.unit.get(_key("r", business, refusal)) is not None

    def withdrawals(self, business: BusinessId) -> Withdrawals:
        """Return what is remembered of withdrawals, as `Withdrawals()` at first."""
        data = self.unit.get(_key("w", business))
        return Withdrawals() if data is None else decode_withdrawals(data)

    def members_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List up to *limit* members of *asset*, by user id, from behind *after* on."""
        return self._ids("m", business, asset, after, limit)

    def bans_of(self, business: BusinessId, scoped: ScopedId) -> tuple[Ban, ...]:
        """Return what was said about *scoped* and others, by pair."""
        data = self.unit.get(_key("b", business, str(scoped)))
        return () if data is None else decode_bans(data)

    def banned_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List up to *limit* ids of *asset* that bans name, as `members_of` does."""
        return self._ids("b", business, asset, after, limit)

    def decisions_of(
        self, business: BusinessId, member: Member
    ) -> tuple[Decision, ...]:
        """Return what was decided about *member* and others, by pair."""
        data = self.unit.get(_key("v", business, str(member)))
        return () if data is None else decode_decisions(data)

    def decided_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List up to *limit* ids of *asset* that decisions name, as `members_of` does."""
        return self._ids("v", business, asset, after, limit)

    def erased(self, business: BusinessId, scoped: ScopedId) -> Erased | None:
        """Return what is remembered of the erasure of *scoped*."""
        return find_erased(self.unit, self.key, business, scoped)

    def receipt_ms(self, business: BusinessId, receipt: str) -> int | None:
        """Return the time of the last request under *receipt* that is carried out."""
        data = self.unit.get(_key("d", business, receipt))
        return None if data is None else decode_receipt_ms(data)

    def _ids(
        self, kind: str, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> list[ScopedId]:
        prefix = _key(kind, business, f"{asset}:")
        found = self.unit.scan(prefix, prefix + after.encode() + _NEXT)
        users = (key[len(prefix) :].decode() for key, _ in islice(found, limit))
        return [ScopedId(asset, user) for user in users]


def put_person(unit: Unit, person: Person) -> None:
    """Write *person*."""
    unit.put(_key("p", person.business, person.id), encode_person(person))


def drop_person(unit: Unit, business: BusinessId, person: PersonId) -> None:
    """Take the person of that id away."""
    unit.delete(_key("p", business, person))


def put_member(
    unit: Unit, business: BusinessId, member: Member, person: PersonId
) -> None:
    """Let *member* belong to *person*."""
    unit.put(_key("m", business, str(member)), encode_person_id(person))


def put_withdrawals(unit: Unit, business: BusinessId, withdrawals: Withdrawals) -> None:
    """Remember what was taken back in the graph of *business*."""
    unit.put(_key("w", business), encode_withdrawals(withdrawals))


def put_bans(
    unit: Unit, business: BusinessId, scoped: ScopedId, bans: tuple[Ban, ...]
) -> None:
    """Remember what was said about *scoped* and others."""
    key = _key("b", business, str(scoped))
    if bans:
        unit.put(key, encode_bans(bans))
    else:
        unit.delete(key)


def put_decisions(
    unit: Unit, business: BusinessId, member: Member, decisions: tuple[Decision, ...]
) -> None:
    """Remember what was decided about *member* and others."""
    key = _key("v", business, str(member))
    if decisions:
        unit.put(key, encode_decisions(decisions))
    else:
        unit.delete(key)


def put_receipt(unit: Unit, business: BusinessId, receipt: Receipt) -> None:
    """Remember that *receipt* is for something that is carried out."""
    key = _key("d", business, receipt.code)
    unit.put(key, encode_receipt_ms(receipt.at_ms))


def drop_member(unit: Unit, business: BusinessId, member: Member) -> None:
    """Let *member* be nobody's."""
    unit.delete(_key("m", business, str(member)))


def put_asset(
    unit: Unit, business: BusinessId, asset: Asset, epoch: AssetEpoch
) -> None:
    """Remember the epoch of *asset*."""
    unit.put(_key("a", business, str(asset)), encode_asset_epoch(epoch))


def put_refusal(unit: Unit, business: BusinessId, refusal: str) -> None:
    """Remember that the refusal of that event id was told."""
    unit.put(_key("r", business, refusal), b"\x01")


@dataclass(frozen=True, slots=True, order=True)
class Lane:
    """The lookups of one asset's ids: one token asks them, so they wait together."""

    business: BusinessId
    asset: Asset

    @classmethod
    def of(cls, lookup: Lookup) -> "Lane":
        """Return the lane that *lookup* stands in."""
        return cls(lookup.business, lookup.seen.id.asset)


@dataclass(frozen=True, slots=True)
class LookupTable:
    """The lookups of one partition."""

    unit: Readable
    key: ErasureKey | None = field(default=None, repr=False)
    """Under which erasures are remembered; None: none is."""
    assets: dict[Asset, Erased | None] | None = field(default=None, repr=False)
    """What was read of erased assets, for a reader that many events come to."""

    def lookup(self, scoped: ScopedId) -> Lookup | None:
        """Return the lookup of *scoped*, None where it was never seen."""
        data = self.unit.get(_key("l", str(scoped)))
        return None if data is None else decode_lookup(data)

    def erased(self, scoped: ScopedId) -> Erased | None:
        """Return what is remembered of the erasure of *scoped*, whoever owned it."""
        return find_erased(self.unit, self.key, NOWHERE, scoped)

    def erased_asset(self, asset: Asset) -> Erased | None:
        """Return what is remembered of the erasure of all ids of *asset*."""
        if self.assets is None:
            return find_erased_asset(self.unit, asset)
        if asset not in self.assets:
            self.assets[asset] = find_erased_asset(self.unit, asset)
        return self.assets[asset]

    def due(
        self, lane: Lane, start: tuple[int, ScopedId] | None = None
    ) -> Iterator[tuple[int, ScopedId]]:
        """List what is to be asked in *lane*, the earliest due time first.

        Args:
            lane: whose lookups.
            start: the first place that is of interest. What was deleted before it
                need not be passed over.
        """
        prefix = _lane_key(lane)
        first = prefix if start is None else prefix + _place(*start)
        for key, _ in self.unit.scan(prefix, first):
            due, _, user = key[len(prefix) :].partition(b"|")
            yield int(due), ScopedId(lane.asset, user.decode())

    def waiting_lanes(self) -> Iterator[Lane]:
        """List the lanes in which something is to be asked, now or later."""
        start = _WAITING
        while found := next(iter(self.unit.scan(_WAITING, start)), None):
            _, business, asset, _ = found[0].split(b"|", 3)
            lane = Lane(BusinessId(business.decode()), Asset.parse(asset.decode()))
            yield lane
            start = _lane_key(lane)[:-1] + _AFTER_BAR


def put_lookup(unit: Unit, lookup: Lookup, before: Lookup | None) -> None:
    """Write *lookup*, and move it in the order of due times."""
    unit.put(_key("l", str(lookup.seen.id)), encode_lookup(lookup))
    place = _due_key(lookup) if lookup.is_open else None
    old_place = _due_key(before) if before is not None and before.is_open else None
    if old_place is not None and old_place != place:
        unit.delete(old_place)
    if place is not None and place != old_place:
        unit.put(place, b"\x01")


def drop_lookup(unit: Unit, lookup: Lookup) -> None:
    """Take *lookup* away, and out of the order of due times."""
    unit.delete(_key("l", str(lookup.seen.id)))
    if lookup.is_open:
        unit.delete(_due_key(lookup))


def _due_key(lookup: Lookup) -> bytes:
    return _lane_key(Lane.of(lookup)) + _place(lookup.due_ms, lookup.seen.id)


def _lane_key(lane: Lane) -> bytes:
    return _key("q", lane.business, str(lane.asset), "")


def _place(due_ms: int, scoped: ScopedId) -> bytes:
    return f"{due_ms:0{DUE_DIGITS}d}|{scoped.user}".encode()


def _key(*parts: str) -> bytes:
    return "|".join(parts).encode()
