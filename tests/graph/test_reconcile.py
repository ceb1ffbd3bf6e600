"""What businesses say they own becomes ownership records, one owner at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_graph.ids import Asset, BusinessId, business_id
from idweave_graph.ownership import Ownership
from idweave_graph.reconcile import (
    ChangeKind,
    DisputeKind,
    Holdings,
    Provider,
    Reconciliation,
    reconcile,
)

A, B, C = (business_id(each) for each in ("900", "901", "902"))
BUSINESSES = (A, B, C)
APP, GAME, TEST, PAGE = (Asset.parse(x) for x in ("app:1", "app:2", "app:19", "page:1"))
ASSETS = (APP, GAME, TEST, PAGE)
NOW = 1_000


def owns(business: BusinessId, *assets: Asset, **more: Iterable[Asset]) -> Holdings:
    return Holdings(
        business,
        frozenset(assets),
        frozenset(more.get("shared", ())),
        frozenset(more.get("pending", ())),
    )


def owned(
    asset: Asset, business: BusinessId | None, epoch: int = 1, **more: Any
) -> Ownership:
    return replace(Ownership(asset, business, epoch), **more)


def outcome(
    known: Iterable[Ownership],
    *told: Holdings,
    unread: Iterable[BusinessId] = (),
    **more: object,
) -> Reconciliation:
    return reconcile(known, told, at_ms=NOW, unread=set(unread), **more)  # type: ignore[arg-type]


def written(found: Reconciliation) -> list[Ownership]:
    return [change.record for change in found.changes]


# one asset, case by case


def test_the_first_owner_begins_the_first_epoch() -> None:
    """Whether nobody knew the asset, or it was known to have none."""
    fresh = outcome([], owns(A, APP))
    known = outcome([owned(APP, None, 0)], owns(A, APP))

    assert written(fresh) == written(known) == [owned(APP, A, 1, since_ms=NOW)]
    assert fresh.changes[0].kind is known.changes[0].kind is ChangeKind.GAINED


def test_what_is_as_it_was_is_not_written() -> None:
    """A sync without news writes nothing."""
    assert outcome([owned(APP, A, 4)], owns(A, APP)).changes == ()


def test_a_removed_asset_is_between_two_owners() -> None:
    """Its epoch rests, and its last owner is named, to let go of it."""
    found = outcome([owned(APP, A, 4)], owns(A), owns(B))

    assert written(found) == [owned(APP, None, 4, previous=A, since_ms=NOW)]
    assert found.changes[0].kind is ChangeKind.LOST


@pytest.mark.parametrize(
    "before", [owned(APP, A, 4), owned(APP, None, 4, previous=A)], ids=["moved", "gap"]
)
def test_a_new_owner_begins_a_new_epoch(before: Ownership) -> None:
    """And its last owner is named, also after a gap."""
    found = outcome([before], owns(A), owns(B, APP))

    assert written(found) == [owned(APP, B, 5, previous=A, since_ms=NOW)]


def test_who_comes_back_begins_a_new_epoch() -> None:
    """What was proved before the gap is over."""
    found = outcome([owned(APP, None, 4, previous=A)], owns(A, APP))

    assert written(found) == [owned(APP, A, 5, previous=A, since_ms=NOW)]


def test_shared_and_claimed_assets_are_nobodys_gain() -> None:
    """Only what a business owns counts."""
    found = outcome([], owns(B, shared=[APP, PAGE], pending=[GAME]))

    assert found.changes == ()


def test_an_asset_that_is_only_shared_now_is_lost() -> None:
    """Its owner has changed sides: it may work on it, but it does not own it."""
    found = outcome([owned(PAGE, A)], owns(A, shared=[PAGE]))

    assert written(found) == [owned(PAGE, None, previous=A, since_ms=NOW)]


def test_an_asset_with_two_claims_is_nobodys() -> None:
    """It is taken from whoever has it, and reported each time."""
    claims = (owns(A, APP), owns(B, APP))

    first = outcome([owned(APP, A)], *claims)
    again = outcome(written(first), *claims)
    fresh = outcome([], *claims)

    assert written(first) == [owned(APP, None, previous=A, since_ms=NOW)]
    assert again.changes == fresh.changes == ()
    for found in (first, again, fresh):
        (dispute,) = found.disputes
        assert dispute.kind is DisputeKind.CONTESTED
        assert dispute.claimants == (A, B)


def test_a_business_that_could_not_be_read_keeps_what_it_owns() -> None:
    """It has not said that it owns nothing."""
    found = outcome([owned(APP, A), owned(PAGE, B)], owns(B, PAGE), unread=[A])

    assert (found.changes, found.disputes) == ((), ())


def test_a_business_that_was_not_asked_keeps_what_it_owns() -> None:
    """As one that could not be read."""
    assert outcome([owned(APP, A)], owns(B)).changes == ()


@pytest.mark.parametrize("known", [owned(APP, A), owned(APP, None, previous=A)])
def test_a_claim_to_what_an_unread_business_owns_is_doubted(known: Ownership) -> None:
    """Nobody may use the asset until both have spoken; then the claim holds."""
    doubted = outcome([known], owns(B, APP), unread=[A])
    kept = written(doubted) or [known]
    settled = outcome(kept, owns(B, APP), owns(A))

    (dispute,) = doubted.disputes
    assert (dispute.kind, dispute.claimants) == (DisputeKind.DOUBTED, (B,))
    assert (kept[0].business, kept[0].epoch) == (None, 1)
    assert (settled.changes[0].record.business, settled.disputes) == (B, ())


def test_an_unread_business_does_not_keep_others_from_new_assets() -> None:
    """Nothing says that it ever had to do with them."""
    found = outcome([], owns(B, APP), unread=[A])

    assert written(found) == [owned(APP, B, since_ms=NOW)]


def test_an_asset_of_a_business_that_is_not_asked_may_move() -> None:
    """An asset has one owner, and another lists it now."""
    found = outcome([owned(APP, A)], owns(B, APP))

    assert written(found) == [owned(APP, B, 2, previous=A, since_ms=NOW)]
    assert found.changes[0].kind is ChangeKind.MOVED


def test_a_business_is_read_or_not() -> None:
    """Saying both is a fault of the caller."""
    with pytest.raises(ValueError, match="either"):
        outcome([], owns(A), unread=[A])


def test_time_never_runs_back() -> None:
    """A record is not older than the one it replaces, whatever the clock says."""
    found = outcome([owned(APP, A, since_ms=NOW + 5)], owns(A), owns(B, APP))

    assert written(found)[0].since_ms == NOW + 5


# test apps


def test_a_test_app_keeps_its_parent() -> None:
    """Through a gap and under a new owner."""
    known = [owned(APP, A), owned(TEST, A, parent=APP)]

    gap = written(outcome(known, owns(A)))
    moved = written(outcome(known, owns(A), owns(B, APP, TEST)))

    assert [each.parent for each in gap] == [None, APP]
    assert [(each.business, each.parent) for each in moved] == [(B, None), (B, APP)]


def test_a_test_app_that_no_list_holds_goes_with_its_parent() -> None:
    """The documents do not say whether lists hold test apps."""
    known = [owned(APP, A), owned(TEST, A, parent=APP)]

    same = outcome(known, owns(A, APP))
    moved = outcome(known, owns(A), owns(B, APP))
    gone = outcome(known, owns(A))

    assert same.changes == ()
    assert [each.business for each in written(moved)] == [B, B]
    assert [each.business for each in written(gone)] == [None, None]


def test_a_test_app_that_a_list_holds_has_its_own_owner() -> None:
    """Where that is not its parent's, `home` gives it to nobody."""
    known = [owned(APP, A), owned(TEST, A, parent=APP)]

    found = outcome(known, owns(A, TEST), owns(B, APP))

    assert written(found) == [owned(APP, B, 2, previous=A, since_ms=NOW)]


# service providers


def test_an_app_that_is_shared_with_others_is_a_providers() -> None:
    """It is named with the businesses that it works for and do not own it."""
    found = outcome([], owns(A, shared=[APP]), owns(B, shared=[APP]), owns(C, APP))

    assert found.providers == (Provider(APP, C, (A, B)),)


def test_an_app_that_made_tokens_for_others_is_a_providers() -> None:
    """Its own business is no customer of it."""
    makers = [(A, APP), (C, APP), (A, GAME)]

    found = outcome([], owns(C, APP), owns(A, GAME), makers=makers)

    assert found.providers == (Provider(APP, C, (A,)),)


def test_an_app_that_nobody_is_known_to_own_may_be_a_providers() -> None:
    """Nor is a shared Page an app."""
    found = outcome([], owns(A, shared=[PAGE]), makers=[(A, APP)])

    assert found.providers == (Provider(APP, None, (A,)),)


# properties

_subsets = st.frozensets(st.sampled_from(ASSETS))
_holdings = st.fixed_dictionaries(
    {},
    optional={
        each: st.one_of(st.none(), st.builds(Holdings, st.just(each), _subsets))
        for each in BUSINESSES
    },
)
"""By business: its lists, None where it could not be read; left out: not asked."""

rounds_of_lists = st.lists(_holdings, min_size=1, max_size=8)
Round = Mapping[BusinessId, Holdings | None]


def play(
    known: dict[Asset, Ownership], told: Round, at_ms: int = NOW
) -> Reconciliation:
    return reconcile(
        known.values(),
        [each for each in told.values() if each is not None],
        at_ms=at_ms,
        unread={name for name, each in told.items() if each is None},
    )


def after(
    known: Mapping[Asset, Ownership], found: Reconciliation
) -> dict[Asset, Ownership]:
    return {**known, **{each.asset: each for each in written(found)}}


def start() -> dict[Asset, Ownership]:
    """A test app is known as such; nothing else is known."""
    return {TEST: Ownership(TEST, None, 0, parent=APP)}


@given(rounds=rounds_of_lists)
def test_the_same_lists_again_change_nothing(rounds: list[Round]) -> None:
    """Whatever was known before: one sync says all there is to say."""
    known = start()
    for told in rounds:
        known = after(known, play(known, told))

        assert play(known, told, at_ms=NOW + 1).changes == ()


@given(rounds=rounds_of_lists)
def test_epochs_grow_with_each_owner_and_never_otherwise(rounds: list[Round]) -> None:
    """So evidence of one ownership never counts under the next."""
    known = start()
    for told in rounds:
        found = play(known, told)

        for change in found.changes:
            old = change.before.epoch if change.before else 0
            assert change.record.epoch == old + (change.record.business is not None)
            assert change.before == known.get(change.record.asset)
        known = after(known, found)


@given(rounds=rounds_of_lists, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_businesses_is_irrelevant(
    rounds: list[Round], shuffle: Random
) -> None:
    """And so is that of what is known."""
    known = start()
    for told in rounds:
        found = play(known, told)

        names, assets = list(told), list(known)
        shuffle.shuffle(names)
        shuffle.shuffle(assets)
        shuffled = {each: known[each] for each in assets}
        assert play(shuffled, {each: told[each] for each in names}) == found
        known = after(known, found)


@given(rounds=rounds_of_lists)
def test_an_owner_is_who_alone_listed_it_last(rounds: list[Round]) -> None:
    """Nobody owns what two list, and nobody loses a thing by being silent."""
    known = start()
    for told in rounds:
        now = after(known, play(known, told))

        for asset, ownership in now.items():
            lists = {n for n, each in told.items() if each and asset in each.owned}
            before = known[asset].business if asset in known else None
            if len(lists) > 1:
                assert ownership.business is None
            elif lists:
                assert ownership.business in (None, *lists)
            elif asset is not TEST:
                # not asked or not read: stays; read: lost
                assert ownership.business == (None if told.get(before) else before)  # type: ignore[arg-type]
        known = now
