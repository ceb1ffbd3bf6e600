"""Decisions on the running pipeline: from the command to the persons and who is told."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.streams.test_bans import (
    ALL,
    INGEST,
    OWNED,
    STRANGE_APP,
    TEST_APP,
    found,
    ids,
    passed_on,
    told,
)
from tests.support.stages import NAMES as PLAIN
from tests.support.stages import PARTITIONS, handled, letters, record, sent
from tests.support.town import (
    ACME,
    GAME,
    NAMES,
    PAGE,
    PEOPLE,
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

from idweave_adapters.commands import command_key, encode_command
from idweave_adapters.decision_commands import RequestedDecision
from idweave_graph.decisions import Verdict
from idweave_graph.events import EventType
from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, BusinessToken, Member, ScopedId
from idweave_graph.messages import DecisionCommand
from idweave_graph.ownership import OwnedId
from idweave_graph.reading import read_event
from idweave_streams.local import LocalEngine
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Output, Record

TOKEN = BusinessToken("t|:/")
LATE = 120_000
"""Behind all answers, which makes a link the youngest proof."""


def said(
    one: ScopedId, two: Member, verdict: Verdict = Verdict.REJECT, at: int = 0
) -> RequestedDecision:
    at_ms = START_MS + at
    return RequestedDecision(one, two, verdict, at_ms, "operator", "Ann", "asked her")


def command(one: ScopedId, two: Member) -> Record:
    return record(PLAIN.commands, encode_command(said(one, two)), 7)


# Attribution.


@pytest.mark.parametrize(
    ("other", "kept", "epoch"),
    [
        (ScopedId(SHOP, "2"), ScopedId(SHOP, "2"), 3),
        (ScopedId(TEST_APP, "2"), ScopedId(SHOP, "2"), 3),
        (TOKEN, TOKEN, 0),
    ],
)
def test_a_decision_goes_on_in_the_name_of_whoever_owns_both_ends(
    other: Member, kept: Member, epoch: int
) -> None:
    """With the epochs of now; a token is of the business of the id beside it."""
    unit = handled(INGEST.handle, [command(ScopedId(PAGE, "1"), other)])

    assert OWNED.known[SHOP].epoch == 3
    assert passed_on(unit) == [
        DecisionCommand(
            business=ACME,
            seen=OwnedId(ScopedId(PAGE, "1"), 2),
            other=kept,
            other_epoch=epoch,
            verdict=Verdict.REJECT,
            author="Ann",
            reason="asked her",
            at_ms=START_MS,
            cause=Cause(PLAIN.commands, 0, 7),
        )
    ]
    [output] = sent(unit, PLAIN.sightings)
    assert output.partition == partition_of("page:20:1", PARTITIONS)


@pytest.mark.parametrize(
    ("one", "two", "code"),
    [
        (SHOP, STRANGE_APP, "unknown-asset"),
        (STRANGE_APP, SHOP, "unknown-asset"),
        (SHOP, RIVALS_APP, "command-across-businesses"),
        (SHOP, TEST_APP, "command-field-invalid"),
    ],
)
def test_a_decision_that_can_not_be_is_a_dead_letter(
    one: Asset, two: Asset, code: str
) -> None:
    """So nobody is linked over the boundary of a business."""
    unit = handled(INGEST.handle, [command(ScopedId(one, "1"), ScopedId(two, "1"))])

    assert passed_on(unit) == []
    assert letters(unit) == [(code, 1)]


# All the way.


def tell(engine: LocalEngine, requested: RequestedDecision) -> None:
    value = encode_command(requested)
    engine.append(Output(NAMES.commands, command_key(requested), value))


def of_reason(engine: LocalEngine, reason: str) -> list[dict[str, Any]]:
    return [each for each in told(engine, NAMES.events) if each["reason"] == reason]


@in_virtual_time
async def test_two_are_unlinked_and_linked_over_and_over() -> None:
    """Each round is told, with author and reason; then they are who they were."""
    engine = engine_of(Meta())
    feed(engine, [(1, SHOP, 0), (1, PAGE, 1), (1, GAME, 2)])
    await engine.settle(patience_ms=1_000)
    everyone = persons(engine)
    pairs = [(SHOP, PAGE), (SHOP, GAME)]

    for at in range(10, 40, 10):
        for number, (one, two) in enumerate(pairs):
            ends = scoped(1, one), scoped(1, two)
            tell(engine, said(*ends, Verdict.REJECT, at + number))
        await engine.settle(patience_ms=1_000)
        assert ids(1, [SHOP]) in found(engine)

        tell(engine, said(scoped(1, PAGE), scoped(1, SHOP), Verdict.LINK, at + 5))
        await engine.settle(patience_ms=1_000)
        assert persons(engine) == everyone

    decided = [e for e in told(engine, NAMES.policy) if e["type"] == "decided"]
    assert [e["reason"] for e in decided] == ["reject", "reject", "link"] * 3
    assert {d["author"] for e in decided for d in e["decisions"]} == {"Ann"}
    splits = [e["type"] for e in of_reason(engine, "reject")]
    assert splits.count("split") == 2 * 3
    assert [e["type"] for e in of_reason(engine, "link")].count("merged") == 3
    assert engine.lag() == 0


@in_virtual_time
async def test_a_link_by_hand_waits_in_quarantine_until_it_is_accepted() -> None:
    """Then the older evidence waits instead, and who was right is told."""
    engine = engine_of(Meta())
    feed(engine, [(1, SHOP, 0), (1, PAGE, 1), (2, PAGE, 2)])
    await engine.settle(patience_ms=1_000)
    before = found(engine)
    mine, theirs = scoped(1, SHOP), scoped(2, PAGE)

    tell(engine, said(mine, theirs, Verdict.LINK, LATE))
    await engine.settle(patience_ms=1_000)
    assert found(engine) == before
    policy = [each["type"] for each in told(engine, NAMES.policy)]
    assert policy[-2:] == ["quarantined", "decided"]

    tell(engine, said(mine, theirs, Verdict.ACCEPT, LATE + 1))
    await engine.settle(patience_ms=1_000)
    together = {f"{ACME}/{mine}", f"{ACME}/{theirs}"}
    assert any(together <= each for each in found(engine))
    accepted = of_reason(engine, "accept")
    assert {e["type"] for e in accepted} >= {"split", "decided"}
    for event in accepted:
        [decision] = event["decisions"]
        assert decision["verdict"] == "accept"

    tell(engine, said(mine, theirs, Verdict.REOPEN, LATE + 2))
    await engine.settle(patience_ms=1_000)
    assert found(engine) == before


rounds = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.permutations(ALL).map(lambda several: several[:2]),
        st.sampled_from(Verdict),
    ),
    max_size=5,
)


@settings(max_examples=15)
@given(rounds=rounds, random=st.randoms(use_true_random=False))
@in_virtual_time
async def test_when_a_decision_is_told_makes_no_difference(
    rounds: list[tuple[int, list[Asset], Verdict]], random: Random
) -> None:
    """Before, while or after the ids are seen and looked up."""
    events = [(person, asset, 0) for person in PEOPLE for asset in ALL]
    commands = [
        said(scoped(person, one), scoped(person, two), verdict, at)
        for at, (person, (one, two), verdict) in enumerate(rounds)
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
    assert mixed.lag() == 0


@in_virtual_time
async def test_what_is_taken_out_is_told_with_its_proofs() -> None:
    """As read back from the topic, with the pair and its epochs."""
    engine = engine_of(Meta())
    feed(engine, [(1, SHOP, 0), (1, PAGE, 1)])
    await engine.settle(patience_ms=1_000)
    tell(engine, said(scoped(1, SHOP), scoped(1, PAGE), Verdict.REJECT, LATE))
    await engine.settle(patience_ms=1_000)

    event = read_event(of_reason(engine, "reject")[-1])

    assert event is not None
    assert event.type is EventType.DECIDED
    [decision] = event.decisions
    assert event.proofs
    assert all(decision.covers(proof) for proof in event.proofs)
    assert {event.about, event.other} <= set(persons(engine))
