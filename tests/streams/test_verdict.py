"""The verdict finds every mistake that is planted, and no other."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.demo.verdict import Verdict, compare
from idweave_streams.tally import Alias

TRUTH: dict[str, list[tuple[str, ...]]] = {
    "900": [("app:1:a", "app:2:b", "page:1:c"), ("app:1:d", "app:2:e"), ("app:1:f",)],
    "901": [("app:9:a", "page:9:b")],
}
RIGHT: dict[Alias, str] = {
    (business, scoped): f"{business}-{number}"
    for business, people in TRUTH.items()
    for number, ids in enumerate(people)
    for scoped in ids
}
ALL_RIGHT = Verdict(
    persons=4, ids=8, several=3, wrongly_joined=0, wrongly_parted=0, missing=0
)


def verdict(aliases: dict[Alias, str], linkable: set[Alias] | None = None) -> Verdict:
    return compare(
        aliases,
        TRUTH,
        seen=set(RIGHT),
        linkable=set(RIGHT) if linkable is None else linkable,
    )


def test_what_is_right_is_right() -> None:
    assert verdict(RIGHT) == ALL_RIGHT
    assert ALL_RIGHT.wrong == 0


@given(names=st.permutations(sorted(set(RIGHT.values()))))
def test_the_names_of_persons_do_not_matter(names: list[str]) -> None:
    renamed = dict(zip(sorted(set(RIGHT.values())), names, strict=True))

    assert verdict({a: renamed[person] for a, person in RIGHT.items()}) == ALL_RIGHT


def test_a_stranger_in_a_person_is_found() -> None:
    """The id counts, and not those whose person it is."""
    wrong = RIGHT | {("900", "app:1:f"): "900-0"}

    assert verdict(wrong) == replace(ALL_RIGHT, persons=3, wrongly_joined=1)


def test_two_persons_made_one_are_found() -> None:
    """The smaller part counts."""
    wrong = {a: "900-0" if p == "900-1" else p for a, p in RIGHT.items()}

    found = verdict(wrong)
    assert (found.wrongly_joined, found.wrong) == (2, 2)


def test_persons_of_two_businesses_made_one_are_found() -> None:
    wrong = {a: "900-1" if p == "901-0" else p for a, p in RIGHT.items()}

    assert verdict(wrong).wrongly_joined == 2


def test_a_person_in_two_parts_is_found() -> None:
    wrong = RIGHT | {("900", "page:1:c"): "alone"}

    found = verdict(wrong)
    assert (found.wrongly_parted, found.wrong) == (1, 1)


def test_a_person_in_three_parts_is_two_mistakes() -> None:
    wrong = RIGHT | {("900", "page:1:c"): "alone", ("900", "app:2:b"): "too"}

    assert verdict(wrong).wrongly_parted == 2


def test_an_id_that_nobody_could_link_may_stand_alone() -> None:
    """A Page whose token a service provider made: Meta may not be asked."""
    aliases = RIGHT | {("900", "page:1:c"): "alone"}

    found = verdict(aliases, set(RIGHT) - {("900", "page:1:c")})

    assert found.wrong == 0


def test_an_id_that_was_seen_and_has_no_person_is_found() -> None:
    wrong = {a: p for a, p in RIGHT.items() if a != ("900", "app:1:f")}

    found = verdict(wrong, linkable=set())
    assert (found.missing, found.wrong) == (1, 1)


def test_an_id_that_meta_told_of_and_was_lost_is_found() -> None:
    """It was in no event, so only the answer about another id could bring it."""
    lost = ("900", "page:1:c")
    aliases = {a: p for a, p in RIGHT.items() if a != lost}

    found = compare(aliases, TRUTH, seen=set(RIGHT) - {lost}, linkable=set(RIGHT))

    assert (found.missing, found.wrong) == (1, 1)


def test_an_invented_id_is_a_stranger() -> None:
    """A hostile answer named it, and nobody has it; two of them are two people."""
    wrong = RIGHT | {("900", f"app:1:{user}"): "900-0" for user in ("x", "y")}

    assert verdict(wrong).wrongly_joined == 2


def test_an_erased_id_that_is_somebody_s_is_found() -> None:
    """Again or still, and alone as well; one that has gone is not missed."""
    erased = ("900", "app:1:f")
    others = {a: p for a, p in RIGHT.items() if a != erased}

    there, gone = (
        compare(each, TRUTH, seen=others, linkable=others, erased={erased})
        for each in (RIGHT, others)
    )

    assert (there.not_erased, there.wrong) == (1, 1)
    assert gone.wrong == 0
