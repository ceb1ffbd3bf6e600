"""The tables hold what the core keeps, apart by business, in the order of due times."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support import wire_strategies as wire
from tests.support.graph import DictGraph
from tests.support.stages import KEY, PARTITIONS

from idweave_graph.effects import Emit
from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, BusinessId, ScopedId, business_id
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.messages import LogMessage
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch
from idweave_graph.weave import handle
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import encode_log
from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import Record, Unit
from idweave_streams.tables import (
    GraphTable,
    Lane,
    LookupTable,
    drop_person,
    put_asset,
    put_lookup,
    put_member,
    put_person,
    put_refusal,
)
from idweave_streams.topics import TopicNames

NAMES = TopicNames.build()
APP = Asset.parse("app:1")


def write(table: LocalTable, change: Callable[[Unit], None]) -> Mapping[bytes, object]:
    """Run *change* in a unit of work of its own and store it; return what it wrote."""
    unit = Unit(0, table)
    change(unit)
    table.write(unit.changes)
    return unit.changes


def put_graph(unit: Unit, person: Person, refusal: str, epoch: AssetEpoch) -> None:
    put_person(unit, person)
    for member in person.members:
        put_member(unit, person.business, member, person.id)
        if isinstance(member, ScopedId):
            put_asset(unit, person.business, member.asset, epoch)
    put_refusal(unit, person.business, refusal)


@given(person=wire.persons, refusal=wire.event_ids, epoch=wire.asset_epochs)
def test_the_graph_reads_what_was_written(
    person: Person, refusal: str, epoch: AssetEpoch
) -> None:
    """Person, members, assets and refusals of a business are found again."""
    table = LocalTable()
    write(table, lambda unit: put_graph(unit, person, refusal, epoch))

    graph = GraphTable(table)
    assert graph.person(person.business, person.id) == person
    assert graph.is_refusal_known(person.business, refusal)
    for member in person.members:
        assert graph.person_of(person.business, member) == person.id
        if isinstance(member, ScopedId):
            assert graph.asset(person.business, member.asset) == epoch


@given(person=wire.persons, refusal=wire.event_ids, epoch=wire.asset_epochs)
def test_no_business_sees_anothers_graph(
    person: Person, refusal: str, epoch: AssetEpoch
) -> None:
    """The same ids under another business are unknown, however alike the names."""
    table = LocalTable()
    write(table, lambda unit: put_graph(unit, person, refusal, epoch))

    graph = GraphTable(table)
    for text in (person.business + "0", person.business[:-1] or "z"):
        other = business_id(text[-128:])
        if other == person.business:
            continue
        assert graph.person(other, person.id) is None
        assert not graph.is_refusal_known(other, refusal)
        for member in person.members:
            assert graph.person_of(other, member) is None
            if isinstance(member, ScopedId):
                assert graph.asset(other, member.asset) is None


def test_a_dropped_person_is_gone() -> None:
    """Whoever was absorbed is not found any more."""
    table = LocalTable()
    person = Person(narrow.BUSINESS, PersonId("p_1"), 1, {})
    write(table, lambda unit: put_person(unit, person))

    write(table, lambda unit: drop_person(unit, person.business, person.id))

    assert GraphTable(table).person(person.business, person.id) is None


close_businesses = (
    st.tuples(*[st.text("12", min_size=1, max_size=3).map(business_id)] * 2)
).filter(lambda pair: pair[0] != pair[1])


@given(
    pair=close_businesses,
    people=st.tuples(wire.persons, wire.persons),
    lookups=st.tuples(wire.lookups, wire.lookups),
    epoch=wire.asset_epochs,
    refusal=wire.event_ids,
)
def test_no_key_of_a_business_begins_like_anothers(
    pair: tuple[BusinessId, BusinessId],
    people: tuple[Person, Person],
    lookups: tuple[Lookup, Lookup],
    epoch: AssetEpoch,
    refusal: str,
) -> None:
    """Not even where one business id begins like the other: no key is a prefix."""
    keys: list[set[bytes]] = []
    for business, person, lookup in zip(pair, people, lookups, strict=True):
        own_lookup = replace(lookup, business=business, phase=LookupPhase.PENDING)
        unit = Unit(0, LocalTable())
        put_graph(unit, replace(person, business=business), refusal, epoch)
        put_lookup(unit, own_lookup, None)
        keys.append({key for key in unit.changes if not key.startswith(b"l|")})

    for one, two in (keys, keys[::-1]):
        for key in one:
            kind, business_text, rest = key.split(b"|", 2)
            assert rest
            assert not any(other.startswith(key) for other in two)
            assert not any(
                other.startswith(kind + b"|" + business_text + b"|") for other in two
            )


def pending(business: str, user: str, due_ms: int) -> Lookup:
    seen = OwnedId(ScopedId(APP, user), 1)
    cause = Cause("logins", 0, 0)
    phase = LookupPhase.PENDING
    return Lookup(business_id(business), seen, 1, cause, phase, due_ms=due_ms)


@given(
    due=st.lists(st.tuples(st.sampled_from(["1", "12", "2"]), wire.times), max_size=8)
)
def test_what_is_due_comes_in_the_order_of_time(due: list[tuple[str, int]]) -> None:
    """The earliest first, each business for itself, numbers and not their texts."""
    table = LocalTable()
    lookups = [pending(b, str(user), at) for user, (b, at) in enumerate(due, start=1)]
    for lookup in lookups:
        write(table, partial(put_lookup, lookup=lookup, before=None))

    found = LookupTable(table)
    for business in ("1", "12", "2"):
        lane = Lane(business_id(business), APP)
        listed = list(found.due(lane))
        assert [at for at, _ in listed] == sorted(at for b, at in due if b == business)
        assert {scoped for _, scoped in listed} == {
            lookup.seen.id for lookup in lookups if lookup.business == business
        }
    waiting = [lane.business for lane in found.waiting_lanes()]
    assert sorted(waiting) == sorted({b for b, _ in due})


@given(
    lives=st.lists(
        st.tuples(st.integers(0, 2), wire.lookups, st.booleans()), max_size=12
    )
)
def test_a_lookup_is_due_once_while_it_is_open(
    lives: list[tuple[int, Lookup, bool]],
) -> None:
    """Whatever a lookup goes through, it stands in one place of the order, or none."""
    users = [ScopedId(Asset.parse("page:7"), str(user)) for user in range(3)]
    table, now = LocalTable(), dict[ScopedId, Lookup]()
    for who, drawn, stays in lives:
        before = now.get(users[who])
        business = before.business if before and stays else drawn.business
        after = replace(
            drawn, business=business, seen=replace(drawn.seen, id=users[who])
        )
        write(table, partial(put_lookup, lookup=after, before=before))
        now[users[who]] = after

    found = LookupTable(table)
    open_ones = [lookup for lookup in now.values() if lookup.is_open]
    listed = [
        (lane.business, *due)
        for lane in found.waiting_lanes()
        for due in found.due(lane)
    ]
    assert sorted(listed) == sorted(
        (lookup.business, lookup.due_ms, lookup.seen.id) for lookup in open_ones
    )
    assert all(found.lookup(user) == now.get(user) for user in users)


@given(log=narrow.full_logs())
def test_the_tables_are_as_good_as_dictionaries(log: list[LogMessage]) -> None:
    """The same log, one unit of work each, gives the same events and persons."""
    table, graph = LocalTable(), DictGraph()
    for offset, message in enumerate(log):
        effects = handle(GraphTable(table, KEY), message)
        record = Record(NAMES.evidence, 0, offset, 0, None, encode_log([message]))
        write(table, partial(Weave(NAMES, PARTITIONS, KEY).handle, records=[record]))
        told = [effect.event for effect in effects if isinstance(effect, Emit)]
        assert told == graph.apply(handle(graph, message))

    stored = GraphTable(table)
    for (business, name), person in graph.persons.items():
        assert stored.person(business, name) == person
    for (business, member), name in graph.index.items():
        assert stored.person_of(business, member) == name
