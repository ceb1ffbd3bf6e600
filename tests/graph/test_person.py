"""What a person is called, and what they may be made of."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.strategies import (
    BUSINESS,
    OTHER_BUSINESS,
    TIMES,
    members,
)

from idweave_graph.ids import BusinessToken, Member, ScopedId, member
from idweave_graph.person import is_coherent, own_title, person_id


@given(one=members, two=members)
def test_a_person_id_is_of_one_member_in_one_business(one: Member, two: Member) -> None:
    """The same id always gives the same name, another id or business another."""
    assert (person_id(BUSINESS, one) == person_id(BUSINESS, two)) == (one == two)
    assert person_id(BUSINESS, one) != person_id(OTHER_BUSINESS, two)


@given(one=members)
def test_each_life_of_an_id_has_a_name_of_its_own(one: Member) -> None:
    """Who comes back after they were forgotten is called by another name."""
    names = {person_id(BUSINESS, one, life) for life in range(5)}

    assert len(names) == 5


@given(seen=st.dictionaries(members, TIMES, min_size=1))
def test_the_oldest_title_is_of_the_id_seen_first(seen: dict[Member, int]) -> None:
    """That of a token only where there is no id."""
    titles = [own_title(BUSINESS, who, at_ms, 0) for who, at_ms in seen.items()]

    first = min(titles, key=lambda title: title.seniority).bearer

    ids = [who for who in seen if isinstance(who, ScopedId)]
    assert seen[first] == min(seen[who] for who in ids or seen)
    assert isinstance(first, ScopedId) == bool(ids)


def test_no_small_number_wins_a_tie() -> None:
    """Of ids seen in the same moment, it is not the first by text that founds."""
    pairs = [(member(f"app:1:{n}"), member(f"app:2:{n}")) for n in range(50)]

    def name(who: Member) -> tuple[bool, int, str]:
        return own_title(BUSINESS, who, 1, 0).seniority

    assert 10 < sum(name(one) < name(two) for one, two in pairs) < 40


def test_a_person_has_one_id_of_an_asset_and_one_token() -> None:
    """Two of either contradict each other; the rest may be many."""
    one, other, page, token = (
        member(text) for text in ("app:1:x", "app:1:y", "page:1:x", "token:t")
    )

    assert is_coherent([one, page, token])
    assert not is_coherent([one, other])
    assert not is_coherent([token, BusinessToken("u")])
