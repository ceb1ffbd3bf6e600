"""All ids of an asset are erased bit by bit, and traffic goes on in between."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, step, weave
from tests.support.strategies import (
    ASSETS,
    BUSINESS,
    OTHER_BUSINESS,
    evidence_logs,
    full_logs,
)

from idweave_graph import withdraw
from idweave_graph.events import EventType
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, Member, ScopedId, member
from idweave_graph.messages import (
    AssetForgotten,
    Banned,
    EraseAsset,
    EraseMembers,
    LogMessage,
    Proved,
    Receipt,
    Sighted,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.weave import handle
from idweave_graph.withdraw import SWEEP_STEP

CAUSE = Cause("t", 0, 0)
LATER, UNTIL = 100, 200
APP = Asset.parse("app:1")
A, A2, B, TOKEN = (
    member(text) for text in ("app:1:x", "app:1:y", "app:2:x", "token:t")
)


@pytest.fixture(autouse=True)
def small_steps() -> Iterator[None]:
    """One member at a time, so that every erasure has an in between."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "SWEEP_STEP", 1)
        yield


def seen(who: Member, at_ms: int) -> Sighted:
    assert isinstance(who, ScopedId)
    return Sighted(BUSINESS, OwnedId(who, 1), at_ms, CAUSE)


def joined(one: Member, two: Member, at_ms: int) -> Proved:
    kind = EvidenceKind.IDS_FOR_APPS
    ends = [(end, 1 if isinstance(end, ScopedId) else 0) for end in (one, two)]
    proof = evidence(kind, ends[0], ends[1], at_ms=at_ms, cause=CAUSE)
    return Proved(BUSINESS, (proof,), at_ms, CAUSE)


def erase(asset: Asset = APP, at_ms: int = LATER, receipt: str = "R1") -> EraseAsset:
    return EraseAsset(BUSINESS, asset, at_ms, CAUSE, receipt, UNTIL)


def of_asset(graph: DictGraph, asset: Asset) -> set[Member]:
    return {
        who
        for _, who in graph.index
        if isinstance(who, ScopedId) and who.asset == asset
    }


def shown(graph: DictGraph) -> str:
    return repr((graph.persons, graph.index, graph.bans, graph.decisions))


@given(log=full_logs(max_size=20), asset=st.sampled_from(ASSETS))
def test_no_id_of_the_asset_is_left_or_comes_back(
    log: list[LogMessage], asset: Asset
) -> None:
    """Not even by the whole log once more."""
    graph = DictGraph()
    weave(log, graph, check=False)
    weave([erase(asset)], graph)
    assert of_asset(graph, asset) == set()
    assert repr(asset) + ", user" not in shown(graph)

    weave(log, graph, check=False)

    graph.assert_sound()
    assert of_asset(graph, asset) == set()
    assert repr(asset) + ", user" not in shown(graph)


@given(
    log=evidence_logs(),
    more=evidence_logs(max_size=8),
    late=st.booleans(),
    random=st.randoms(use_true_random=False),
)
def test_what_comes_in_between_finds_it_done(
    log: list[LogMessage], more: list[LogMessage], random: Random, *, late: bool
) -> None:
    """The members are those that there are when the whole is erased at once."""
    traffic = [_at(message, LATER if late else 0) for message in more]
    at_once, in_steps = DictGraph(), DictGraph()
    weave([*log, erase(), *traffic], at_once, check=False)
    weave(log, in_steps, check=False)

    in_steps.told.append(erase())
    while in_steps.told or traffic:
        goes_on = in_steps.told and (not traffic or random.random() < 0.5)
        first_is_pending = in_steps.told and isinstance(in_steps.told[0], EraseAsset)
        if goes_on or first_is_pending:
            step(in_steps.told.popleft(), in_steps)
        else:
            step(traffic.pop(0), in_steps)

    assert {frozenset(p.members.items()) for p in in_steps.persons.values()} == {
        frozenset(p.members.items()) for p in at_once.persons.values()
    }
    assert set(in_steps.persons) == set(at_once.persons)
    assert in_steps.receipts == at_once.receipts
    assert {each.id for each in in_steps.forgotten} == {
        each.id for each in at_once.forgotten
    }


def _at(message: LogMessage, more_ms: int) -> LogMessage:
    at_ms = message.at_ms + more_ms
    if isinstance(message, Proved):
        proofs = tuple(replace(p, at_ms=p.at_ms + more_ms) for p in message.proofs)
        return replace(message, proofs=proofs, at_ms=at_ms)
    return replace(message, at_ms=at_ms)


def test_the_receipt_is_told_at_the_end_with_all_ids() -> None:
    """Ids that a message took out on its way are counted, and those learned with them."""
    graph = DictGraph()
    weave([seen(A, 1), joined(A, B, 2), joined(A, TOKEN, 2), seen(A2, 1)], graph)
    step(erase(), graph)
    step(seen(A, LATER + 1), graph)
    assert graph.receipts == {}

    weave([], graph)
    while graph.told:
        step(graph.told.popleft(), graph)

    assert graph.receipts == {(BUSINESS, "R1"): Receipt("R1", LATER, 3)}
    assert set(of_asset(graph, APP)) == {A}
    (record,) = graph.audit
    assert (record.subject, record.ids, record.receipt) == (APP, 3, "R1")


def test_every_partition_of_lookups_is_told_and_each_id() -> None:
    graph = DictGraph()
    weave([seen(A, 1), seen(A2, 1), seen(B, 1), erase()], graph)

    assert graph.forgotten_assets == [
        AssetForgotten(BUSINESS, APP, LATER, CAUSE, UNTIL)
    ]
    assert {each.id for each in graph.forgotten} == {A, A2}
    assert graph.memory == {}


def test_subscribers_are_told_of_it_as_of_any_erasure() -> None:
    """With the person that is left."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2), joined(A, B, 3)], graph)

    (event,) = weave([erase()], graph)

    assert (event.type, event.reason) == (EventType.ERASED, "requested")
    assert event.person is not None
    assert event.person.members == {B: 2}


def test_bans_go_with_the_ids_they_name() -> None:
    """Also those that name ids which nobody has seen."""
    graph = DictGraph()
    assert isinstance(A, ScopedId)
    assert isinstance(B, ScopedId)
    ends = (OwnedId(A, 1), OwnedId(B, 1))
    weave([Banned(BUSINESS, *ends, False, "ann", "why", 5, CAUSE)], graph)

    weave([seen(B, 1), erase()], graph)

    assert graph.bans == {}


def test_a_request_that_comes_again_begins_nothing() -> None:
    """Whether the first is under way or done; whoever waits for it is told."""
    graph = DictGraph()
    weave([seen(A, 1)], graph)
    step(erase(), graph)
    step(erase(receipt="R2"), graph)
    while graph.told:
        step(graph.told.popleft(), graph)

    weave([erase(at_ms=LATER - 1, receipt="R3")], graph)

    told = {code: receipt.ids for (_, code), receipt in graph.receipts.items()}
    assert told == {"R1": 1, "R2": 1, "R3": 0}
    assert len(graph.forgotten_assets) == 1
    assert len(graph.audit) == 1


def test_a_later_request_begins_anew() -> None:
    """Who came in between goes too, and both receipts are told at the end, once."""
    graph = DictGraph()
    weave([seen(A, 1), seen(A2, 1)], graph)
    step(erase(), graph)
    step(graph.told.popleft(), graph)
    step(seen(A, LATER + 5), graph)

    weave([erase(at_ms=LATER + 9, receipt="R2")], graph)

    assert of_asset(graph, APP) == set()
    told = {code: receipt.ids for (_, code), receipt in graph.receipts.items()}
    assert told == {"R1": 3, "R2": 3}
    assert graph.told == type(graph.told)()


def test_one_message_takes_out_a_bounded_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(withdraw, "SWEEP_STEP", SWEEP_STEP)
    graph = DictGraph()
    several: list[LogMessage] = [
        seen(ScopedId(APP, f"{number:04}"), 1) for number in range(SWEEP_STEP + 10)
    ]
    weave(several, graph, check=False)
    step(erase(), graph, check=False)

    effects = handle(graph, graph.told[0])
    graph.apply(effects)
    assert len(of_asset(graph, APP)) == 10

    again = graph.told.pop()
    assert isinstance(again, EraseMembers)
    step(again, graph)
    assert graph.receipts[BUSINESS, "R1"].ids == SWEEP_STEP + 10


def test_another_business_and_another_asset_keep_theirs() -> None:
    graph = DictGraph()
    there = replace(seen(A, 1), business=OTHER_BUSINESS)
    weave([there, seen(ScopedId(Asset.parse("app:11"), "x"), 1), seen(A, 1)], graph)

    weave([erase()], graph)

    assert {(owner, str(who)) for owner, who in graph.index} == {
        (OTHER_BUSINESS, "app:1:x"),
        (BUSINESS, "app:11:x"),
    }
