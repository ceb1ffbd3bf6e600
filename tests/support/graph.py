"""The core on dictionaries: state that carries effects out, and what runs messages."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision, in_force
from idweave_graph.effects import (
    DropErased,
    DropLookup,
    DropMember,
    DropPerson,
    Emit,
    Forget,
    ForgetAsset,
    GraphEffect,
    LookupEffect,
    PutAsset,
    PutBans,
    PutDecisions,
    PutErased,
    PutErasedAsset,
    PutHold,
    PutLookup,
    PutMember,
    PutPerson,
    PutReceipt,
    PutRefusal,
    PutWithdrawals,
    Tell,
    TellErasure,
    TellReceipt,
)
from idweave_graph.erasures import Erased, ErasureRecord
from idweave_graph.events import IdentityEvent
from idweave_graph.evidence import Evidence
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.invariants import violations
from idweave_graph.lookups import Lookup
from idweave_graph.messages import AssetForgotten, Forgotten, LogMessage, Receipt
from idweave_graph.ownership import Ownership
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch, Withdrawals
from idweave_graph.weave import handle


@dataclass
class DictGraph:
    """A `GraphState`. Carrying out effects checks what a caller may rely on."""

    persons: dict[tuple[BusinessId, PersonId], Person] = field(default_factory=dict)
    index: dict[tuple[BusinessId, Member], PersonId] = field(default_factory=dict)
    assets: dict[tuple[BusinessId, Asset], AssetEpoch] = field(default_factory=dict)
    refusals: set[tuple[BusinessId, str]] = field(default_factory=set)
    taken_back: dict[BusinessId, Withdrawals] = field(default_factory=dict)
    receipts: dict[tuple[BusinessId, str], Receipt] = field(default_factory=dict)
    bans: dict[tuple[BusinessId, ScopedId], tuple[Ban, ...]] = field(
        default_factory=dict
    )
    decisions: dict[tuple[BusinessId, Member], tuple[Decision, ...]] = field(
        default_factory=dict
    )
    memory: dict[tuple[BusinessId, ScopedId], Erased] = field(default_factory=dict)
    """Of erasures; a real state does not know whose it is."""
    has_key: bool = True
    """Erasures are remembered."""
    forgotten: list[Forgotten] = field(default_factory=list)
    """What the lookups were told, which is no part of the state."""
    forgotten_assets: list[AssetForgotten] = field(default_factory=list)
    audit: list[ErasureRecord] = field(default_factory=list)
    told: deque[LogMessage] = field(default_factory=deque)
    """What went onto the log, which is no part of the state."""
    reads: int = 0
    """How often anything was asked."""

    def person(self, business: BusinessId, person: PersonId) -> Person | None:
        self.reads += 1
        return self.persons.get((business, person))

    def person_of(self, business: BusinessId, member: Member) -> PersonId | None:
        self.reads += 1
        return self.index.get((business, member))

    def asset(self, business: BusinessId, asset: Asset) -> AssetEpoch | None:
        self.reads += 1
        return self.assets.get((business, asset))

    def is_refusal_known(self, business: BusinessId, refusal: str) -> bool:
        self.reads += 1
        return (business, refusal) in self.refusals

    def withdrawals(self, business: BusinessId) -> Withdrawals:
        self.reads += 1
        return self.taken_back.get(business, Withdrawals())

    def members_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        self.reads += 1
        users = sorted(
            member.user
            for owner, member in self.index
            if owner == business
            and isinstance(member, ScopedId)
            and member.asset == asset
            and member.user > after
        )
        return [ScopedId(asset, user) for user in users[:limit]]

    def bans_of(self, business: BusinessId, scoped: ScopedId) -> tuple[Ban, ...]:
        self.reads += 1
        return self.bans.get((business, scoped), ())

    def banned_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        self.reads += 1
        found = (scoped for owner, scoped in self.bans if owner == business)
        users = sorted(x.user for x in found if x.asset == asset and x.user > after)
        return [ScopedId(asset, user) for user in users[:limit]]

    def decisions_of(
        self, business: BusinessId, member: Member
    ) -> tuple[Decision, ...]:
        self.reads += 1
        return self.decisions.get((business, member), ())

    def decided_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        self.reads += 1
        users = sorted(
            who.user
            for owner, who in self.decisions
            if owner == business
            and isinstance(who, ScopedId)
            and who.asset == asset
            and who.user > after
        )
        return [ScopedId(asset, user) for user in users[:limit]]

    def erased(self, business: BusinessId, scoped: ScopedId) -> Erased | None:
        self.reads += 1
        return self.memory.get((business, scoped))

    def receipt_ms(self, business: BusinessId, receipt: str) -> int | None:
        self.reads += 1
        done = self.receipts.get((business, receipt))
        return None if done is None else done.at_ms

    def apply(self, effects: Iterable[GraphEffect]) -> list[IdentityEvent]:
        """Carry *effects* out in order; return the events."""
        events = []
        for effect in effects:
            match effect:
                case Emit(event):
                    events.append(event)
                case Forget(forgotten):
                    self.forgotten.append(forgotten)
                case Tell(message):
                    self.told.append(message)
                case ForgetAsset() | TellErasure() | PutErased() | DropErased():
                    self._erase(effect)
                case PutPerson() | DropPerson() | PutMember() | DropMember():
                    self._weave(effect)
                case _:
                    self._remember(effect)
        return events

    def _erase(
        self, effect: ForgetAsset | TellErasure | PutErased | DropErased
    ) -> None:
        match effect:
            case ForgetAsset(message):
                self.forgotten_assets.append(message)
            case TellErasure(record):
                self.audit.append(record)
            case PutErased(business, scoped, erased, before) if self.has_key:
                assert self.memory.get((business, scoped)) == before != erased
                self.memory[business, scoped] = erased
            case DropErased(business, by_ms):
                for (owner, scoped), erased in list(self.memory.items()):
                    if owner == business and erased.until_ms < by_ms:
                        del self.memory[owner, scoped]

    def _weave(self, effect: PutPerson | DropPerson | PutMember | DropMember) -> None:
        match effect:
            case PutPerson(person):
                assert self.persons.get((person.business, person.id)) != person
                self.persons[person.business, person.id] = person
            case DropPerson(business, name):
                del self.persons[business, name]
            case PutMember(business, member, name, generation):
                assert self.persons[business, name].generation == generation
                assert self.index.get((business, member)) != name
                self.index[business, member] = name
            case DropMember(business, member):
                del self.index[business, member]

    def _remember(
        self,
        effect: PutAsset
        | PutRefusal
        | PutWithdrawals
        | PutBans
        | PutDecisions
        | PutReceipt,
    ) -> None:
        match effect:
            case PutAsset(business, asset, epoch):
                self.assets[business, asset] = epoch
            case PutRefusal(business, refusal):
                self.refusals.add((business, refusal))
            case PutWithdrawals(business, withdrawals):
                assert self.taken_back.get(business) != withdrawals
                self.taken_back[business] = withdrawals
            case PutBans(business, scoped, bans):
                assert self.bans.pop((business, scoped), ()) != bans
                self.bans |= {(business, scoped): bans} if bans else {}
            case PutDecisions(business, member, decisions):
                assert self.decisions.pop((business, member), ()) != decisions
                self.decisions |= {(business, member): decisions} if decisions else {}
            case PutReceipt(business, receipt):
                self.receipts[business, receipt.code] = receipt

    def assert_sound(self) -> None:
        """Fail unless every rule of `invariants` holds."""
        index = ((b, member, name) for (b, member), name in self.index.items())
        broken = list(violations(self, self.persons.values(), index))
        assert broken == []
        members = sum(len(person.members) for person in self.persons.values())
        assert members == len(self.index)
        for (business, scoped), bans in self.bans.items():
            assert self.taken_back[business].has_bans
            for ban in bans:
                assert scoped in ban.pair
                assert all(ban in self.bans[business, end] for end in ban.pair)
        for (business, member), decisions in self.decisions.items():
            assert self.taken_back[business].has_decisions
            for told in decisions:
                assert member in told.pair
                assert all(told in self.decisions[business, end] for end in told.pair)
                assert all(told.covers(proof) for proof in told.kept)
            for told in set(decisions) - set(in_force(decisions)):
                assert told.kept == ()


def weave(
    messages: Iterable[LogMessage], graph: DictGraph, *, check: bool = True
) -> list[IdentityEvent]:
    """Handle *messages* on *graph*, each with all that it continues with.

    The graph must be sound after each message, and each message must have no effect
    when it comes again right away. Returns all events.
    """
    events = []
    for message in messages:
        graph.told.append(message)
        while graph.told:
            events += step(graph.told.popleft(), graph, check=check)
    return events


def step(
    message: LogMessage, graph: DictGraph, *, check: bool = True
) -> list[IdentityEvent]:
    """Handle one message; what it continues with waits in `graph.told`."""
    events = graph.apply(handle(graph, message))
    if check:
        graph.assert_sound()
        assert [each for each in handle(graph, message) if not _heals(each)] == []
    return events


def _heals(effect: GraphEffect) -> bool:
    """Say whether it only tells a lookup again that its id was erased long ago."""
    return isinstance(effect, Forget) and effect.message.until_ms == 0


def who_is_who(graph: DictGraph) -> dict[PersonId, Person]:
    """The persons without what depends on the way to them."""
    return {
        name: replace(person, generation=0, absorbed=(), titles=())
        for (_, name), person in graph.persons.items()
    }


Sets = set[
    tuple[frozenset[tuple[Member, int]], frozenset[Evidence], frozenset[Evidence]]
]


def sets_of(graph: DictGraph) -> Sets:
    """Each person without their name: members with times, proofs, quarantine."""
    return {
        (
            frozenset(person.members.items()),
            frozenset(person.evidence),
            frozenset(person.quarantined),
        )
        for person in graph.persons.values()
    }


def partition(graph: DictGraph, business: BusinessId) -> set[frozenset[Member]]:
    """Return who is one person in *business*."""
    return {
        frozenset(person.members)
        for (owner, _), person in graph.persons.items()
        if owner == business
    }


@dataclass
class DictLookups:
    """A `LookupState`. Carrying out effects checks what they replace."""

    lookups: dict[ScopedId, Lookup] = field(default_factory=dict)
    memory: dict[ScopedId, Erased] = field(default_factory=dict)
    asset_memory: dict[Asset, Erased] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)

    def lookup(self, scoped: ScopedId) -> Lookup | None:
        return self.lookups.get(scoped)

    def erased(self, scoped: ScopedId) -> Erased | None:
        return self.memory.get(scoped)

    def erased_asset(self, asset: Asset) -> Erased | None:
        return self.asset_memory.get(asset)

    def apply(self, effects: Iterable[LookupEffect]) -> Iterator[LogMessage]:
        """Carry *effects* out in order; yield what goes on the evidence log."""
        for effect in effects:
            match effect:
                case PutLookup(lookup, before):
                    assert self.lookups.get(lookup.seen.id) == before
                    assert lookup != before
                    self.lookups[lookup.seen.id] = lookup
                case DropLookup(lookup):
                    assert self.lookups.pop(lookup.seen.id) == lookup
                case TellReceipt(receipt):
                    self.receipts.append(receipt)
                case Tell(message):
                    yield message
                case PutHold(hold):
                    self.holds[hold.key] = hold
                case _:
                    self._remember(effect)

    def _remember(self, effect: LookupEffect) -> None:
        match effect:
            case PutErased(_, scoped, erased, before):
                assert self.memory.get(scoped) == before != erased
                self.memory[scoped] = erased
            case DropErased(_, by_ms):
                lasting = {w: e for w, e in self.memory.items() if e.until_ms >= by_ms}
                self.memory = lasting
            case PutErasedAsset(asset, erased):
                self.asset_memory[asset] = erased


@dataclass(frozen=True)
class DictOwnership:
    """An `OwnershipView`."""

    known: Mapping[Asset, Ownership]

    def of(self, asset: Asset) -> Ownership | None:
        return self.known.get(asset)
