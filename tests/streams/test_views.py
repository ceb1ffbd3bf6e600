"""The books that every worker keeps: who owns what, and which businesses are held."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import wire_strategies as wire
from tests.support.lookups import ACME, APP, RIVAL

from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, AssetKind
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import encode_hold, encode_ownership
from idweave_streams.views import HoldBook, OwnershipBook

ASSETS = [Asset(AssetKind.APP, str(number)) for number in range(3)]


def owned(book: OwnershipBook, ownership: Ownership) -> None:
    book.apply(str(ownership.asset).encode(), encode_ownership(ownership))


def held(since_ms: int, *, now: bool = True) -> Hold:
    return Hold(ACME, now, since_ms, since_ms, since_ms + 100, "policy-hold")


@given(ownership=wire.ownerships)
def test_the_owner_is_known_as_told(ownership: Ownership) -> None:
    book = OwnershipBook()

    owned(book, ownership)

    assert book.of(ownership.asset) == ownership
    assert book.all() == (ownership,)
    assert len(book) == 1


def test_an_asset_that_nobody_told_of_is_unknown() -> None:
    assert OwnershipBook().of(APP) is None


@given(
    told=st.lists(
        st.builds(
            Ownership,
            st.sampled_from(ASSETS),
            st.sampled_from([None, ACME, RIVAL]),
            st.integers(0, 3),
        ),
        max_size=12,
    )
)
def test_an_earlier_owner_does_not_come_back(told: list[Ownership]) -> None:
    """The largest epoch holds, and within it the last word."""
    book, expected = OwnershipBook(), dict[Asset, Ownership]()
    for ownership in told:
        known = expected.get(ownership.asset)
        if known is None or known.epoch <= ownership.epoch:
            expected[ownership.asset] = ownership

        owned(book, ownership)

    assert {o.asset: o for o in book.all()} == expected


def test_a_tombstone_makes_an_asset_unknown() -> None:
    """Also one that was never known."""
    book = OwnershipBook()
    owned(book, Ownership(APP, ACME, 5))

    book.apply(str(APP).encode(), None)
    book.apply(b"app:99", None)

    assert book.of(APP) is None


@given(key=st.none() | st.binary(max_size=12), value=st.none() | st.binary(max_size=30))
def test_what_cant_be_read_changes_nothing(
    key: bytes | None, value: bytes | None
) -> None:
    """The assets stage puts such records into the dead letters."""
    owners, holds = OwnershipBook(), HoldBook()
    owned(owners, Ownership(APP, ACME, 5))
    holds.put(held(5))

    owners.apply(key, value)
    holds.apply(key, value)

    assert owners.of(APP) is not None
    assert holds.of(ACME, APP) == held(5)


def test_a_business_is_held_until_it_is_released() -> None:
    book = HoldBook()

    book.apply(ACME.encode(), encode_hold(held(5)))
    assert book.of(ACME, APP) == held(5)
    assert book.of(RIVAL, APP) is None

    book.apply(ACME.encode(), encode_hold(held(9, now=False)))
    assert book.of(ACME, APP) is None


def test_a_longer_hold_takes_the_place_of_a_shorter_one() -> None:
    """A probe was refused: the next one is later."""
    book = HoldBook()
    book.put(held(5))

    book.put(held(9))

    assert book.of(ACME, APP) == held(9)


@given(times=st.permutations([1, 2, 3]))
def test_old_news_changes_nothing(times: list[int]) -> None:
    """Partitions tell of one business each at its own pace; what is latest holds."""
    news = {1: held(1), 2: held(2, now=False), 3: held(3)}
    book = HoldBook()

    for at in times:
        book.put(news[at])

    assert book.of(ACME, APP) == news[3]


def test_a_late_hold_does_not_undo_the_release() -> None:
    """It would keep the business waiting for two days."""
    book = HoldBook()
    book.put(held(2, now=False))

    book.put(held(1))

    assert book.of(ACME, APP) is None


@pytest.mark.parametrize("was", [True, False])
def test_a_tombstone_forgets_the_hold(was: bool) -> None:
    """An operator can end a hold by hand, and a new one holds whatever its time."""
    book = HoldBook()
    book.put(held(5, now=was))

    book.apply(ACME.encode(), None)

    assert book.of(ACME, APP) is None
    book.put(held(1))
    assert book.of(ACME, APP) == held(1)


TOKEN_HELD = Hold(ACME, True, 5, 5, 105, "credential-refused", APP)
OTHER = Asset(AssetKind.PAGE, "9")


def test_a_held_token_stops_the_lookups_of_its_asset_alone() -> None:
    """The other apps and Pages of the business go on."""
    book = HoldBook()

    book.apply(TOKEN_HELD.key.encode(), encode_hold(TOKEN_HELD))

    assert book.of(ACME, APP) == TOKEN_HELD
    assert book.of(ACME, OTHER) is None
    assert book.of_business(ACME) is None
    assert book.held() == [TOKEN_HELD]


def test_a_held_business_comes_before_its_held_tokens() -> None:
    """While all of it is stopped, no token of it is tried."""
    book = HoldBook()
    book.put(TOKEN_HELD)

    book.put(held(1))
    assert book.of(ACME, APP) == held(1)

    book.put(held(2, now=False))
    assert book.of(ACME, APP) == TOKEN_HELD


def test_a_hold_can_be_probed_at_once_until_there_is_news_of_it() -> None:
    """A token was replaced: nobody waits for the next probe. If it fails, they do."""
    book = HoldBook()
    book.put(TOKEN_HELD)

    book.probe_now(TOKEN_HELD)
    assert book.of(ACME, APP) == replace(TOKEN_HELD, probe_ms=0)

    again = replace(TOKEN_HELD, at_ms=6, probe_ms=200)
    book.put(again)
    book.probe_now(TOKEN_HELD)
    assert book.of(ACME, APP) == again


def test_news_that_come_twice_do_not_move_the_probe() -> None:
    """Who puts a hold on knows of it before the topic brings it back."""
    book = HoldBook()
    book.put(TOKEN_HELD)
    book.probe_now(TOKEN_HELD)

    book.apply(TOKEN_HELD.key.encode(), encode_hold(TOKEN_HELD))

    assert book.held() == [replace(TOKEN_HELD, probe_ms=0)]


def test_all_that_stops_a_lookup_is_listed() -> None:
    """One of them may be over while another one is not."""
    book = HoldBook()
    assert book.all_of(ACME, APP) == ()

    book.put(TOKEN_HELD)
    book.put(held(1))
    assert book.all_of(ACME, APP) == (held(1), TOKEN_HELD)
    assert book.all_of(ACME, OTHER) == (held(1),)

    book.put(held(2, now=False))
    assert book.all_of(ACME, APP) == (TOKEN_HELD,)
