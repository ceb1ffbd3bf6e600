"""Bans on the running pipeline: from the command to the persons and who is told."""

from collections.abc import Iterable
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.graph import DictOwnership
from tests.support.stages import NAMES as PLAIN
from tests.support.stages import PARTITIONS, handled, letters, record, sent, values
from tests.support.town import (
    ACME,
    GAME,
    NAMES,
    PAGE,
    PEOPLE,
    RIVAL,
    RIVALS_APP,
    SHOP,
    START_MS,
    Meta,
    engine_of,
    feed,
    persons,
    scoped,
)
from tests.support.virtual_time import in_virtual_time

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import Requested, command_key, encode_command
from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import BanCommand, CommandKind
from idweave_graph.ownership import OwnedId, Ownership
from idweave_streams.agents.ingest import Ingest
from idweave_streams.codecs import decode_sightings
from idweave_streams.local import LocalEngine
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Output, Record, Unit

TEST_APP, STRANGE_APP = map(Asset.parse, ("app:12", "app:99"))
OWNED = DictOwnership(
    {
        SHOP: Ownership(SHOP, ACME, 3),
        TEST_APP: Ownership(TEST_APP, ACME, 1, parent=SHOP),
        PAGE: Ownership(PAGE, ACME, 2),
        RIVALS_APP: Ownership(RIVALS_APP, RIVAL, 1),
    }
)
INGEST = Ingest(PLAIN, PARTITIONS, OWNED, lambda _: [])


def said(
    one: ScopedId, two: ScopedId, at: int = 0, kind: BanKind = BanKind.BAN
) -> RequestedBan:
    at_ms = START_MS + at
    return RequestedBan(one, two, kind, at_ms, "operator", "Ann", "two people")


def command(one: ScopedId, two: ScopedId) -> Record:
    return record(PLAIN.commands, encode_command(said(one, two)), 7)


def passed_on(unit: Unit) -> list[object]:
    outputs = values(sent(unit, PLAIN.sightings))
    return [each for value in outputs for each in decode_sightings(value)]


# Attribution.


def test_a_ban_goes_on_in_the_name_of_whoever_owns_both_ids() -> None:
    """With the epochs of now, in the partition of its first id."""
    unit = handled(INGEST.handle, [command(ScopedId(PAGE, "1"), ScopedId(SHOP, "2"))])

    ends = OwnedId(ScopedId(PAGE, "1"), 2), OwnedId(ScopedId(SHOP, "2"), 3)
    cause = Cause(PLAIN.commands, 0, 7)
    assert passed_on(unit) == [
        BanCommand(ACME, *ends, False, "Ann", "two people", START_MS, cause)
    ]
    [output] = sent(unit, PLAIN.sightings)
    assert output.partition == partition_of("page:20:1", PARTITIONS)


def test_a_test_apps_id_counts_as_the_parents() -> None:
    unit = handled(
        INGEST.handle, [command(ScopedId(TEST_APP, "1"), ScopedId(PAGE, "2"))]
    )

    [found] = passed_on(unit)
    assert isinstance(found, BanCommand)
    assert found.seen == OwnedId(ScopedId(SHOP, "1"), 3)


@pytest.mark.parametrize(
    ("one", "two", "code"),
    [
        (SHOP, STRANGE_APP, "unknown-asset"),
        (STRANGE_APP, SHOP, "unknown-asset"),
        (SHOP, RIVALS_APP, "command-across-businesses"),
        (SHOP, TEST_APP, "command-field-invalid"),
    ],
)
def test_a_ban_that_can_not_be_is_a_dead_letter(
    one: Asset, two: Asset, code: str
) -> None:
    """Of nobody's id, of two businesses, or of one id under two names."""
    unit = handled(INGEST.handle, [command(ScopedId(one, "1"), ScopedId(two, "1"))])

    assert passed_on(unit) == []
    assert letters(unit) == [(code, 1)]


# All the way.


def tell(engine: LocalEngine, requested: RequestedBan | Requested) -> None:
    value = encode_command(requested)
    engine.append(Output(NAMES.commands, command_key(requested), value))


def found(engine: LocalEngine) -> set[frozenset[str]]:
    return {frozenset(each) for each in persons(engine).values()}


def ids(person: int, assets: Iterable[Asset]) -> frozenset[str]:
    return frozenset(f"{ACME}/{scoped(person, asset)}" for asset in assets)


def told(engine: LocalEngine, topic: str) -> list[dict[str, Any]]:
    return [orjson.loads(each.value or b"") for each in engine.records(topic)]


ALL = (SHOP, GAME, PAGE)


@in_virtual_time
async def test_who_is_banned_is_two_persons_until_it_is_lifted() -> None:
    """It is told why and by whom, on both topics; then they are who they were."""
    engine = engine_of(Meta())
    feed(engine, [(1, SHOP, 0), (1, PAGE, 1)])
    await engine.settle(patience_ms=1_000)
    before = persons(engine)
    one, two = scoped(1, SHOP), scoped(1, PAGE)

    tell(engine, said(one, two, 9))
    await engine.settle(patience_ms=1_000)

    assert len(found(engine)) == 2
    assert not any({f"{ACME}/{one}", f"{ACME}/{two}"} <= each for each in found(engine))
    events = [each for each in told(engine, NAMES.events) if each["reason"] == "ban"]
    assert [each["type"] for each in events] == ["split", "split", "banned"]
    for event in events:
        [ban] = event["bans"]
        assert (ban["author"], ban["reason"]) == ("Ann", "two people")
    assert events[-1] in told(engine, NAMES.policy)

    tell(engine, said(two, one, 10, BanKind.LIFT_BAN))
    await engine.settle(patience_ms=1_000)

    assert persons(engine) == before
    assert told(engine, NAMES.policy)[-1]["type"] == "unbanned"


pairs = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.permutations(ALL).map(lambda several: several[:2]),
        st.sampled_from(BanKind),
    ),
    max_size=5,
)


def standing(commands: list[RequestedBan]) -> list[tuple[ScopedId, ScopedId]]:
    last = {frozenset({each.scoped, each.other}): each for each in commands}
    return [(b.scoped, b.other) for b in last.values() if b.kind is BanKind.BAN]


@settings(max_examples=20)
@given(bans=pairs, random=st.randoms(use_true_random=False))
@in_virtual_time
async def test_when_a_ban_is_told_makes_no_difference(
    bans: list[tuple[int, list[Asset], BanKind]], random: Random
) -> None:
    """Before, while or after the ids are seen and looked up."""
    events = [(person, asset, 0) for person in PEOPLE for asset in ALL]
    commands = [
        said(scoped(person, one), scoped(person, two), at, kind)
        for at, (person, (one, two), kind) in enumerate(bans)
    ]
    late, mixed = engine_of(Meta()), engine_of(Meta())

    feed(late, events)
    await late.settle(patience_ms=1_000)
    for requested in commands:
        tell(late, requested)
    await late.settle(patience_ms=1_000)

    for requested in random.sample(commands * 2, k=2 * len(commands)):
        tell(mixed, requested)
        if random.random() < 0.5:
            feed(mixed, [events.pop(random.randrange(len(events)))])
            mixed.advance()
    feed(mixed, events)
    await mixed.settle(patience_ms=1_000)

    assert found(mixed) == found(late)
    for one, two in standing(commands):
        assert not any({f"{ACME}/{one}", f"{ACME}/{two}"} <= p for p in found(late))
    assert mixed.lag() == 0


@in_virtual_time
async def test_an_erasure_takes_the_ban_along() -> None:
    """Who comes back is joined again, and no topic of the latest state names the ban."""
    engine = engine_of(Meta())
    one, two = scoped(1, SHOP), scoped(1, PAGE)
    tell(engine, said(one, two, 1))
    feed(engine, [(1, SHOP, 0), (1, PAGE, 1)])
    await engine.settle(patience_ms=1_000)
    assert len(found(engine)) == 2

    for each in (one, two):
        wish = Requested(each, CommandKind.ERASE_PERSON, START_MS + 100, "operator")
        tell(engine, wish)
    await engine.settle(patience_ms=1_000)
    assert found(engine) == set()

    feed(engine, [(1, SHOP, 1_000), (1, PAGE, 1_001)])
    await engine.settle(patience_ms=1_000)
    assert found(engine) == {ids(1, ALL)}
