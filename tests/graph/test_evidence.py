"""Evidence has one form, and of two proofs that say the same one is kept."""

from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.strategies import EPOCHS, proofs

from idweave_graph.evidence import (
    Cause,
    Evidence,
    EvidenceKind,
    evidence,
    firmer,
    weaving_order,
)
from idweave_graph.ids import member

CAUSE = Cause("t", 0, 0)
ONE, TWO = member("app:1:x"), member("page:1:x")
same_key = proofs(
    ends=st.sampled_from([ONE, TWO]), epochs=EPOCHS
).map(lambda p: evidence(
    EvidenceKind.MANUAL, (p.a, p.epoch_a), (p.b, p.epoch_b),
    at_ms=p.at_ms, cause=p.cause,
))  # fmt: skip


def test_the_ends_may_be_given_in_any_order() -> None:
    """Both orders are one proof."""
    ends = ((ONE, 1), (TWO, 2))

    forth = evidence(EvidenceKind.MANUAL, *ends, at_ms=1, cause=CAUSE)
    back = evidence(EvidenceKind.MANUAL, *ends[::-1], at_ms=1, cause=CAUSE)

    assert forth == back
    assert (forth.other(ONE), forth.other(TWO)) == (TWO, ONE)
    assert (forth.epoch_a, forth.epoch_b) == (1, 2)


@pytest.mark.parametrize("ends", [(TWO, ONE), (ONE, ONE)])
def test_evidence_in_another_form_can_not_be_built(
    ends: tuple[object, object],
) -> None:
    """Ends that are equal or in the wrong order would be a second form."""
    with pytest.raises(ValueError, match="must differ"):
        Evidence(EvidenceKind.MANUAL, *ends, 1, 1, 1, CAUSE)  # type: ignore[arg-type]


@given(told=st.lists(same_key, min_size=1, max_size=4))
def test_which_proof_is_kept_does_not_depend_on_the_order(
    told: list[Evidence],
) -> None:
    """Later epochs first, then the time it was learned: any order keeps the same."""
    kept = {reduce(firmer, order) for order in permutations(told)}

    assert len(kept) == 1
    (firmest,) = kept
    newest = max(proof.epoch_a + proof.epoch_b for proof in told)
    assert firmest.epoch_a + firmest.epoch_b == newest


def test_epochs_that_add_up_alike_are_told_apart() -> None:
    """Alike but for which end is of the later epoch: still one of them is kept."""
    one, two = (
        evidence(EvidenceKind.MANUAL, (ONE, a), (TWO, b), at_ms=1, cause=CAUSE)
        for a, b in ((1, 2), (2, 1))
    )

    assert firmer(one, two) == firmer(two, one)


@given(one=proofs(), two=proofs())
def test_weaving_order_is_by_age_and_tells_all_apart(
    one: Evidence, two: Evidence
) -> None:
    """Only proofs of one key stand at the same place, and the older stands first."""
    if one.at_ms != two.at_ms:
        older, younger = sorted((one, two), key=lambda proof: proof.at_ms)
        assert weaving_order(older) < weaving_order(younger)
    else:
        same_place = weaving_order(one) == weaving_order(two)
        assert same_place == (one.key == two.key)
