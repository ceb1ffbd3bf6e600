"""Who has a lookup: a model of its own, from what the stage of lookups was told."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import singledispatchmethod

from tests.simulation.after import After

from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_graph.messages import (
    AssetForgotten,
    Command,
    CommandKind,
    Forgotten,
    Sighting,
)
from idweave_graph.resolve import ResolveMessage


def lookups_are_of_the_seen(after: After) -> Iterator[str]:
    """Who was seen since they were last forgotten has a lookup; nobody else has one."""
    expected: set[ScopedId] = set()
    for messages in after.said_by_partition.values():
        model = _Model()
        for message in messages:
            model.tell(message)
        expected |= model.known.keys()
    for scoped in sorted(after.lookups.keys() - expected):
        yield f"{scoped} has a lookup, though it was forgotten"
    for scoped in sorted(expected - after.lookups.keys()):
        yield f"{scoped} has no lookup"


@dataclass(frozen=True, slots=True)
class _Known:
    business: BusinessId
    epoch: int
    first_ms: int


@dataclass(slots=True)
class _Model:
    """One partition. What is remembered of erasures does not end within a run."""

    known: dict[ScopedId, _Known] = field(default_factory=dict)
    erased_ms: dict[ScopedId, int] = field(default_factory=dict)
    assets_erased_ms: dict[Asset, int] = field(default_factory=dict)

    @singledispatchmethod
    def tell(self, message: ResolveMessage) -> None:
        """Take in what concerns no lookup."""

    @tell.register
    def _(self, message: Sighting) -> None:
        seen, at_ms = message.seen, message.at_ms
        before = self.known.get(seen.id)
        now = _Known(message.business, seen.epoch, at_ms)
        is_same = before is not None and before.epoch == seen.epoch
        asset_ms = self.assets_erased_ms.get(seen.id.asset, -1)
        is_known = before is not None and is_same and before.first_ms <= at_ms
        if at_ms <= asset_ms:
            return
        if not is_known and at_ms <= self.erased_ms.get(seen.id, -1):
            return
        if before is None or seen.epoch > before.epoch:
            self.known[seen.id] = now
        elif is_same:
            first_ms = min(before.first_ms, at_ms)
            is_outlived = before.first_ms <= asset_ms
            self.known[seen.id] = replace(
                now, first_ms=at_ms if is_outlived else first_ms
            )

    @tell.register
    def _(self, message: Forgotten) -> None:
        self._remember(message.id, message.at_ms, message.until_ms)
        before = self.known.get(message.id)
        if (
            before is not None
            and before.business == message.business
            and before.first_ms <= message.at_ms
        ):
            del self.known[message.id]

    @tell.register
    def _(self, message: AssetForgotten) -> None:
        if message.until_ms:
            before_ms = self.assets_erased_ms.get(message.asset, -1)
            self.assets_erased_ms[message.asset] = max(before_ms, message.at_ms)

    @tell.register
    def _(self, message: Command) -> None:
        if message.kind is CommandKind.DEAUTHORIZE:
            return
        scoped = message.seen.id
        self._remember(scoped, message.at_ms, message.until_ms)
        before = self.known.get(scoped)
        if before is None or before.first_ms > message.at_ms:
            return
        is_left_over = before.epoch < message.seen.epoch
        if before.business == message.business or is_left_over:
            del self.known[scoped]

    def _remember(self, scoped: ScopedId, at_ms: int, until_ms: int) -> None:
        if until_ms:
            self.erased_ms[scoped] = max(at_ms, self.erased_ms.get(scoped, -1))
