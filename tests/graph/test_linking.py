"""Account linking: the business's own word that two ids are one person, and its end."""

from itertools import permutations

import pytest
from tests.support.graph import DictGraph, DictLookups, partition, step
from tests.support.strategies import BUSINESS

from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, AssetKind, LinkingCode, ScopedId
from idweave_graph.messages import LogMessage, Proved, Sighting, Unlinked
from idweave_graph.ownership import OwnedId
from idweave_graph.resolve import LookupPolicy, handle

PSID = OwnedId(ScopedId(Asset(AssetKind.PAGE, "1"), "p"), 1)
ASID = OwnedId(ScopedId(Asset(AssetKind.APP, "1"), "a"), 1)
CODE, LATER = LinkingCode.of("first"), LinkingCode.of("second")
CAUSE = Cause("webhooks", 0, 1)


def linked(seen: OwnedId, at_ms: int, code: LinkingCode = CODE) -> Sighting:
    return Sighting(BUSINESS, seen, at_ms, CAUSE, code=code)


def unlinked(at_ms: int) -> Sighting:
    return Sighting(BUSINESS, PSID, at_ms, CAUSE, is_unlinked=True)


def told(*sightings: Sighting) -> list[LogMessage]:
    """Let them be seen, each twice, as Meta sends events again."""
    state, log = DictLookups(), list[LogMessage]()
    for sighting in sightings:
        for _ in range(2):
            log += state.apply(handle(state, sighting, policy=LookupPolicy()))
    return log


def persons(*sightings: Sighting) -> set[frozenset[object]]:
    """Who is one person in the end, codes left out."""
    graph = DictGraph()
    for message in told(*sightings):
        step(message, graph)
        graph.assert_sound()
    return {
        frozenset(who for who in part if isinstance(who, ScopedId))
        for part in partition(graph, BUSINESS)
    }


TOGETHER = {frozenset((PSID.id, ASID.id))}
APART = {frozenset((PSID.id,)), frozenset((ASID.id,))}


def test_one_code_joins_whoever_went_through_that_linking() -> None:
    """The webhook shows it with the PSID, the site's login with the ASID."""
    assert persons(linked(PSID, 1), linked(ASID, 2)) == TOGETHER


def test_two_codes_join_nobody() -> None:
    assert persons(linked(PSID, 1), linked(ASID, 2, LATER)) == APART


def test_it_is_evidence_of_its_own_kind_told_once() -> None:
    """An analyst can tell a business's word from Meta's."""
    proofs = [
        proof
        for message in told(linked(PSID, 1), linked(PSID, 3))
        if isinstance(message, Proved)
        for proof in message.proofs
    ]

    assert [(proof.kind, proof.other(PSID.id)) for proof in proofs] == [
        (EvidenceKind.ACCOUNT_LINKING, CODE)
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_end_of_linking_takes_back_what_came_before_it(
    order: tuple[int, ...],
) -> None:
    """Whatever is told first."""
    events = [linked(PSID, 1), linked(ASID, 2), unlinked(3)]

    assert persons(*(events[place] for place in order)) == APART


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_linking_again_joins_again(order: tuple[int, ...]) -> None:
    """What came after the end stands."""
    events = [
        linked(PSID, 1),
        unlinked(3),
        linked(PSID, 5, LATER),
        linked(ASID, 6, LATER),
    ]

    assert persons(*(events[place] for place in order)) == TOGETHER


def test_the_end_of_linking_leaves_other_evidence_alone() -> None:
    """What Meta proved is not the site's to undo."""
    graph = DictGraph()
    for message in told(linked(PSID, 1), linked(ASID, 2)):
        step(message, graph)
    ends = ((PSID.id, 1), (ASID.id, 1))
    proof = evidence(EvidenceKind.IDS_FOR_APPS, *ends, at_ms=4, cause=CAUSE)
    step(Proved(BUSINESS, (proof,), 4, CAUSE), graph)

    step(Unlinked(BUSINESS, PSID.id, 9, CAUSE), graph)

    [part] = partition(graph, BUSINESS)
    assert {PSID.id, ASID.id} <= part
    graph.assert_sound()
