"""Two apps, a Page, and what is decided about the proofs between their ids."""

from tests.support.graph import DictGraph, weave
from tests.support.strategies import (
    BUSINESS,
)

from idweave_graph.decisions import Verdict
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import (
    Cause,
    Evidence,
    EvidenceKind,
    evidence,
)
from idweave_graph.ids import Asset, Member, ScopedId, member
from idweave_graph.messages import (
    Decided,
    Proved,
    Sighted,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person

CAUSE = Cause("t", 0, 0)
LATER = 1_000
A, B, C, A2 = (
    ScopedId(Asset.parse(asset), user)
    for asset, user in (("app:1", "x"), ("app:2", "x"), ("page:1", "x"), ("app:1", "y"))
)
TOKEN, CODE = member("token:t"), member(f"code:{'0c' * 16}")
LINKING = EvidenceKind.ACCOUNT_LINKING


def seen(who: ScopedId, at_ms: int, epoch: int = 1) -> Sighted:
    return Sighted(BUSINESS, OwnedId(who, epoch), at_ms, CAUSE)


def proof(
    one: Member,
    two: Member,
    at_ms: int,
    kind: EvidenceKind = EvidenceKind.IDS_FOR_APPS,
    epoch: int = 1,
) -> Evidence:
    first, second = (
        (end, epoch if end == A else int(isinstance(end, ScopedId)))
        for end in (one, two)
    )
    return evidence(kind, first, second, at_ms=at_ms, cause=CAUSE)


def joined(*several: Evidence) -> Proved:
    return Proved(BUSINESS, several, several[0].at_ms, CAUSE)


def said(
    verdict: Verdict, one: Member, two: Member, at_ms: int = LATER, epoch: int = 1
) -> Decided:
    a, b = sorted((one, two), key=str)
    epoch_a, epoch_b = (
        epoch if end == A else int(isinstance(end, ScopedId)) for end in (a, b)
    )
    told = (verdict, "ann", "asked them")
    return Decided(BUSINESS, a, b, epoch_a, epoch_b, *told, at_ms, CAUSE)


def person_of(graph: DictGraph, who: Member) -> Person:
    return graph.persons[BUSINESS, graph.index[BUSINESS, who]]


def together(graph: DictGraph, who: Member) -> set[Member]:
    return set(person_of(graph, who).members)


def told(events: list[IdentityEvent]) -> list[tuple[EventType, str]]:
    return [(event.type, event.reason) for event in events]


def contradicted() -> DictGraph:
    """A and B are one person; that A2 is B as well was learned later."""
    graph = DictGraph()
    rivals = (joined(proof(A, B, 3)), joined(proof(A2, B, 4)))
    weave([seen(A, 1), seen(A2, 2), *rivals], graph)
    assert together(graph, B) == {A, B}
    return graph
