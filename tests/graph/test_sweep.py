"""When an asset is lost its ids leave, bit by bit, and traffic goes on in between."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, step, weave, who_is_who
from tests.support.strategies import (
    BUSINESS,
    EPOCHS,
    asset_changes,
    full_logs,
    owner_logs,
)

from idweave_graph import withdraw
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, BusinessToken, Member, ScopedId, member
from idweave_graph.messages import AssetChanged, LogMessage, Proved, Sighted, Sweep
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, person_id
from idweave_graph.weave import handle
from idweave_graph.withdraw import SWEEP_STEP

CAUSE = Cause("t", 0, 0)
ASID, OTHER, PSID, TOKEN = (
    member(text) for text in ("app:1:x", "app:2:x", "page:1:x", "token:t")
)


@pytest.fixture(autouse=True)
def small_steps() -> Iterator[None]:
    """One member at a time, so that every sweep has an in between."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "SWEEP_STEP", 1)
        yield


def seen(who: Member, at_ms: int, epoch: int = 1) -> Sighted:
    assert isinstance(who, ScopedId)
    return Sighted(BUSINESS, OwnedId(who, epoch), at_ms, CAUSE)


def joined(one: Member, two: Member, at_ms: int, *epochs: int) -> Proved:
    kind = EvidenceKind.IDS_FOR_APPS
    first, second = epochs or (1, 1)
    ends = ((one, first), (two, 0 if isinstance(two, BusinessToken) else second))
    proof = evidence(kind, *ends, at_ms=at_ms, cause=CAUSE)
    return Proved(BUSINESS, (proof,), at_ms, CAUSE)


def change(of: Member, epoch: int, *, owned: bool) -> AssetChanged:
    assert isinstance(of, ScopedId)
    return AssetChanged(BUSINESS, of.asset, epoch, owned, 50, CAUSE)


def lost(of: Member, epoch: int = 1) -> AssetChanged:
    return change(of, epoch, owned=False)


def persons(events: list[IdentityEvent]) -> list[tuple[EventType, str, set[Member]]]:
    return [
        (event.type, event.person.id, set(event.person.members))
        for event in events
        if event.person is not None
    ]


def person_of(graph: DictGraph, who: Member) -> Person:
    return graph.persons[BUSINESS, graph.index[BUSINESS, who]]


def test_the_ids_of_a_lost_asset_leave() -> None:
    """With all proofs to them; the others stay one person, and keep their name."""
    graph = DictGraph()
    several = [joined(ASID, OTHER, 8), joined(ASID, PSID, 8), joined(OTHER, PSID, 9)]
    weave([seen(ASID, 1), *several], graph)
    name = person_of(graph, ASID).id

    _, told = weave([lost(ASID)], graph)

    assert persons([told]) == [(EventType.ERASED, name, {OTHER, PSID})]
    assert (told.reason, told.proofs) == ("lost", ())
    assert (BUSINESS, ASID) not in graph.index
    (proof,) = person_of(graph, OTHER).evidence
    assert {proof.a, proof.b} == {OTHER, PSID}


def test_a_person_falls_apart_without_the_id_that_held_them_together() -> None:
    """Each part is told whole, and the one with the oldest id keeps the name."""
    graph = DictGraph()
    weave([seen(ASID, 1), seen(OTHER, 5), seen(PSID, 4)], graph)
    weave([joined(ASID, OTHER, 8), joined(ASID, PSID, 8)], graph)

    events = weave([lost(ASID)], graph)

    founder = person_id(BUSINESS, ASID)
    assert sorted(persons(events)) == sorted(
        [
            (EventType.SPLIT, founder, {PSID}),
            (EventType.SPLIT, person_id(BUSINESS, OTHER), {OTHER}),
        ]
    )


def test_who_was_learned_only_through_a_lost_asset_leaves_with_it() -> None:
    """Tokens of the old owner, and ids that were answered but never seen."""
    graph = DictGraph()
    weave([seen(ASID, 1), joined(ASID, TOKEN, 2), joined(ASID, PSID, 3)], graph)
    name = person_of(graph, ASID).id

    events = weave([lost(ASID)], graph)

    assert persons(events) == [(EventType.ERASED, name, set())]
    assert (graph.persons, graph.index) == ({}, {})


def test_a_proof_in_quarantine_is_let_in_when_its_rival_leaves() -> None:
    """What contradicted it is not there any more."""
    graph = DictGraph()
    rival = member("app:1:y")
    weave([seen(ASID, 1), seen(rival, 2), seen(PSID, 3), seen(OTHER, 3)], graph)
    weave([joined(ASID, PSID, 5), joined(rival, OTHER, 5)], graph)
    weave([joined(PSID, OTHER, 6)], graph)
    assert person_of(graph, PSID) != person_of(graph, OTHER)

    weave([lost(ASID)], graph)

    assert set(person_of(graph, PSID).members) == {PSID, OTHER}


def test_there_and_back() -> None:
    """A regained asset begins anew: nothing of before counts, nobody's name is reused."""
    graph = DictGraph()
    weave([seen(ASID, 1), joined(ASID, PSID, 2), seen(PSID, 3)], graph)
    name = person_of(graph, ASID).id
    weave([lost(ASID), change(ASID, 3, owned=True)], graph)

    events = weave([joined(ASID, PSID, 2), seen(ASID, 60, 3)], graph)

    assert [event.type for event in events] == [EventType.REFUSED, EventType.CREATED]
    back = person_of(graph, ASID)
    assert set(back.members) == {ASID}
    assert (person_of(graph, PSID).id, back.id != name) == (name, True)
    weave([joined(ASID, PSID, 61, 3, 1)], graph)
    assert person_of(graph, ASID).id == name
    assert person_of(graph, ASID).absorbed == (back.id,)


@pytest.mark.parametrize("first", ["the log", "evidence"])
def test_evidence_may_be_ahead_of_the_log(first: str) -> None:
    """An id of the new epoch survives the sweep, whichever of the two comes first."""
    graph = DictGraph()
    weave([seen(ASID, 1), joined(ASID, PSID, 2), seen(PSID, 3)], graph)
    log: list[LogMessage] = [change(ASID, 3, owned=True), seen(ASID, 60, 3)]

    weave(log if first == "the log" else log[::-1], graph)

    assert person_of(graph, ASID).members == {ASID: 60}
    assert person_of(graph, PSID).members == {PSID: 3}
    assert graph.taken_back[BUSINESS].sweeping == {}


def test_an_epoch_that_evidence_began_is_told_when_the_log_tells_of_it() -> None:
    """Once."""
    graph = DictGraph()
    weave([seen(ASID, 1), seen(ASID, 60, 3)], graph)

    events = weave([change(ASID, 3, owned=True), change(ASID, 3, owned=True)], graph)

    assert [event.type for event in events] == [EventType.EPOCH_CHANGED]


@given(
    log=owner_logs(), changes=st.lists(asset_changes, max_size=4), random=st.randoms()
)
def test_a_sweep_ends_as_if_it_had_been_done_at_once(
    log: list[LogMessage], changes: list[AssetChanged], random: Random
) -> None:
    """Wherever its steps stand among other messages: same persons, names and proofs."""
    log = log + list(changes)
    random.shuffle(log)
    at_once, bit_by_bit = DictGraph(), DictGraph()

    weave(log, at_once)
    for message in log:
        step(message, bit_by_bit)
        while bit_by_bit.told and random.random() < 0.4:
            step(bit_by_bit.told.popleft(), bit_by_bit)
    weave([], bit_by_bit)
    while bit_by_bit.told:
        step(bit_by_bit.told.popleft(), bit_by_bit)

    assert who_is_who(bit_by_bit) == who_is_who(at_once)
    assert bit_by_bit.index == at_once.index
    assert bit_by_bit.assets == at_once.assets


@given(log=full_logs(), random=st.randoms())
def test_repeated_steps_do_no_harm(log: list[LogMessage], random: Random) -> None:
    """A step that comes again, however late, finds that it was done."""
    graph = DictGraph()
    steps: list[LogMessage] = []
    for message in log:
        graph.told.append(message)
        while graph.told:
            following = graph.told.popleft()
            steps += [following] if isinstance(following, Sweep) else []
            step(following, graph)

    for again in random.sample(steps, k=len(steps)):
        assert handle(graph, again) == []


@given(log=full_logs())
def test_every_sweep_comes_to_its_end(log: list[LogMessage]) -> None:
    """When its last step is done, no id of an epoch that is over is left."""
    graph = DictGraph()

    weave(log, graph)

    assert all(not known.sweeping for known in graph.taken_back.values())
    for person in graph.persons.values():
        for who, ground in person.presence.items():
            if isinstance(who, ScopedId):
                assert graph.assets[BUSINESS, who.asset].epoch == ground.epoch
                assert graph.assets[BUSINESS, who.asset].owned


def test_a_step_is_bounded() -> None:
    """However many ids an asset has, a message takes out some of them."""
    graph, app = DictGraph(), Asset.parse("app:1")
    several = [ScopedId(app, str(n)) for n in range(SWEEP_STEP + 10)]
    weave([seen(who, 1) for who in several], graph, check=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "SWEEP_STEP", SWEEP_STEP)

        step(lost(ASID), graph, check=False)
        left = []
        while graph.told:
            step(graph.told.popleft(), graph, check=False)
            left.append(len(graph.persons))

    assert left == [10, 0]
    graph.assert_sound()


@given(epoch=EPOCHS)
def test_an_asset_nobody_of_which_was_seen_needs_no_sweep(epoch: int) -> None:
    """The first that the log tells of an asset takes nothing back."""
    graph = DictGraph()

    effects = handle(graph, change(ASID, epoch, owned=True))

    graph.apply(effects)
    assert (graph.told, graph.taken_back) == (type(graph.told)(), {})
