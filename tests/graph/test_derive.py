"""Persons from evidence, against a model that is too simple to be wrong."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.strategies import members, proofs, scoped_ids

from idweave_graph.bans import Pair
from idweave_graph.derive import MAX_PROOFS, WAYS, derive, enough
from idweave_graph.evidence import (
    Cause,
    Evidence,
    EvidenceKind,
    evidence,
    weaving_order,
)
from idweave_graph.ids import Asset, AssetKind, Member, ScopedId
from idweave_graph.person import is_coherent

Parts = set[frozenset[Member]]

one_of_a_key = st.lists(proofs(), max_size=10, unique_by=lambda proof: proof.key)
ids = [ScopedId(Asset(AssetKind.PAGE, str(number)), "x") for number in range(20)]


def merged(parts: Parts, proof: Evidence) -> Parts:
    (one,) = (part for part in parts if proof.a in part)
    (two,) = (part for part in parts if proof.b in part)
    return parts - {one, two} | {one | two}


def model(everyone: set[Member], told: list[Evidence], barred: set[Pair]) -> Parts:
    """First join all; where two meet who must not, join again, oldest first."""

    def may_be_one(part: frozenset[Member]) -> bool:
        return is_coherent(part) and not any(part >= set(pair) for pair in barred)

    parts: Parts = {frozenset({who}) for who in everyone}
    usable = [proof for proof in told if {proof.a, proof.b} <= everyone]
    for proof in usable:
        parts = merged(parts, proof)
    sound = {part for part in parts if may_be_one(part)}
    tangled = set().union(*(parts - sound))
    rest: Parts = {frozenset({who}) for who in tangled}
    for proof in sorted(usable, key=weaving_order):
        if proof.a in tangled:
            joined = merged(rest, proof)
            if all(may_be_one(part) for part in joined):
                rest = joined
    return sound | rest


pairs = st.lists(scoped_ids, min_size=2, max_size=2, unique=True)
some_barred = st.sets(pairs.map(lambda two: (two[0], two[1])), max_size=3)


@given(
    everyone=st.sets(members, max_size=10),
    told=one_of_a_key,
    barred=some_barred,
    random=st.randoms(),
)
def test_persons_are_what_the_model_says(
    everyone: set[Member], told: list[Evidence], barred: set[Pair], random: Random
) -> None:
    """Same parts; a proof is accepted where its ends are one person, else left out."""
    shuffled = random.sample(told, len(told))

    derivation = derive(sorted(everyone, key=str), shuffled, barred)

    parts = model(everyone, told, barred)
    assert set(derivation.parts) == parts
    inside = [p for p in told if any({p.a, p.b} <= part for part in parts)]
    outside = [p for p in told if p not in inside]
    assert derivation.accepted == tuple(sorted(inside, key=weaving_order))
    assert derivation.quarantined == tuple(sorted(outside, key=weaving_order))


@given(everyone=st.sets(members, max_size=10), told=one_of_a_key)
def test_parts_cover_everyone_once_in_a_fixed_order(
    everyone: set[Member], told: list[Evidence]
) -> None:
    """So that what is told in their order is told the same in every replay."""
    parts = derive(everyone, told).parts

    assert sorted((m for part in parts for m in part), key=str) == sorted(
        everyone, key=str
    )
    assert list(parts) == sorted(parts, key=lambda part: min(map(str, part)))


@st.composite
def many_proofs(draw: st.DrawFn) -> list[Evidence]:
    """More proofs between a few coherent ids than are kept, in weaving order."""
    random = draw(st.randoms(use_true_random=False))
    count = draw(st.integers(MAX_PROOFS + 1, 2 * MAX_PROOFS))
    pairs = [
        (kind, one, two)
        for one in ids
        for two in ids
        for kind in EvidenceKind
        if str(one) < str(two)
    ]
    told = [
        evidence(
            kind,
            (one, 1),
            (two, 1),
            at_ms=random.randrange(40),
            cause=Cause("t", 0, 0),
        )
        for kind, one, two in random.sample(pairs, count)
    ]
    return sorted(told, key=weaving_order)


def in_order(told: set[Evidence]) -> list[Evidence]:
    return sorted(told, key=weaving_order)


@given(told=many_proofs(), random=st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_proofs_that_are_left_out_are_left_out_in_any_order(
    told: list[Evidence], random: Random
) -> None:
    """Leaving out as they come, and again, keeps just what leaving out at once does."""
    kept: set[Evidence] = set()
    for _ in range(2):
        rest = random.sample(told, len(told))
        while rest:
            kept = set(enough(in_order(kept | set(rest[:50]))))
            rest = rest[50:]

    assert in_order(kept) == list(enough(told))


@given(told=many_proofs(), data=st.data())
@settings(max_examples=25)
def test_enough_proofs_hold_when_some_are_withdrawn(
    told: list[Evidence], data: st.DataObject
) -> None:
    """Any two proofs may be withdrawn, and who is one person stays the same.

    As far as all proofs together would still hold them.
    """
    kept = enough(told)
    gone = data.draw(
        st.sets(st.sampled_from(kept), min_size=1, max_size=WAYS - 1), label="gone"
    )

    assert len(kept) == MAX_PROOFS
    assert list(kept) == [proof for proof in told if proof in set(kept)]
    left = derive(ids, [proof for proof in kept if proof not in gone])
    all_left = derive(ids, [proof for proof in told if proof not in gone])
    assert left.parts == all_left.parts


def test_few_proofs_are_all_kept() -> None:
    """What a person with the usual number of apps and Pages has is never left out."""
    told = [
        evidence(kind, (one, 1), (two, 1), at_ms=1, cause=Cause("t", 0, 0))
        for one in ids[:16]
        for two in ids[:16]
        for kind in (EvidenceKind.IDS_FOR_APPS, EvidenceKind.IDS_FOR_PAGES)
        if str(one) < str(two)
    ]

    assert len(told) == 240
    assert enough(told) == tuple(told)
