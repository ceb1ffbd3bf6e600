"""What was proved under one owner says nothing under the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS, asset_changes

from idweave_graph.events import EventType, OwnershipChange
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, AssetKind, ScopedId
from idweave_graph.messages import (
    AssetChanged,
    Proved,
    Refusal,
    RefusalReason,
    Sighted,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person
from idweave_graph.ports import AssetEpoch

CAUSE = Cause("t", 0, 0)
APP, PAGE = Asset(AssetKind.APP, "1"), Asset(AssetKind.PAGE, "1")
ASID, PSID = ScopedId(APP, "x"), ScopedId(PAGE, "x")


def change(epoch: int, *, owned: bool) -> AssetChanged:
    return AssetChanged(BUSINESS, APP, epoch, owned, 5, CAUSE)


def proved(epoch: int, at_ms: int = 9) -> Proved:
    ends = ((ASID, epoch), (PSID, 1))
    proof = evidence(EvidenceKind.IDS_FOR_PAGES, *ends, at_ms=at_ms, cause=CAUSE)
    return Proved(BUSINESS, (proof,), at_ms, CAUSE)


def seen(epoch: int) -> Sighted:
    return Sighted(BUSINESS, OwnedId(ASID, epoch), 9, CAUSE)


@pytest.mark.parametrize(
    ("changes", "epoch"),
    [
        ([change(2, owned=True)], 1),
        ([change(1, owned=False)], 1),
        ([change(2, owned=True), change(2, owned=False)], 2),
        ([change(2, owned=True), change(2, owned=False)], 1),
    ],
)
def test_stale_evidence_is_refused_once(
    changes: list[AssetChanged], epoch: int
) -> None:
    """Evidence of an epoch that is over, or of an asset that is lost, joins nobody."""
    graph = DictGraph()
    weave(changes, graph)

    events = weave([proved(epoch), proved(epoch, at_ms=10), seen(epoch)], graph)

    assert [(event.type, event.refusal) for event in events] == [
        (EventType.REFUSED, Refusal(RefusalReason.STALE_EPOCH, PSID, APP)),
        (EventType.REFUSED, Refusal(RefusalReason.STALE_EPOCH, ASID, APP)),
    ]
    assert graph.persons == {}


@pytest.mark.parametrize("epoch", [2, 3])
def test_current_and_newer_evidence_is_accepted(epoch: int) -> None:
    """The log of changes may be behind what the boundary knew."""
    graph = DictGraph()
    weave([change(2, owned=True)], graph)

    events = weave([proved(epoch)], graph)

    assert [event.type for event in events] == [EventType.CREATED]


def test_a_regained_asset_counts_again() -> None:
    """Lost and gained anew, an asset's new ids are accepted and old proofs are not."""
    graph = DictGraph()
    weave([change(1, owned=False), change(2, owned=True)], graph)

    events = weave([proved(1), proved(2)], graph)

    assert [event.type for event in events] == [EventType.REFUSED, EventType.CREATED]


def test_a_refusal_names_the_person_that_was_asked_about() -> None:
    """As they were before the message, which is told after the refusal."""
    graph = DictGraph()
    weave([Sighted(BUSINESS, OwnedId(PSID, 1), 9, CAUSE)], graph)
    (known,) = graph.persons.values()
    weave([change(2, owned=True)], graph)
    other = ScopedId(Asset(AssetKind.APP, "2"), "x")
    kept = evidence(
        EvidenceKind.IDS_FOR_APPS, (PSID, 1), (other, 1), at_ms=1, cause=CAUSE
    )
    message = Proved(BUSINESS, (kept, *proved(1).proofs), 9, CAUSE)

    refusal, merged = weave([message], graph)

    assert (refusal.type, refusal.about) == (EventType.REFUSED, known.id)
    assert isinstance(merged.person, Person)
    assert known.id in (merged.person.id, *merged.person.absorbed)


def test_a_change_of_owner_is_told() -> None:
    """Gained and lost, each with the epoch, to the business that it concerns."""
    events = weave([change(2, owned=True), change(2, owned=False)], DictGraph())

    assert [(event.type, event.reason, event.ownership) for event in events] == [
        (EventType.EPOCH_CHANGED, "gained", OwnershipChange(APP, 2, owned=True)),
        (EventType.EPOCH_CHANGED, "lost", OwnershipChange(APP, 2, owned=False)),
    ]
    assert [event.key for event in events] == [BUSINESS, BUSINESS]


@given(changes=st.lists(asset_changes, max_size=8))
def test_epochs_never_go_back(changes: list[AssetChanged]) -> None:
    """Older and repeated changes are ignored: the order they come in does not matter.

    The last one stands: the highest epoch, and of that the loss.
    """
    graph = DictGraph()

    events = weave(changes, graph)

    for asset in {change.asset for change in changes}:
        epoch, lost = max((c.epoch, not c.owned) for c in changes if c.asset == asset)
        assert graph.assets[BUSINESS, asset] == AssetEpoch(epoch, not lost)
    assert len(events) <= len(set(changes))
    assert weave(changes, graph) == []
