"""The core on dictionaries: state that carries effects out, and what runs messages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from idweave_graph.effects import (
    DropPerson,
    Emit,
    GraphEffect,
    LookupEffect,
    PutAsset,
    PutHold,
    PutLookup,
    PutMember,
    PutPerson,
    PutRefusal,
    Tell,
)
from idweave_graph.events import IdentityEvent
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.invariants import violations
from idweave_graph.lookups import Lookup
from idweave_graph.messages import LogMessage
from idweave_graph.ownership import Ownership
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch
from idweave_graph.weave import handle


@dataclass
class DictGraph:
    """A `GraphState`. Carrying out effects checks what a caller may rely on."""

    persons: dict[tuple[BusinessId, PersonId], Person] = field(default_factory=dict)
    index: dict[tuple[BusinessId, Member], PersonId] = field(default_factory=dict)
    assets: dict[tuple[BusinessId, Asset], AssetEpoch] = field(default_factory=dict)
    refusals: set[tuple[BusinessId, str]] = field(default_factory=set)
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

    def apply(self, effects: Iterable[GraphEffect]) -> list[IdentityEvent]:
        """Carry *effects* out in order; return the events."""
        events = []
        for effect in effects:
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
                case PutAsset(business, asset, epoch):
                    self.assets[business, asset] = epoch
                case PutRefusal(business, refusal):
                    self.refusals.add((business, refusal))
                case Emit(event):
                    events.append(event)
        return events

    def assert_sound(self) -> None:
        """Fail unless every rule of `invariants` holds."""
        index = ((b, member, name) for (b, member), name in self.index.items())
        broken = list(violations(self, self.persons.values(), index))
        assert broken == []
        members = sum(len(person.members) for person in self.persons.values())
        assert members == len(self.index)


def weave(
    messages: Iterable[LogMessage], graph: DictGraph, *, check: bool = True
) -> list[IdentityEvent]:
    """Handle *messages* on *graph*; return all events.

    The graph must be sound after each message, and each message must have no effect
    when it comes again right away.
    """
    events = []
    for message in messages:
        events += graph.apply(handle(graph, message))
        if check:
            graph.assert_sound()
            assert handle(graph, message) == []
    return events


def who_is_who(graph: DictGraph) -> dict[PersonId, Person]:
    """The persons without what depends on the way to them: generation, absorbed."""
    return {
        name: replace(person, generation=0, absorbed=())
        for (_, name), person in graph.persons.items()
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
    holds: dict[str, Hold] = field(default_factory=dict)

    def lookup(self, scoped: ScopedId) -> Lookup | None:
        return self.lookups.get(scoped)

    def apply(self, effects: Iterable[LookupEffect]) -> Iterator[LogMessage]:
        """Carry *effects* out in order; yield what goes on the evidence log."""
        for effect in effects:
            match effect:
                case PutLookup(lookup, before):
                    assert self.lookups.get(lookup.seen.id) == before
                    assert lookup != before
                    self.lookups[lookup.seen.id] = lookup
                case Tell(message):
                    yield message
                case PutHold(hold):
                    self.holds[hold.key] = hold


@dataclass(frozen=True)
class DictOwnership:
    """An `OwnershipView`."""

    known: Mapping[Asset, Ownership]

    def of(self, asset: Asset) -> Ownership | None:
        return self.known.get(asset)
