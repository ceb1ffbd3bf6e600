"""What an erasure takes with it, whatever else is read before or after it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.deciding import (
    CAUSE,
    TOKEN,
    A,
    B,
    C,
    joined,
    proof,
    said,
    seen,
    together,
)
from tests.support.graph import DictGraph, DictOwnership, sets_of, step, weave
from tests.support.strategies import (
    ASSETS,
    BUSINESS,
    banned,
    decided,
    proved,
    scoped_ids,
    sighted,
)
from tests.support.world import Core

from idweave_graph import withdraw
from idweave_graph.decisions import Verdict
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import (
    Banned,
    Erase,
    EraseAsset,
    LogMessage,
)
from idweave_graph.ownership import OwnedId, Ownership

LATER, UNTIL = 100, 200


@pytest.fixture(autouse=True)
def small_steps() -> Iterator[None]:
    """One member at a time, so that every erasure has an in between."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "SWEEP_STEP", 1)
        yield


def erase(who: ScopedId, *, whole: bool = False) -> Erase:
    return Erase(BUSINESS, who, whole, LATER, CAUSE, "R1", UNTIL)


def erase_all(asset: Asset) -> EraseAsset:
    return EraseAsset(BUSINESS, asset, LATER, CAUSE, "R2", UNTIL)


def banned_at(one: ScopedId, two: ScopedId, at_ms: int) -> Banned:
    ends = (OwnedId(one, 1), OwnedId(two, 1))
    return Banned(BUSINESS, *ends, False, "ann", "two people", at_ms, CAUSE)


def _sooner_or_later(message: LogMessage) -> st.SearchStrategy[LogMessage]:
    later = replace(message, at_ms=message.at_ms + LATER)
    return st.sampled_from([message, later])


words = st.one_of(banned(), decided())
logs = st.lists(
    st.one_of(
        sighted(),
        proved(),
        words.flatmap(_sooner_or_later),
        scoped_ids.map(erase),
        st.sampled_from(ASSETS).map(erase_all),
    ),
    max_size=12,
)


@given(log=logs, random=st.randoms(use_true_random=False))
def test_the_order_does_not_show_in_who_is_left_nor_in_what_was_said(
    log: list[LogMessage], random: Random
) -> None:
    """Erasures, bans and decisions from before and after them, evidence from before."""
    mixed = log + random.sample(log, k=len(log) // 2)
    random.shuffle(mixed)
    one, two = DictGraph(), DictGraph()

    weave(log, one)
    waiting = deque(mixed)
    while waiting or two.told:
        goes_on = two.told and (not waiting or random.random() < 0.4)
        step(two.told.popleft() if goes_on else waiting.popleft(), two)

    assert sets_of(one) == sets_of(two)
    assert (one.bans, one.decisions) == (two.bans, two.decisions)
    assert one.memory == two.memory


@pytest.mark.parametrize("asset", [True, False])
def test_who_goes_along_keeps_a_lookup_that_a_sighting_has_opened(
    *, asset: bool
) -> None:
    """They are known in their own right, as if that had been read first."""
    owned = {x.asset: Ownership(x.asset, BUSINESS, 1) for x in (A, B)}
    core = Core(DictOwnership(owned))
    core.see(A, 1)
    core.answer(core.lookups.lookups[A], [B], at_ms=2)
    core.deliver()

    core.log.append(erase_all(A.asset) if asset else erase(A))
    core.see(B, 3)
    core.deliver()

    assert {who for _, who in core.graph.index} == {B}
    assert B in core.lookups.lookups


def test_a_rejected_proof_outlives_who_was_known_through_another() -> None:
    """It speaks for those who went along, once nobody rejects it any more."""
    graph = DictGraph()
    weave([seen(C, 1), joined(proof(A, B, 2)), joined(proof(B, C, 3))], graph)
    weave([said(Verdict.REJECT, B, C, 4), erase(A)], graph)
    assert {who for _, who in graph.index} == {C}

    weave([said(Verdict.REOPEN, B, C, 5)], graph)

    assert together(graph, C) == {B, C}


def test_a_rejected_token_outlives_an_id_that_carried_it() -> None:
    graph = DictGraph()
    weave([seen(B, 1), joined(proof(A, TOKEN, 2)), joined(proof(B, TOKEN, 3))], graph)
    weave([said(Verdict.REJECT, B, TOKEN, 4), erase(A)], graph)

    weave([said(Verdict.REOPEN, B, TOKEN, 5)], graph)

    assert together(graph, B) == {B, TOKEN}


def test_a_ban_from_after_the_request_stays_though_it_is_read_first() -> None:
    """It is about who may come back."""
    graph = DictGraph()
    weave([seen(A, 1), banned_at(A, B, 5), banned_at(A, C, LATER + 1)], graph)

    weave([erase(A)], graph)

    assert graph.bans.keys() == {(BUSINESS, A), (BUSINESS, C)}


def test_a_link_by_hand_goes_with_its_proof() -> None:
    """However late it was said: it would be no news after the erasure either."""
    graph = DictGraph()
    weave([seen(A, 1), said(Verdict.LINK, A, B, LATER + 1)], graph)

    weave([erase(A)], graph)

    assert graph.index == {}
    assert graph.decisions == {}


def test_of_a_whole_person_each_who_has_come_back_is_free_of_what_was_said() -> None:
    """Not only the one whom the request names."""
    graph = DictGraph()
    weave([seen(A, 1), joined(proof(A, B, 2)), seen(B, LATER + 1)], graph)
    weave([banned_at(B, C, 5), said(Verdict.REJECT, B, C, 5)], graph)

    weave([replace(erase(A, whole=True), until_ms=0)], graph)

    assert {who for _, who in graph.index} == {B}
    assert graph.bans == {}
    assert graph.decisions == {}
