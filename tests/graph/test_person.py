"""What a person is called, and what they may be made of."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.support.strategies import (
    BUSINESS,
    OTHER_BUSINESS,
    TIMES,
    members,
)

from idweave_graph.ids import BusinessToken, Member, member
from idweave_graph.person import founder, is_coherent, person_id


@given(one=members, two=members)
def test_a_person_id_is_of_one_member_in_one_business(one: Member, two: Member) -> None:
    """The same id always gives the same name, another id or business another."""
    assert (person_id(BUSINESS, one) == person_id(BUSINESS, two)) == (one == two)
    assert person_id(BUSINESS, one) != person_id(OTHER_BUSINESS, two)


@given(
    seen=st.dictionaries(members, TIMES, min_size=1),
    random=st.randoms(use_true_random=False),
)
def test_the_founder_is_the_id_seen_first(
    seen: dict[Member, int], random: Random
) -> None:
    """In whatever order members are listed; a token only where there is no id."""
    listed = list(seen.items())
    random.shuffle(listed)

    first = founder(dict(listed))

    ids = [who for who in seen if not isinstance(who, BusinessToken)]
    assert first == founder(seen)
    assert seen[first] == min(seen[who] for who in ids or seen)
    assert isinstance(first, BusinessToken) == (not ids)


def test_no_small_number_wins_a_tie() -> None:
    """Of ids seen in the same moment, it is not the first by text that founds."""
    pairs = [(member(f"app:1:{n}"), member(f"app:2:{n}")) for n in range(50)]

    firsts = [founder({one: 1, two: 1}) == one for one, two in pairs]

    assert 10 < sum(firsts) < 40


def test_a_person_has_one_id_of_an_asset_and_one_token() -> None:
    """Two of either contradict each other; the rest may be many."""
    one, other, page, token = (
        member(text) for text in ("app:1:x", "app:1:y", "page:1:x", "token:t")
    )

    assert is_coherent([one, page, token])
    assert not is_coherent([one, other])
    assert not is_coherent([token, BusinessToken("u")])
