"""What an operator's decision changes, what is told of it, and when it ends."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, step, weave
from tests.support.strategies import (
    APPS,
    BUSINESS,
    EPOCHS,
    OTHER_BUSINESS,
    decided,
)

from idweave_graph import withdraw
from idweave_graph.decisions import Decision, Verdict, decision, with_decision
from idweave_graph.derive import MAX_PROOFS, derive, enough
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import (
    Cause,
    Evidence,
    EvidenceKind,
    evidence,
    weaving_order,
)
from idweave_graph.ids import Asset, AssetKind, Member, ScopedId, member
from idweave_graph.messages import (
    AssetChanged,
    Banned,
    Decided,
    Erase,
    LogMessage,
    Proved,
    RefusalReason,
    Sighted,
    Unlinked,
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


# Acceptance.


def test_what_is_accepted_comes_before_what_is_older() -> None:
    """Who moves is told with the verdict as reason, and so is the rival that waits."""
    graph = contradicted()

    events = weave([said(Verdict.ACCEPT, A2, B)], graph)

    assert together(graph, B) == {A2, B}
    assert told(events) == [
        (EventType.SPLIT, "accept"),
        (EventType.SPLIT, "accept"),
        (EventType.QUARANTINED, "ids_for_apps"),
        (EventType.DECIDED, "accept"),
    ]
    assert {each.author for event in events for each in event.decisions} == {"ann"}
    assert events[2].proofs == (proof(A, B, 3),)
    assert events[3].proofs == (proof(A2, B, 4),)
    assert events[3].about == events[3].other == person_of(graph, B).id


def test_an_acceptance_waits_for_proofs_that_nobody_knows_yet() -> None:
    """It is about the two, whatever is learned of them, and then comes first at once."""
    graph = DictGraph()
    weave([said(Verdict.ACCEPT, A2, B), joined(proof(A, B, 3))], graph)

    weave([joined(proof(A2, B, 4))], graph)

    assert together(graph, B) == {A2, B}


def test_of_two_acceptances_the_later_comes_first() -> None:
    """Whichever proof is older, and in whichever order they are read."""
    first, second = said(Verdict.ACCEPT, A, B, 50), said(Verdict.ACCEPT, A2, B, 60)
    for log in ([first, second], [second, first]):
        graph = contradicted()
        weave(log, graph)
        assert together(graph, B) == {A2, B}


def test_a_ban_is_above_an_acceptance() -> None:
    graph = DictGraph()
    ban = Banned(BUSINESS, OwnedId(A, 1), OwnedId(B, 1), False, "bob", "two", 5, CAUSE)

    weave([joined(proof(A, B, 3)), ban, said(Verdict.ACCEPT, A, B)], graph)

    assert person_of(graph, A) != person_of(graph, B)
    assert person_of(graph, A).quarantined == (proof(A, B, 3),)


def test_two_ids_of_one_app_stay_apart_whatever_is_accepted() -> None:
    graph = DictGraph()

    weave([joined(proof(A, A2, 3)), said(Verdict.ACCEPT, A, A2)], graph)

    assert person_of(graph, A) != person_of(graph, A2)


def test_a_large_person_keeps_an_accepted_proof() -> None:
    """However young it is: others are left out before it."""
    assets = [Asset(AssetKind.PAGE, str(n)) for n in range(40)]
    ids = [ScopedId(asset, "x") for asset in assets]
    old = [proof(x, y, 3) for n, x in enumerate(ids) for y in ids[:n]]
    young = proof(ids[20], ids[21], 9, EvidenceKind.MANUAL)
    proofs = sorted([*old, young], key=weaving_order)

    kept = enough(proofs, [(young.a, young.b)])

    assert young not in enough(proofs)
    assert young in kept
    assert len(kept) == MAX_PROOFS
    assert list(kept) == sorted(kept, key=proofs.index)


def test_derivation_weighs_favoured_pairs_in_their_order() -> None:
    """Then all others by age; a component without contradiction is one anyway."""
    members = [A, A2, B, C]
    proofs = [proof(A, B, 1), proof(A2, B, 2), proof(B, C, 3)]

    parts = [
        derive(members, proofs, (), pairs).parts
        for pairs in ((), ((A2, B),), ((A, B), (A2, B)))
    ]

    mine, theirs = {frozenset({A, B, C}), frozenset({A2})}, {A2, B, C}
    assert set(parts[0]) == set(parts[2]) == mine
    assert set(parts[1]) == {frozenset({A}), frozenset(theirs)}


# Rejection.


def test_a_person_falls_apart_where_the_rejected_proof_held_it() -> None:
    """Each part is told; the proof is in no quarantine, and no part lost it unseen."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2), joined(proof(A, B, 3))], graph)

    events = weave([said(Verdict.REJECT, A, B)], graph)

    assert told(events) == [
        (EventType.SPLIT, "reject"),
        (EventType.SPLIT, "reject"),
        (EventType.DECIDED, "reject"),
    ]
    assert events[-1].proofs == (proof(A, B, 3),)
    for who in (A, B):
        assert person_of(graph, who).evidence == person_of(graph, who).quarantined == ()


def test_a_person_stays_whole_where_other_proofs_hold_it() -> None:
    """Then nothing but the decision is told."""
    graph = DictGraph()
    others = joined(proof(A, TOKEN, 3), proof(B, TOKEN, 3))
    weave([joined(proof(A, B, 3)), others], graph)

    assert told(weave([said(Verdict.REJECT, A, B)], graph)) == [
        (EventType.DECIDED, "reject")
    ]
    assert together(graph, A) == {A, B, TOKEN}


def test_whom_only_the_rejected_proof_spoke_for_leaves() -> None:
    """It is told as an erasure of that member alone; a return gives another name."""
    graph = DictGraph()
    weave([seen(A, 1), joined(proof(A, TOKEN, 2)), joined(proof(A, B, 3))], graph)

    events = weave([said(Verdict.REJECT, A, B)], graph)

    assert told(events) == [
        (EventType.ERASED, "reject"),
        (EventType.DECIDED, "reject"),
    ]
    assert (BUSINESS, B) not in graph.index
    assert graph.forgotten == []


def test_all_kinds_between_the_two_are_rejected_and_no_others() -> None:
    graph = DictGraph()
    manual = proof(A, B, 5, EvidenceKind.MANUAL)
    weave([seen(A, 1), seen(B, 1), seen(C, 1)], graph)
    weave([joined(proof(A, B, 3), manual, proof(A, C, 4))], graph)

    weave([said(Verdict.REJECT, B, A)], graph)

    assert together(graph, A) == {A, C}
    [kept] = graph.decisions[BUSINESS, A]
    assert set(kept.kept) == {proof(A, B, 3), manual}


def test_what_is_learned_later_does_not_count_and_brings_nobody() -> None:
    """It is kept, the firmer of two with one key, and nothing is told."""
    graph = DictGraph()
    weave([seen(A, 1), said(Verdict.REJECT, A, B)], graph)

    assert weave([joined(proof(A, B, 9)), joined(proof(A, B, 8))], graph) == []

    assert (BUSINESS, B) not in graph.index
    assert [each.kept for each in graph.decisions[BUSINESS, B]] == [(proof(A, B, 8),)]


def test_what_was_in_quarantine_is_rejected_too() -> None:
    graph = contradicted()

    events = weave([said(Verdict.REJECT, A2, B)], graph)

    assert told(events) == [(EventType.DECIDED, "reject")]
    assert not any(person.quarantined for person in graph.persons.values())


def test_the_rival_of_what_is_rejected_is_let_in() -> None:
    """As after any withdrawal, with the verdict as reason."""
    graph = contradicted()

    events = weave([said(Verdict.REJECT, A, B)], graph)

    assert together(graph, B) == {A2, B}
    assert {event.reason for event in events} == {"reject"}


# The end of a decision, and links.


def test_reopened_it_waits_again_and_that_is_told_anew() -> None:
    """The second quarantine is another fact than the first."""
    graph = DictGraph()
    rivals = (joined(proof(A, B, 3)), joined(proof(A2, B, 4)))
    before = weave([seen(A, 1), seen(A2, 2), *rivals], graph)
    weave([said(Verdict.REJECT, A2, B)], graph)

    events = weave([said(Verdict.REOPEN, A2, B, LATER + 1)], graph)

    assert told(events) == [
        (EventType.QUARANTINED, "ids_for_apps"),
        (EventType.DECIDED, "reopen"),
    ]
    assert EventType.QUARANTINED in {event.type for event in before}
    assert events[0].id not in {event.id for event in before}


def test_a_link_joins_by_hand_and_is_told_with_who_said_so() -> None:
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2)], graph)

    events = weave([said(Verdict.LINK, A, B)], graph)

    assert told(events) == [(EventType.MERGED, "link"), (EventType.DECIDED, "link")]
    [manual] = person_of(graph, A).evidence
    assert (manual.kind, manual.at_ms) == (EvidenceKind.MANUAL, LATER)
    assert events[0].proofs == events[1].proofs == (manual,)
    assert [each.author for each in events[0].decisions] == ["ann"]


def test_a_link_that_contradicts_waits_as_any_other_proof() -> None:
    graph = contradicted()

    links = [said(Verdict.LINK, A2, C), said(Verdict.LINK, C, B, LATER + 1)]
    events = weave(links, graph)

    assert together(graph, C) == {A2, C}
    assert EventType.QUARANTINED in {event.type for event in events}


def test_a_link_ends_a_rejection_and_brings_back_what_it_kept() -> None:
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 2), joined(proof(A, B, 3))], graph)
    weave([said(Verdict.REJECT, A, B)], graph)

    weave([said(Verdict.LINK, A, B, LATER + 1)], graph)

    kinds = {each.kind for each in person_of(graph, A).evidence}
    assert kinds == {EvidenceKind.IDS_FOR_APPS, EvidenceKind.MANUAL}
    assert all(each.kept == () for each in graph.decisions[BUSINESS, A])


def test_a_link_that_is_older_than_the_rejection_ends_nothing() -> None:
    """Said at once, the rejection counts."""
    for at_ms in (LATER - 1, LATER):
        graph = DictGraph()
        weave([seen(A, 1), seen(B, 2), said(Verdict.REJECT, A, B)], graph)

        weave([said(Verdict.LINK, A, B, at_ms)], graph)

        assert person_of(graph, A) != person_of(graph, B)


def test_a_link_leaves_an_acceptance_in_force() -> None:
    """It says that the two are one person, not that this is less certain."""
    graph = contradicted()

    weave([said(Verdict.ACCEPT, A2, B), said(Verdict.LINK, A2, B, LATER + 1)], graph)

    assert together(graph, B) == {A2, B}


def test_an_older_word_does_not_count() -> None:
    """What was said last about two members stays, and the older one is not told of."""
    graph = contradicted()
    weave([said(Verdict.REOPEN, A2, B, 60)], graph)

    assert weave([said(Verdict.ACCEPT, A2, B, 50)], graph) == []
    assert together(graph, B) == {A, B}


# What takes a decision away, or its proofs.


def test_an_account_linking_that_is_over_is_not_kept() -> None:
    """A later link by hand brings back only what is still so."""
    graph = DictGraph()
    over = proof(A, CODE, 3, LINKING)
    weave([seen(A, 1), joined(over), said(Verdict.REJECT, A, CODE)], graph)

    weave([Unlinked(BUSINESS, A, 5, CAUSE)], graph)
    weave([said(Verdict.REOPEN, A, CODE, LATER + 1)], graph)

    assert together(graph, A) == {A}


def test_an_erasure_that_comes_again_leaves_later_proofs_and_words_alone() -> None:
    """What was decided by its time is over, and what was proved since counts."""
    graph = DictGraph()
    erase = Erase(BUSINESS, A, False, 100, CAUSE, "")
    weave([erase, seen(A, 150), seen(B, 1), said(Verdict.REJECT, A, B, 90)], graph)
    weave([joined(proof(A, B, 151))], graph)
    assert person_of(graph, A) != person_of(graph, B)

    weave([erase], graph)
    assert person_of(graph, A) == person_of(graph, B)
    assert graph.decisions == {}

    weave([said(Verdict.REJECT, A, B, 160), erase], graph)
    assert person_of(graph, A) != person_of(graph, B)


def owner(epoch: int, *, owned: bool) -> AssetChanged:
    return AssetChanged(BUSINESS, A.asset, epoch, owned, epoch, CAUSE)


def test_a_decision_under_an_ownership_that_is_over_is_refused() -> None:
    """A link over the end of an ownership crosses the boundary as any other does."""
    for verdict in Verdict:
        graph = DictGraph()

        events = weave([owner(2, owned=True), said(verdict, A, B)], graph)

        assert told(events) == [
            (EventType.EPOCH_CHANGED, "gained"),
            (EventType.REFUSED, RefusalReason.STALE_EPOCH),
        ]
        assert graph.decisions == {}
        assert graph.index == {}


def test_the_decisions_of_an_asset_go_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of ids that were never seen, with all that they kept."""
    monkeypatch.setattr(withdraw, "SWEEP_STEP", 2)
    graph = DictGraph()
    strangers = [ScopedId(APPS[0], f"s{n}") for n in range(5)]
    verdict = Verdict.REJECT
    weave([seen(A, 1), seen(B, 1), joined(proof(A, B, 2))], graph)
    weave([said(verdict, A, B), *(said(verdict, who, B) for who in strangers)], graph)

    weave([owner(1, owned=False)], graph)
    assert graph.decisions == {}

    weave([owner(2, owned=True), seen(A, 9, 2)], graph)
    weave([joined(proof(A, B, 9, epoch=2))], graph)
    assert person_of(graph, A) == person_of(graph, B)


def test_a_rejection_says_nothing_of_a_later_ownership() -> None:
    """Not even while the sweep is on its way; what it kept does not come back."""
    graph = DictGraph()
    weave([seen(A, 1), seen(B, 1), joined(proof(A, B, 2))], graph)
    weave([said(Verdict.REJECT, A, B)], graph)
    step(owner(2, owned=True), graph)

    step(seen(A, 9, 2), graph)
    step(joined(proof(A, B, 9, epoch=2)), graph)
    assert person_of(graph, A).evidence == (proof(A, B, 9, epoch=2),)

    step(said(Verdict.REOPEN, A, B, LATER + 1, epoch=2), graph)
    assert person_of(graph, A).evidence == (proof(A, B, 9, epoch=2),)


def test_another_business_does_not_hear_of_it() -> None:
    """Nor is anything read there in search of decisions."""
    graph = DictGraph()
    there: LogMessage = replace(joined(proof(A, B, 2)), business=OTHER_BUSINESS)

    weave([said(Verdict.REJECT, A, B), there], graph)

    assert graph.index[OTHER_BUSINESS, A] == graph.index[OTHER_BUSINESS, B]
    assert not graph.withdrawals(OTHER_BUSINESS).has_decisions


# The value.


@given(told=st.lists(decided(EPOCHS), max_size=8), random=st.randoms())
def test_of_two_decisions_with_one_key_one_is_kept(
    told: list[Decided], random: Random
) -> None:
    """The same one in any order: of the later epochs, then what was said last."""
    values = [as_decision(each) for each in told]
    shuffled = random.sample(values, k=len(values)) + values[:1]
    one: tuple[Decision, ...] = ()
    two: tuple[Decision, ...] = ()

    for each in values:
        one = with_decision(one, each)
    for each in shuffled:
        two = with_decision(two, each)

    assert one == two
    assert len(one) == len({each.key for each in values})


def as_decision(message: Decided) -> Decision:
    return decision(
        (message.b, message.epoch_b),
        (message.a, message.epoch_a),
        message.verdict,
        at_ms=message.at_ms,
        author=message.author,
        reason=message.reason,
        cause=message.cause,
    )


def test_a_decision_is_about_two() -> None:
    with pytest.raises(ValueError, match="must differ"):
        as_decision(replace(said(Verdict.LINK, A, B), b=A))
