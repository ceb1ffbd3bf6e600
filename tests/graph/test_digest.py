"""One number for who is whom."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.support.strategies import BUSINESS, any_scoped_ids, any_tokens

from idweave_graph.digest import MembershipDigest, membership_digest
from idweave_graph.ids import Member
from idweave_graph.person import PersonId, person_id

any_members = st.one_of(any_scoped_ids, any_tokens)
names = st.builds(person_id, st.just(BUSINESS), any_members)
memberships = st.dictionaries(any_members, names, max_size=8)


@given(known=memberships, random=st.randoms())
def test_the_order_does_not_matter(
    known: dict[Member, PersonId], random: Random
) -> None:
    """Copies that are read in different orders have one digest."""
    pairs = list(known.items())
    digest = membership_digest(pairs)
    random.shuffle(pairs)

    assert membership_digest(pairs) == digest
    assert len(digest) == 32


@given(one=memberships, two=memberships)
def test_different_copies_have_different_digests(
    one: dict[Member, PersonId], two: dict[Member, PersonId]
) -> None:
    """One member more, one less, or one in another person: another digest."""
    same = membership_digest(one.items()) == membership_digest(two.items())

    assert same == (one == two)


@given(one=any_members, two=any_members, name=names)
def test_another_id_of_the_same_person_is_another_digest(
    one: Member, two: Member, name: PersonId
) -> None:
    """Who a person is made of counts, not how often they are named."""
    digests = [membership_digest([(who, name)]) for who in (one, two)]

    assert (digests[0] == digests[1]) == (one == two)


@given(known=memberships, data=st.data())
def test_the_smallest_change_shows(
    known: dict[Member, PersonId], data: st.DataObject
) -> None:
    """A member that moves, or two that swap, change the digest."""
    pairs = list(known.items())
    other = data.draw(names)
    for place, (who, name) in enumerate(pairs):
        moved = [*pairs[:place], (who, other), *pairs[place + 1 :]]
        fewer = [*pairs[:place], *pairs[place + 1 :]]
        digest = membership_digest(pairs)
        assert (membership_digest(moved) == digest) == (name == other)
        assert membership_digest(fewer) != digest


@given(known=memberships, random=st.randoms())
def test_pairs_may_come_one_by_one(
    known: dict[Member, PersonId], random: Random
) -> None:
    """And are counted, in whatever order they come."""
    pairs = list(known.items())
    digest = MembershipDigest()
    for member, person in random.sample(pairs, len(pairs)):
        digest.add(member, person)

    assert str(digest) == membership_digest(pairs)
    assert digest.count == len(pairs)
