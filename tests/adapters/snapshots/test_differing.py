"""Differences between two snapshots are what their memberships say."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.snapshots.people import files_of, write
from tests.support.strategies import BUSINESS, OTHER_BUSINESS

from idweave_adapters.snapshots.differing import Difference, Kind, differences
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.person import Person, PersonId

SHOP = Asset.parse("app:1")
Membership = Mapping[str, str]
"""Who has which user id, by letters."""


def name(letter: str) -> PersonId:
    return PersonId(f"p_{letter * 32}")


def people(of: Membership, business: BusinessId = BUSINESS) -> list[Person]:
    members: dict[str, dict[Member, int]] = defaultdict(dict)
    for user, letter in of.items():
        members[letter][ScopedId(SHOP, user)] = 1
    return [Person(business, name(x), 1, found) for x, found in sorted(members.items())]


def found(
    before: list[Person], after: list[Person]
) -> list[tuple[str, str, str | None, int]]:
    with TemporaryDirectory() as place:
        a, b = Path(place) / "a", Path(place) / "b"
        write(a, "parquet", before)
        write(b, "parquet", after)
        return [
            (d.kind.value, d.person[2], d.other[2] if d.other else None, d.members)
            for d in differences(files_of(a), files_of(b))
        ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {}, []),
        ({"1": "a"}, {"1": "a"}, []),
        ({}, {"1": "a", "2": "a"}, [("created", "a", None, 2)]),
        ({"1": "a"}, {"1": "a", "2": "a"}, [("grown", "a", None, 1)]),
        ({"1": "a", "2": "b"}, {"1": "a", "2": "a"}, [("merged", "b", "a", 1)]),
        (
            {"1": "a", "2": "a"},
            {"1": "a", "2": "b"},
            [("split", "a", "a", 1), ("split", "a", "b", 1)],
        ),
        ({"1": "a", "2": "a"}, {"1": "a"}, [("shrunk", "a", None, 1)]),
        ({"1": "a", "2": "a"}, {}, [("erased", "a", None, 2)]),
        # All moved to somebody new, who has another name.
        ({"1": "a"}, {"1": "b"}, [("merged", "a", "b", 1)]),
        (
            {"1": "a", "2": "b"},
            {"1": "a", "2": "a", "3": "a", "4": "c"},
            [("created", "c", None, 1), ("grown", "a", None, 1), ("merged", "b", "a", 1)],
        ),
    ],
)  # fmt: skip
def test_each_kind(
    before: Membership, after: Membership, told: list[tuple[str, str, str | None, int]]
) -> None:
    """By kind, and within it by person."""
    assert found(people(before), people(after)) == told


def test_businesses_do_not_mix() -> None:
    """An id that another business has too is somebody else's there."""
    one, two = people({"1": "a"}), people({"1": "b"}, OTHER_BUSINESS)

    assert found(one, one + two) == [("created", "b", None, 1)]


memberships = st.dictionaries(
    st.sampled_from("123456"), st.sampled_from("abc"), max_size=6
)


@settings(max_examples=40, deadline=None)
@given(before=memberships, after=memberships)
def test_differences_are_those_of_the_memberships(
    before: Membership, after: Membership
) -> None:
    """Counted by hand, member by member."""
    assert sorted(map(str, found(people(before), people(after)))) == sorted(
        map(str, expected(before, after))
    )


def expected(
    before: Membership, after: Membership
) -> list[tuple[str, str, str | None, int]]:
    told: list[tuple[str, str, str | None, int]] = []
    for person in set(before.values()):
        of = [user for user, letter in before.items() if letter == person]
        parts = {after[user] for user in of if user in after}
        lost = sum(user not in after for user in of)
        if lost:
            told.append(("shrunk" if parts else "erased", person, None, lost))
        if parts == {person}:
            continue
        kind = "merged" if len(parts) == 1 else "split"
        told.extend(
            (kind, person, part, sum(after.get(u) == part for u in of))
            for part in parts
        )
    for person in set(after.values()):
        of = [user for user, letter in after.items() if letter == person]
        new = [user for user in of if user not in before]
        if new:
            kind = "created" if len(new) == len(of) else "grown"
            told.append((kind, person, None, len(new)))
    return told


def test_a_difference_says_what_it_is() -> None:
    """As values, for programs."""
    assert Difference(Kind.MERGED, "900", "p_1", "p_2", 3).kind == "merged"
