"""State as the effects wanted so far will leave it, so that a message can be handled in steps."""

from collections.abc import Sequence

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.effects import (
    DropMember,
    DropPerson,
    GraphEffect,
    PutAsset,
    PutBans,
    PutDecisions,
    PutErased,
    PutMember,
    PutPerson,
    PutWithdrawals,
)
from idweave_graph.erasures import Erased
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch, GraphState, Withdrawals


class Draft:
    """A `GraphState` over another one. What has been wanted is read back at once."""

    def __init__(self, state: GraphState) -> None:
        self.effects: list[GraphEffect] = []
        self._state = state
        self._persons: dict[tuple[BusinessId, PersonId], Person | None] = {}
        self._index: dict[tuple[BusinessId, Member], PersonId | None] = {}
        self._assets: dict[tuple[BusinessId, Asset], AssetEpoch | None] = {}
        self._withdrawals: dict[BusinessId, Withdrawals] = {}
        self._bans: dict[tuple[BusinessId, ScopedId], tuple[Ban, ...]] = {}
        self._decisions: dict[tuple[BusinessId, Member], tuple[Decision, ...]] = {}
        self._erased: dict[tuple[BusinessId, ScopedId], Erased] = {}

    def want(self, *effects: GraphEffect) -> None:
        """Put *effects* behind those that are wanted already."""
        for effect in effects:
            self.effects.append(effect)
            self._apply(effect)

    def _apply(self, effect: GraphEffect) -> None:
        match effect:
            case PutPerson(person):
                self._persons[person.business, person.id] = person
            case DropPerson(business, name):
                self._persons[business, name] = None
            case PutMember(business, member, name, _):
                self._index[business, member] = name
            case DropMember(business, member):
                self._index[business, member] = None
            case _:
                self._remember(effect)

    def _remember(self, effect: GraphEffect) -> None:
        match effect:
            case PutAsset(business, asset, epoch):
                self._assets[business, asset] = epoch
            case PutWithdrawals(business, withdrawals):
                self._withdrawals[business] = withdrawals
            case PutBans(business, scoped, bans):
                self._bans[business, scoped] = bans
            case PutDecisions(business, member, decisions):
                self._decisions[business, member] = decisions
            case PutErased(business, scoped, erased, _):
                self._erased[business, scoped] = erased

    def person(self, business: BusinessId, person: PersonId) -> Person | None:
        """Return the person of that id, None where there is none (any more)."""
        if (business, person) not in self._persons:
            self._persons[business, person] = self._state.person(business, person)
        return self._persons[business, person]

    def person_of(self, business: BusinessId, member: Member) -> PersonId | None:
        """Return the id of the person that *member* belongs to."""
        if (business, member) in self._index:
            return self._index[business, member]
        return self._state.person_of(business, member)

    def asset(self, business: BusinessId, asset: Asset) -> AssetEpoch | None:
        """Return the last epoch of *asset* that the log told of."""
        if (business, asset) not in self._assets:
            self._assets[business, asset] = self._state.asset(business, asset)
        return self._assets[business, asset]

    def is_refusal_known(self, business: BusinessId, refusal: str) -> bool:
        """Say whether the refusal was on record before this message."""
        return self._state.is_refusal_known(business, refusal)

    def withdrawals(self, business: BusinessId) -> Withdrawals:
        """Return what is remembered of withdrawals."""
        if business not in self._withdrawals:
            self._withdrawals[business] = self._state.withdrawals(business)
        return self._withdrawals[business]

    def members_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List up to *limit* members of *asset*, as they were before this message."""
        return self._state.members_of(business, asset, after, limit)

    def bans_of(self, business: BusinessId, scoped: ScopedId) -> tuple[Ban, ...]:
        """Return what was said about *scoped* and others."""
        if (business, scoped) in self._bans:
            return self._bans[business, scoped]
        return self._state.bans_of(business, scoped)

    def banned_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List ids of *asset* that bans name, as they were before this message."""
        return self._state.banned_of(business, asset, after, limit)

    def decisions_of(
        self, business: BusinessId, member: Member
    ) -> tuple[Decision, ...]:
        """Return what was decided about *member* and others."""
        if (business, member) in self._decisions:
            return self._decisions[business, member]
        return self._state.decisions_of(business, member)

    def decided_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List ids of *asset* that decisions name, as they were before this message."""
        return self._state.decided_of(business, asset, after, limit)

    def erased(self, business: BusinessId, scoped: ScopedId) -> Erased | None:
        """Return what is remembered of the erasure of *scoped*."""
        if (business, scoped) in self._erased:
            return self._erased[business, scoped]
        return self._state.erased(business, scoped)

    def receipt_ms(self, business: BusinessId, receipt: str) -> int | None:
        """Return the time of the last request that was carried out before this one."""
        return self._state.receipt_ms(business, receipt)
