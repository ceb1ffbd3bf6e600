"""What the core reads is what its effects wrote, whatever the state is kept in.

One suite for the dictionaries that the core is tested on, and for tables in memory and
on disk, written by units of work.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support.graph import DictGraph, DictLookups
from tests.support.stages import KEY, NAMES, PARTITIONS
from tests.support.tables import Make, Writable

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.effects import DropLookup, LookupEffect, PutLookup
from idweave_graph.erasures import Erased
from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.messages import LogMessage, Sighted
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch, GraphState, LookupState, Withdrawals
from idweave_graph.weave import handle
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import encode_log
from idweave_streams.reliable import Record, Unit
from idweave_streams.tables import (
    GraphTable,
    Lane,
    LookupTable,
    drop_lookup,
    put_lookup,
)

BUSINESS, OTHER = narrow.BUSINESS, narrow.OTHER_BUSINESS


class Graph(Protocol):
    """A `GraphState` that a message can be handled on."""

    @property
    def state(self) -> GraphState: ...

    def handle(self, messages: Sequence[LogMessage]) -> None: ...


class InDictionaries:
    """The reference."""

    def __init__(self) -> None:
        self.state = DictGraph()

    def handle(self, messages: Sequence[LogMessage]) -> None:
        for message in messages:
            self.state.apply(handle(self.state, message))


class InTable:
    """The table of a worker: a unit for each call, stored when it is over."""

    def __init__(self, table: Writable) -> None:
        self.table = table

    @property
    def state(self) -> GraphState:
        return GraphTable(self.table, KEY)

    def handle(self, messages: Sequence[LogMessage]) -> None:
        unit = Unit(0, self.table)
        Weave(NAMES, PARTITIONS, KEY).handle(
            unit, [record(message) for message in messages]
        )
        self.table.write(unit.changes)


def record(message: LogMessage) -> Record:
    return Record(NAMES.evidence, 0, 0, 0, None, encode_log([message]))


@pytest.fixture(params=["dictionaries", "tables"])
def new_graph(request: pytest.FixtureRequest, make: Make) -> Callable[[], Graph]:
    """Makes empty graphs."""
    if request.param == "dictionaries":
        return InDictionaries
    return lambda: InTable(make())


examples = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def sighted(member: ScopedId, business: BusinessId = BUSINESS) -> Sighted:
    return Sighted(business, OwnedId(member, 1), 5, Cause("logins", 0, 0))


def test_what_was_never_written_is_not_there(
    new_graph: Callable[[], Graph],
) -> None:
    state = new_graph().state
    member = ScopedId(narrow.APPS[0], "x")

    assert state.person_of(BUSINESS, member) is None
    assert state.person(BUSINESS, PersonId("p_0")) is None
    assert state.asset(BUSINESS, narrow.APPS[0]) is None
    assert not state.is_refusal_known(BUSINESS, "e_0")
    assert state.withdrawals(BUSINESS) == Withdrawals()
    assert state.members_of(BUSINESS, narrow.APPS[0], "", 9) == []
    assert state.receipt_ms(BUSINESS, "R1") is None
    assert state.erased(BUSINESS, member) is None
    assert state.bans_of(BUSINESS, member) == ()
    assert state.banned_of(BUSINESS, narrow.APPS[0], "", 9) == []
    assert state.decisions_of(BUSINESS, member) == ()
    assert state.decided_of(BUSINESS, narrow.APPS[0], "", 9) == []


def test_members_are_listed_by_user_id_in_pieces(
    new_graph: Callable[[], Graph],
) -> None:
    """Of one asset of one business, even where the name of another begins alike."""
    graph, app = new_graph(), Asset.parse("app:1")
    others = [Asset.parse("app:11"), Asset.parse("page:1")]
    users = ["1", "10", "2", "A", "a", "~"]
    graph.handle([sighted(ScopedId(app, user)) for user in reversed(users)])
    graph.handle([sighted(ScopedId(other, "3")) for other in others])
    graph.handle([sighted(ScopedId(app, "3"), OTHER)])

    def listed(after: str, limit: int) -> list[str]:
        found = graph.state.members_of(BUSINESS, app, after, limit)
        assert {scoped.asset for scoped in found} <= {app}
        return [scoped.user for scoped in found]

    assert listed("", 100) == users
    assert listed("10", 2) == ["2", "A"]
    assert listed("11", 2) == ["2", "A"]
    assert listed("~", 2) == []


def test_businesses_with_the_same_ids_keep_apart(
    new_graph: Callable[[], Graph],
) -> None:
    """Even where the id of the one begins with that of the other."""
    longer = BusinessId(f"{BUSINESS}0")
    graph = new_graph()
    member = ScopedId(narrow.APPS[0], "x")

    graph.handle([sighted(member)])

    name = graph.state.person_of(BUSINESS, member)
    assert name is not None
    for other in (OTHER, longer):
        assert graph.state.person_of(other, member) is None
        assert graph.state.person(other, name) is None


@examples
@given(
    messages=narrow.full_logs(),
    cuts=st.lists(st.integers(0, 14), max_size=3),
)
def test_every_state_reads_as_the_reference(
    new_graph: Callable[[], Graph], messages: list[LogMessage], cuts: list[int]
) -> None:
    """After the same messages, in whatever units they came."""
    graph, reference = new_graph(), InDictionaries()
    borders = [0, *sorted(cuts), len(messages)]

    for start, end in pairwise(borders):
        graph.handle(messages[start:end])
    reference.handle(messages)

    assert snapshot(graph.state, reference.state) == snapshot(
        reference.state, reference.state
    )


Snapshot = tuple[
    dict[PersonId, Person | None],
    dict[Member, PersonId | None],
    dict[Asset, AssetEpoch | None],
    dict[str, bool],
    Withdrawals,
    dict[str, int | None],
    list[Sequence[ScopedId]],
    dict[ScopedId, tuple[Ban, ...]],
    dict[ScopedId, Erased | None],
    list[Sequence[ScopedId]],
    dict[Member, tuple[Decision, ...]],
    list[Sequence[ScopedId]],
]


def snapshot(state: GraphState, keys: DictGraph) -> Snapshot:
    """All that *state* knows under *keys*, and under absorbed persons' ids."""
    names = {name for _, name in keys.persons}
    names |= {gone for person in keys.persons.values() for gone in person.absorbed}
    known = {ScopedId(asset, user) for asset in narrow.ASSETS for user in "xyz"}
    return (
        {name: state.person(BUSINESS, name) for name in names},
        {member: state.person_of(BUSINESS, member) for _, member in keys.index},
        {asset: state.asset(BUSINESS, asset) for asset in narrow.ASSETS},
        {name: state.is_refusal_known(BUSINESS, name) for _, name in keys.refusals},
        state.withdrawals(BUSINESS),
        {code: state.receipt_ms(BUSINESS, code) for code in ("R1", "R2")},
        [
            state.members_of(BUSINESS, asset, after, limit)
            for asset in narrow.ASSETS
            for after in ("", "x", "y")
            for limit in (1, 9)
        ],
        {who: state.bans_of(BUSINESS, who) for who in known},
        {who: state.erased(BUSINESS, who) for who in known},
        [
            state.banned_of(BUSINESS, asset, after, limit)
            for asset in narrow.ASSETS
            for after in ("", "x")
            for limit in (1, 9)
        ],
        {
            who: state.decisions_of(BUSINESS, who)
            for who in known | {who for _, who in keys.decisions}
        },
        [
            state.decided_of(BUSINESS, asset, after, limit)
            for asset in narrow.ASSETS
            for after in ("", "x")
            for limit in (1, 9)
        ],
    )


class Lookups(Protocol):
    """A `LookupState` that effects can be carried out on."""

    @property
    def state(self) -> LookupState: ...

    def write(self, effects: Sequence[LookupEffect]) -> None: ...


class LookupsInDictionaries:
    """The reference."""

    def __init__(self) -> None:
        self.state = DictLookups()

    def write(self, effects: Sequence[LookupEffect]) -> None:
        list(self.state.apply(effects))


class LookupsInTable:
    """The table of a worker."""

    def __init__(self, table: Writable) -> None:
        self.table = table

    @property
    def state(self) -> LookupState:
        return LookupTable(self.table)

    def write(self, effects: Sequence[LookupEffect]) -> None:
        unit = Unit(0, self.table)
        for effect in effects:
            if isinstance(effect, PutLookup):
                put_lookup(unit, effect.lookup, effect.before)
            elif isinstance(effect, DropLookup):
                drop_lookup(unit, effect.lookup)
        self.table.write(unit.changes)


@pytest.fixture(params=["dictionaries", "tables"])
def new_lookups(request: pytest.FixtureRequest, make: Make) -> Callable[[], Lookups]:
    """Makes empty states."""
    if request.param == "dictionaries":
        return LookupsInDictionaries
    return lambda: LookupsInTable(make())


lookups = st.builds(
    Lookup,
    business=st.sampled_from([BUSINESS, OTHER]),
    seen=st.builds(OwnedId, narrow.scoped_ids, narrow.EPOCHS),
    first_seen_ms=narrow.TIMES,
    cause=narrow.causes,
    phase=st.sampled_from(LookupPhase),
    due_ms=st.integers(0, 10**13),
    token=st.none() | narrow.tokens,
)


@examples
@given(written=st.lists(st.tuples(lookups, st.booleans()), max_size=10))
def test_the_last_lookup_of_an_id_is_read(
    new_lookups: Callable[[], Lookups], written: list[tuple[Lookup, bool]]
) -> None:
    """Whoever owned it before, or none if it was dropped; others stay as they are."""
    kept = new_lookups()
    known: dict[ScopedId, Lookup] = {}

    for lookup, is_dropped in written:
        before = known.get(lookup.seen.id)
        if lookup != before:
            kept.write([PutLookup(lookup, before)])
        known[lookup.seen.id] = lookup
        if is_dropped:
            kept.write([DropLookup(known.pop(lookup.seen.id))])

    for scoped in {*known, ScopedId(narrow.APPS[0], "never")}:
        assert kept.state.lookup(scoped) == known.get(scoped)


@examples
@given(written=st.lists(st.tuples(lookups, st.booleans()), max_size=10))
def test_what_waits_is_listed_by_lane_and_time(
    make: Make, written: list[tuple[Lookup, bool]]
) -> None:
    """Exactly the open lookups, each once, at its latest due time."""
    table = make()
    known: dict[ScopedId, Lookup] = {}
    kept = LookupsInTable(table)
    for lookup, is_dropped in written:
        kept.write([PutLookup(lookup, known.get(lookup.seen.id))])
        known[lookup.seen.id] = lookup
        if is_dropped:
            kept.write([DropLookup(known.pop(lookup.seen.id))])

    waiting = LookupTable(table)

    is_open = [each for each in known.values() if each.is_open]
    for lane in map(Lane.of, known.values()):
        expected = {(x.due_ms, x.seen.id) for x in is_open if Lane.of(x) == lane}
        found = list(waiting.due(lane))
        assert set(found) == expected
        assert len(found) == len(expected)
        assert [due_ms for due_ms, _ in found] == sorted(due for due, _ in expected)
    assert sorted(waiting.waiting_lanes()) == sorted(set(map(Lane.of, is_open)))
