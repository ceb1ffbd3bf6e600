"""Two ids that are banned are never one person, whatever proves it, until it is lifted."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, Sets, sets_of, step, weave, who_is_who
from tests.support.strategies import (
    APPS,
    BUSINESS,
    OTHER_BUSINESS,
    banned,
    banning_logs,
    evidence_logs,
    full_logs,
    scoped_ids,
)

from idweave_graph import withdraw
from idweave_graph.bans import Ban, barred, with_ban
from idweave_graph.bans import ban as ban_of
from idweave_graph.derive import derive
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence, firmer
from idweave_graph.ids import Asset, Member, ScopedId, member
from idweave_graph.messages import (
    AssetChanged,
    Banned,
    Erase,
    LogMessage,
    Proved,
    RefusalReason,
    Sighted,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person
from idweave_graph.tangle import ProofKey

CAUSE = Cause("t", 0, 0)
LATER = 1_000
A, B, C = (ScopedId(Asset.parse(asset), "x") for asset in ("app:1", "app:2", "page:1"))
TOKEN = member("token:t")


def seen(who: ScopedId, at_ms: int, epoch: int = 1) -> Sighted:
    return Sighted(BUSINESS, OwnedId(who, epoch), at_ms, CAUSE)


def proof(one: Member, two: Member, at_ms: int) -> Evidence:
    ends = [(end, 1 if isinstance(end, ScopedId) else 0) for end in (one, two)]
    kind = EvidenceKind.IDS_FOR_APPS
    return evidence(kind, ends[0], ends[1], at_ms=at_ms, cause=CAUSE)


def joined(one: Member, two: Member, at_ms: int) -> Proved:
    return Proved(BUSINESS, (proof(one, two, at_ms),), at_ms, CAUSE)


def keep_apart(one: ScopedId, two: ScopedId, at_ms: int = LATER) -> Banned:
    ends = OwnedId(one, 1), OwnedId(two, 1)
    return Banned(BUSINESS, *ends, False, "ann", "two people", at_ms, CAUSE)


def lift(ban: Banned, at_ms: int = LATER + 1) -> Banned:
    return replace(ban, is_lifted=True, author="bob", at_ms=at_ms)


def person_of(graph: DictGraph, who: Member) -> Person:
    return graph.persons[BUSINESS, graph.index[BUSINESS, who]]


def told(events: list[IdentityEvent]) -> list[tuple[EventType, str]]:
    return [(event.type, event.reason) for event in events]


# Against a model that is too simple to be wrong.


def expected(log: list[LogMessage]) -> Sets:
    """Who is one person by sets alone: members, proofs, and what was said last."""
    sighted: dict[Member, int] = {}
    proofs: dict[ProofKey, Evidence] = {}
    last: dict[frozenset[ScopedId], Banned] = {}
    for message in log:
        match message:
            case Sighted(_, who, at_ms):
                sighted[who.id] = min(at_ms, sighted.get(who.id, at_ms))
            case Proved(_, several):
                for each in several:
                    proofs[each.key] = firmer(proofs.get(each.key, each), each)
            case Banned(_, one, two):
                pair = frozenset({one.id, two.id})
                known = last.get(pair, message)
                last[pair] = max(
                    known, message, key=lambda b: (b.at_ms, not b.is_lifted)
                )
    for each in proofs.values():
        for end in (each.a, each.b):
            sighted[end] = min(each.at_ms, sighted.get(end, each.at_ms))
    pairs = [(ban.one.id, ban.two.id) for ban in last.values() if not ban.is_lifted]
    derived = derive(sighted, proofs.values(), pairs)
    return {
        (
            frozenset((who, sighted[who]) for who in part),
            frozenset(p for p in derived.accepted if p.a in part),
            frozenset(p for p in derived.quarantined if {p.a, p.b} & part),
        )
        for part in derived.parts
    }


@given(log=banning_logs(max_size=18), random=st.randoms())
def test_bans_and_evidence_count_in_any_order(
    log: list[LogMessage], random: Random
) -> None:
    """Whoever came first, and however often: persons follow from what is allowed."""
    graph = DictGraph()
    shuffled = log + random.sample(log, k=len(log) // 2)
    random.shuffle(shuffled)

    weave(shuffled, graph)

    assert sets_of(graph) == expected(log)


@given(log=banning_logs(), random=st.randoms())
def test_what_is_remembered_does_not_depend_on_the_order(
    log: list[LogMessage], random: Random
) -> None:
    """The same bans, with the same authors; the same names of persons."""
    one, two = DictGraph(), DictGraph()

    weave(log, one)
    weave(random.sample(log, k=len(log)), two)

    assert one.bans == two.bans
    assert who_is_who(one) == who_is_who(two)


@given(log=full_logs(max_size=20))
def test_no_two_banned_ids_are_ever_one_person(log: list[LogMessage]) -> None:
    """Not even for the time of one event, whatever else happens to them."""
    graph = DictGraph()
    for message in log:
        events = weave([message], graph)
        for event in events:
            if event.person is None or not event.person.members:
                continue
            grounds = event.person.presence
            bans = {ban for several in graph.bans.values() for ban in several}
            assert barred(bans, grounds) == frozenset()


@given(log=banning_logs(max_size=18))
def test_all_messages_again_change_nothing(log: list[LogMessage]) -> None:
    """A replay of the log on top of its own graph has nothing to tell."""
    graph = DictGraph()
    weave(log, graph)
    before = (dict(graph.persons), dict(graph.bans))

    assert weave(log, graph) == []
    assert (graph.persons, graph.bans) == before


@given(log=evidence_logs(), ban=banned())
def test_lifting_restores_who_was_one_person(
    log: list[LogMessage], ban: Banned
) -> None:
    """Under the names they had, with the proofs they had."""
    assume(not ban.is_lifted)
    graph, never = DictGraph(), DictGraph()
    weave(log, never)

    weave([*log, ban, lift(ban)], graph)

    assert who_is_who(graph) == who_is_who(never)


@given(log=banning_logs(), subject=scoped_ids, whole=st.booleans())
@example(log=[keep_apart(A, B, 5)], subject=A, whole=True)
@example(log=[keep_apart(A, B, 5), seen(A, 6), seen(B, 7)], subject=B, whole=False)
def test_no_ban_names_who_was_forgotten(
    log: list[LogMessage], subject: ScopedId, *, whole: bool
) -> None:
    """Known or not, banned or free again."""
    graph = DictGraph()
    weave(log, graph)

    weave([Erase(BUSINESS, subject, whole, LATER, CAUSE, "")], graph)

    assert (BUSINESS, subject) not in graph.bans
    assert all(
        subject not in ban.pair for several in graph.bans.values() for ban in several
    )
    gone = {message.id for message in graph.forgotten}
    assert gone.isdisjoint(scoped for _, scoped in graph.bans)


def test_an_erasure_that_comes_again_leaves_a_later_ban_alone() -> None:
    """Who has come back is kept apart by what was said since, and by nothing else."""
    graph = DictGraph()
    erase = Erase(BUSINESS, A, False, 100, CAUSE, "")
    back: list[LogMessage] = [seen(A, 150), seen(B, 1), joined(A, B, 151)]
    weave([*back, keep_apart(A, B, 90), erase], graph)
    assert person_of(graph, A) == person_of(graph, B)

    weave([keep_apart(A, B, 160), erase], graph)

    assert person_of(graph, A) != person_of(graph, B)


# What is told.


def test_a_person_falls_apart_and_both_parts_are_told() -> None:
    """With who decided it and why; the quarantined proof says what keeps it out."""
    graph = DictGraph()
    late = proof(B, C, 3)
    weave([seen(A, 1), joined(A, B, 2), Proved(BUSINESS, (late,), 3, CAUSE)], graph)

    events = weave([keep_apart(C, A)], graph)

    assert told(events) == [
        (EventType.SPLIT, "ban"),
        (EventType.SPLIT, "ban"),
        (EventType.QUARANTINED, "ids_for_apps"),
        (EventType.BANNED, "ban"),
    ]
    [ban] = {ban for event in events for ban in event.bans}
    assert (ban.author, ban.reason) == ("ann", "two people")
    assert ban.pair == (A, C)
    assert set(person_of(graph, A).members) == {A, B}
    assert person_of(graph, C).quarantined == (late,)
    one, two = person_of(graph, A).id, person_of(graph, C).id
    assert (events[-1].about, events[-1].other) == (one, two)


def test_a_ban_that_is_said_again_after_an_erasure_is_another_fact() -> None:
    """It is about another person then, and no two facts have one name."""
    graph = DictGraph()
    ban = keep_apart(A, B, 50)

    before = weave([seen(A, 1), seen(B, 1), ban], graph)
    weave([Erase(BUSINESS, A, False, ban.at_ms, CAUSE, "")], graph)
    after = weave([ban], graph)

    assert [kind for kind, _ in told([before[-1], *after])] == [EventType.BANNED] * 2
    assert before[-1].about != after[-1].about
    assert before[-1].id != after[-1].id


def test_the_end_of_a_ban_is_told() -> None:
    graph = DictGraph()
    ban = keep_apart(A, B)
    weave([joined(A, B, 2), ban], graph)

    events = weave([lift(ban)], graph)

    assert told(events) == [
        (EventType.MERGED, "lift-ban"),
        (EventType.UNBANNED, "lift-ban"),
    ]
    assert {ban.author for event in events for ban in event.bans} == {"bob"}


def test_a_ban_of_ids_that_nobody_knows_waits_for_them() -> None:
    """It is told at once, of the business; the proof that comes later is kept out."""
    graph = DictGraph()

    [event] = weave([keep_apart(A, B)], graph)
    events = weave([joined(A, B, LATER + 9)], graph)

    assert (event.type, event.about, event.other) == (EventType.BANNED, None, None)
    assert event.key == BUSINESS
    assert person_of(graph, A) != person_of(graph, B)
    [kept_out] = [e for e in events if e.type is EventType.QUARANTINED]
    assert [ban.author for ban in kept_out.bans] == ["ann"]


def test_a_token_that_both_carry_does_not_join_them() -> None:
    """The one who carried it first keeps it."""
    graph = DictGraph()
    weave([keep_apart(A, B), joined(B, TOKEN, 3), joined(A, TOKEN, 2)], graph)

    assert set(person_of(graph, A).members) == {A, TOKEN}
    assert set(person_of(graph, B).members) == {B}


def test_a_ban_is_followed_through_merges_and_splits() -> None:
    """It is about the two ids, whoever else they are with by then."""
    graph = DictGraph()
    weave([keep_apart(A, B), joined(B, C, 2), seen(A, 1)], graph)
    weave([joined(C, TOKEN, 3), joined(A, TOKEN, 4)], graph)

    assert set(person_of(graph, A).members) == {A}
    assert set(person_of(graph, B).members) == {B, C, TOKEN}


def test_an_older_word_does_not_count() -> None:
    """What was said last about two ids stays, and the older one is not told of."""
    graph = DictGraph()
    ban = keep_apart(A, B, 50)
    weave([joined(A, B, 2), lift(ban, 60)], graph)

    assert weave([ban], graph) == []
    assert person_of(graph, A) == person_of(graph, B)


def test_said_at_once_the_ban_counts() -> None:
    """Of a ban and its end at the same millisecond."""
    graph = DictGraph()
    ban = keep_apart(A, B, 50)

    weave([joined(A, B, 2), ban, lift(ban, 50)], graph)

    assert person_of(graph, A) != person_of(graph, B)


def test_another_business_does_not_hear_of_it() -> None:
    """Nor is anything read there in search of bans."""
    graph = DictGraph()
    there = replace(joined(A, B, 2), business=OTHER_BUSINESS)

    weave([keep_apart(A, B), there], graph)

    assert graph.index[OTHER_BUSINESS, A] == graph.index[OTHER_BUSINESS, B]
    assert not graph.withdrawals(OTHER_BUSINESS).has_bans


# Owners.


def owner(epoch: int, *, owned: bool) -> AssetChanged:
    return AssetChanged(BUSINESS, A.asset, epoch, owned, epoch, CAUSE)


def test_a_ban_under_an_ownership_that_is_over_is_refused() -> None:
    graph = DictGraph()

    events = weave([owner(2, owned=True), keep_apart(A, B)], graph)

    assert told(events) == [
        (EventType.EPOCH_CHANGED, "gained"),
        (EventType.REFUSED, RefusalReason.STALE_EPOCH),
    ]
    assert graph.bans == {}


def test_the_bans_of_an_asset_go_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of ids that were never seen; whoever comes back is free."""
    monkeypatch.setattr(withdraw, "SWEEP_STEP", 2)
    graph = DictGraph()
    strangers = [ScopedId(APPS[0], f"s{n}") for n in range(5)]
    weave([keep_apart(A, B), *(keep_apart(who, B) for who in strangers)], graph)
    weave([seen(A, 1), joined(A, B, 2)], graph)

    weave([owner(1, owned=False)], graph)
    assert graph.bans == {}

    weave([owner(2, owned=True), seen(A, 9, 2)], graph)
    ends = ((A, 2), (B, 1))
    again = evidence(EvidenceKind.IDS_FOR_APPS, *ends, at_ms=9, cause=CAUSE)
    weave([Proved(BUSINESS, (again,), 9, CAUSE)], graph)
    assert person_of(graph, A) == person_of(graph, B)


def test_who_was_kept_apart_by_a_lost_id_comes_together() -> None:
    """While the sweep is on its way already, as soon as they are met with."""
    graph = DictGraph()
    weave([keep_apart(A, B), joined(A, C, 1), joined(C, B, 2)], graph)
    step(owner(1, owned=False), graph)

    step(seen(C, 3), graph)

    assert set(person_of(graph, C).members) == {B, C}


# The value.


@given(bans=st.lists(banned(st.integers(1, 2)), max_size=6), random=st.randoms())
def test_of_two_bans_of_a_pair_one_is_kept(bans: list[Banned], random: Random) -> None:
    """The same one in any order: of the later epochs, then what was said last."""
    values = [as_ban(each) for each in bans]
    shuffled = random.sample(values, k=len(values)) + values[:1]
    one: tuple[Ban, ...] = ()
    two: tuple[Ban, ...] = ()

    for each in values:
        one = with_ban(one, each)
    for each in shuffled:
        two = with_ban(two, each)

    assert one == two
    assert {each.pair for each in one} == {each.pair for each in values}
    assert len(one) == len({each.pair for each in values})


def as_ban(message: Banned) -> Ban:
    return ban_of(
        message.one,
        message.two,
        at_ms=message.at_ms,
        author=message.author,
        reason=message.reason,
        cause=message.cause,
        is_lifted=message.is_lifted,
    )
