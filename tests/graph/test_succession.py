"""Whether a stated ownership may follow the known one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_graph.ids import Asset, BusinessId, business_id
from idweave_graph.ownership import Ownership
from idweave_graph.succession import Objection, succeed

A, B = business_id("900"), business_id("901")
APP, PARENT = Asset.parse("app:1"), Asset.parse("app:2")


def owned(business: BusinessId | None, epoch: int, **more: Any) -> Ownership:
    return replace(Ownership(APP, business, epoch), **more)


def test_what_was_unknown_is_taken_over() -> None:
    """In whatever epoch: an operator may know of owners before."""
    for stated in (owned(A, 1), owned(A, 7), owned(None, 0), owned(None, 3)):
        assert succeed(None, stated) == stated


@pytest.mark.parametrize("known", [None, owned(None, 0)])
def test_an_owner_has_an_epoch(known: Ownership | None) -> None:
    """The first is 1."""
    assert succeed(known, owned(A, 0)) is Objection.NO_EPOCH


@pytest.mark.parametrize("business", [A, B, None])
def test_epochs_never_go_back(business: BusinessId | None) -> None:
    """Whoever is stated as the owner."""
    assert succeed(owned(A, 3), owned(business, 2)) is Objection.BACK


@pytest.mark.parametrize("known", [owned(A, 3), owned(None, 3, previous=B)])
def test_a_new_owner_needs_a_new_epoch(known: Ownership) -> None:
    """Also after a gap, and also who has owned it before."""
    assert succeed(known, owned(B, 3)) is Objection.SAME_EPOCH


@pytest.mark.parametrize("stated", [owned(A, 3), owned(A, 3, previous=B, since_ms=9)])
def test_what_is_known_changes_nothing(stated: Ownership) -> None:
    """Whatever it says about the past."""
    assert succeed(owned(A, 3), stated) is None


def test_a_test_app_may_get_its_parent_later() -> None:
    """Nothing else changes by that."""
    known = owned(A, 3, previous=B)

    assert succeed(known, owned(A, 3, parent=PARENT)) == replace(known, parent=PARENT)


@pytest.mark.parametrize("known", [owned(A, 3), owned(None, 3, previous=A)])
@pytest.mark.parametrize("epoch", [4, 9])
def test_the_last_owner_is_named(known: Ownership, epoch: int) -> None:
    """If it was not stated, it is filled in; another one would leave the last in
    possession of what the asset has proved."""
    filled = succeed(known, owned(B, epoch))
    stated = succeed(known, owned(B, epoch, previous=A))
    other = succeed(known, owned(B, epoch, previous=B))

    assert filled == stated == owned(B, epoch, previous=A)
    assert other is Objection.OTHER_PREVIOUS


def test_a_gap_keeps_the_epoch() -> None:
    """And names who has lost the asset."""
    assert succeed(owned(A, 3), owned(None, 3)) == owned(None, 3, previous=A)


_ownerships = st.builds(
    owned,
    st.sampled_from([A, B, None]),
    st.integers(0, 4),
    previous=st.sampled_from([A, B, None]),
    parent=st.sampled_from([PARENT, None]),
)


@given(stated=st.lists(_ownerships, max_size=12))
def test_whatever_is_stated_epochs_grow_with_owners(stated: list[Ownership]) -> None:
    """And stating again what was taken over changes nothing."""
    known: Ownership | None = None
    for each in stated:
        found = succeed(known, each)
        if not isinstance(found, Ownership):
            continue
        if known is not None:
            is_new = found.business not in (None, known.business)
            assert found.epoch >= known.epoch + is_new
            if is_new or (known.business and found.business is None):
                assert found.previous == (known.business or known.previous)
        known = found
        assert succeed(known, each) is None
