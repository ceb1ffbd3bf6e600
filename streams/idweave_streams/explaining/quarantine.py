"""What waits in quarantine, between whom, and what stands against it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import orjson

from idweave_graph.bans import Ban
from idweave_graph.decisions import (
    Decision,
    MemberPair,
    rejection_of,
    standing,
    with_decision,
)
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Evidence, firmer, weaving_order
from idweave_graph.explain import Apart, Step, chain_between, why
from idweave_graph.ids import BusinessId, Member
from idweave_graph.person import Person
from idweave_graph.reading import read_event, read_person
from idweave_streams.explaining.archive import Archive
from idweave_streams.explaining.find import Finder
from idweave_streams.reliable import Record
from idweave_streams.topics import TopicNames

NONE_WAITING = b'"quarantined":[]'
"""What the record of a person holds who has nothing in quarantine."""

Chain = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The proofs in quarantine between two members of one business."""

    business: BusinessId
    pair: MemberPair
    one: Person
    """The person of the first member."""
    two: Person
    proofs: tuple[Evidence, ...]
    """The older first."""

    @property
    def rivals(self) -> tuple[MemberPair, ...]:
        """Each app or Page (or token) of which one person would have both."""
        return tuple(
            (mine, yours)
            for mine in sorted(self.one.members, key=str)
            for yours in sorted(self.two.members, key=str)
            if mine.scope == yours.scope
        )


@dataclass(frozen=True, slots=True)
class Rival:
    """Two members whom one person can't have both, and what holds each where it is."""

    pair: MemberPair
    chains: tuple[Chain, Chain]
    """From either side's end of the proof to its member; empty where it is the end."""


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is known of the proofs between two members."""

    pair: MemberPair
    business: BusinessId
    one: Person | None
    """The person of the first; None: nobody is known by that name (any more)."""
    two: Person | None
    waiting: tuple[Evidence, ...]
    """In quarantine, the older first."""
    holding: tuple[Evidence, ...]
    """What counts: the two are one person."""
    rejected: tuple[Evidence, ...]
    """What was told of that a rejection keeps out."""
    rivals: tuple[Rival, ...]
    bans: tuple[Ban, ...]
    decisions: tuple[Decision, ...]
    """What stands; where nothing does, what was said last."""
    nearby: tuple[MemberPair, ...]
    """Other pairs, one of either person, between whom proofs are in quarantine."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known of either member."""

    pair: MemberPair


class Quarantine:
    """Reads what waits from one archive."""

    def __init__(self, archive: Archive, names: TopicNames) -> None:
        self._archive = archive
        self._names = names
        self._finder = Finder(archive, names)

    async def listed(self, business: BusinessId | None) -> list[Waiting]:
        """Return what waits, by business and then the older first."""
        found: dict[bytes, Person] = {}
        take = _persons(found, lambda p: business is None or p.business == business)
        await self._archive.read(self._names.persons, take)
        return sorted(_waiting(found.values()), key=_place)

    async def shown(self, one: Member, two: Member) -> Shown | Unknown:
        """Return what is known of the proofs between two members."""
        named = (await self._finder.named(one), await self._finder.named(two))
        first, second = sorted(named, key=str)
        pair = (first, second)
        homes = [await self._finder.homes(each) for each in pair]
        business = next((each for each in homes[0] if each in homes[1]), None)
        business = business or next((each for home in homes for each in home), None)
        events = await self._told(business)
        if business is None:
            business = next((e.business for e in events if _decides(e, pair)), None)
        if business is None:
            return Unknown(pair)
        ours = [event for event in events if event.business == business]
        return _shown(pair, business, (homes[0], homes[1]), ours)

    async def _told(self, business: BusinessId | None) -> list[IdentityEvent]:
        found: list[IdentityEvent] = []
        marks = (b'"decisions":', b'"bans":')

        def take(record: Record) -> None:
            value = record.value or b""
            if any(mark in value for mark in marks):
                event = read_event(orjson.loads(value))
                found.extend([] if event is None else [event])

        keys = None if business is None else {business}
        await self._archive.read(self._names.policy, take, keys)
        return await self._finder.in_epoch(found)


def _persons(
    found: dict[bytes, Person], wanted: Callable[[Person], bool]
) -> Callable[[Record], None]:
    """Keep whoever has something in quarantine, as they were last told of."""

    def take(record: Record) -> None:
        key, value = record.key or b"", record.value
        found.pop(key, None)
        if value is None or NONE_WAITING in value:
            return
        person = read_person(orjson.loads(value))
        if person.quarantined and wanted(person):
            found[key] = person

    return take


def _waiting(persons: Iterable[Person]) -> Iterable[Waiting]:
    listed = list(persons)
    home = {(p.business, who): p for p in listed for who in p.members}
    pairs: dict[tuple[BusinessId, MemberPair], dict[object, Evidence]] = {}
    for person in listed:
        for proof in person.quarantined:
            place = (person.business, (proof.a, proof.b))
            pairs.setdefault(place, {})[proof.key] = proof
    for (business, pair), proofs in pairs.items():
        one, two = (home.get((business, end)) for end in pair)
        if one is not None and two is not None and one.id != two.id:
            ordered = sorted(proofs.values(), key=weaving_order)
            yield Waiting(business, pair, one, two, tuple(ordered))


def _place(each: Waiting) -> tuple[str, int, str]:
    return (each.business, each.proofs[0].at_ms, str(each.pair))


def _decides(event: IdentityEvent, pair: MemberPair) -> bool:
    return any(told.pair == pair for told in event.decisions)


def _shown(
    pair: MemberPair,
    business: BusinessId,
    homes: tuple[Mapping[BusinessId, Person], Mapping[BusinessId, Person]],
    events: list[IdentityEvent],
) -> Shown:
    one, two = (home.get(business) for home in homes)
    proofs = {p.key: p for who in (one, two) if who for p in who.quarantined}
    waiting = [p for p in proofs.values() if (p.a, p.b) == pair]
    holding = [p for p in (one.evidence if one else ()) if (p.a, p.b) == pair]
    known: tuple[Decision, ...] = ()
    for told in (d for event in events for d in event.decisions if d.pair == pair):
        known = with_decision(known, told)
    rejection = rejection_of(known, pair)
    return Shown(
        pair=pair,
        business=business,
        one=one,
        two=two,
        waiting=tuple(sorted(waiting, key=weaving_order)),
        holding=tuple(sorted(holding, key=weaving_order)),
        rejected=() if rejection is None else _told_proofs(events, rejection),
        rivals=_rivals(pair, one, two) if waiting else (),
        bans=_bans(pair, one, two, events),
        decisions=standing(known) or known[-1:],
        nearby=_nearby(pair, one, two),
    )


def _told_proofs(
    events: Iterable[IdentityEvent], rejection: Decision
) -> tuple[Evidence, ...]:
    kept: dict[object, Evidence] = {}
    for event in events:
        if event.type is EventType.DECIDED and _decides(event, rejection.pair):
            for proof in filter(rejection.covers, event.proofs):
                kept[proof.key] = firmer(kept.get(proof.key, proof), proof)
    return tuple(sorted(kept.values(), key=weaving_order))


def _rivals(
    pair: MemberPair, one: Person | None, two: Person | None
) -> tuple[Rival, ...]:
    if one is None or two is None:
        return ()
    waiting = Waiting(one.business, pair, one, two, ())
    return tuple(
        Rival(
            (mine, yours),
            (
                chain_between(one.evidence, pair[0], mine) or (),
                chain_between(two.evidence, pair[1], yours) or (),
            ),
        )
        for mine, yours in waiting.rivals
    )


def _bans(
    pair: MemberPair,
    one: Person | None,
    two: Person | None,
    events: list[IdentityEvent],
) -> tuple[Ban, ...]:
    if one is None or two is None or one.id == two.id:
        return ()
    verdict = why((pair[0], one), (pair[1], two), events)
    return verdict.bans if isinstance(verdict, Apart) else ()


def _nearby(
    pair: MemberPair, one: Person | None, two: Person | None
) -> tuple[MemberPair, ...]:
    if one is None or two is None or one.id == two.id:
        return ()
    both = {p.key: p for p in (*one.quarantined, *two.quarantined)}
    across = (
        (p.a, p.b)
        for p in both.values()
        if any(
            a in one.members and b in two.members for a, b in ((p.a, p.b), (p.b, p.a))
        )
    )
    return tuple(sorted({each for each in across if each != pair}, key=str))
