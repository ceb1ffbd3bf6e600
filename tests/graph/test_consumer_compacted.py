"""Readers of the compacted topics: records by key, tombstones, what is refused."""

import json
from typing import Any

import pytest

from idweave_graph.consume import Aliases, Changes, Fold, MalformedError

Json = dict[str, Any]

PERSON: Json = {
    "id": "p_1",
    "business": "900",
    "generation": 3,
    "members": [
        {"kind": "app", "asset": "1", "value": "x"},
        {"kind": "token", "value": "t"},
    ],
    "absorbed": ["p_2"],
}
ALIAS: Json = {
    "business": "900",
    "kind": "page",
    "asset": "1",
    "value": "x",
    "person": "p_1",
    "generation": 3,
}
KEY = "900/page:1:x"


def persons(*records: tuple[str, Json | None]) -> Fold:
    fold = Fold()
    for key, value in records:
        fold.apply_person(key, value)
    return fold


def aliases(*records: tuple[str, Json | None]) -> Aliases:
    found = Aliases()
    for key, value in records:
        found.apply(key, value)
    return found


def test_a_tombstone_ends_a_person() -> None:
    """Their members are nobody's, and they stand for nobody."""
    fold = persons(("p_1", PERSON))

    changes = fold.apply_person("p_1", None)

    assert changes == Changes(
        "900", released=frozenset({"app:1:x", "token:t"}), ended={"p_1": None}
    )
    assert fold.members("900", "p_1") == ()
    assert fold.survivor("900", "p_2") is None


@pytest.mark.parametrize("is_first", [True, False])
def test_a_tombstone_leaves_the_heir_alone(*, is_first: bool) -> None:
    """Whether it comes before the record of who took the id over, or after it."""
    old = {**PERSON, "id": "p_2", "generation": 2, "absorbed": []}
    heir, gone = ("p_1", PERSON), ("p_2", None)

    fold = persons(("p_2", old), *((gone, heir) if is_first else (heir, gone)))

    assert fold.survivor("900", "p_2") == "p_1"
    assert fold.person_of("900", "app:1:x") == "p_1"


def test_who_comes_alive_again_behind_a_tombstone_is_alive() -> None:
    """As an absorbed person does in a split."""
    again = {**PERSON, "generation": 5}

    fold = persons(("p_1", PERSON), ("p_1", None), ("p_1", again))

    assert fold.survivor("900", "p_1") == "p_1"
    assert sorted(fold.members("900", "p_1")) == ["app:1:x", "token:t"]


def test_a_tombstone_of_nobody_known_changes_nothing() -> None:
    """As for who reads from the middle, or reads it twice."""
    fold = persons(("p_1", PERSON), ("p_1", None))
    known = fold.to_document()

    assert not fold.apply_person("p_1", None)
    assert not fold.apply_person("p_7", None)
    assert fold.to_document() == known


def test_a_record_that_only_adds_evidence_changes_nothing() -> None:
    """It has the generation that is known, and the same members."""
    fold = persons(("p_1", PERSON))

    assert not fold.apply_person("p_1", {**PERSON, "evidence": [{}]})


@pytest.mark.parametrize(
    ("key", "value"),
    [("", PERSON), ("p_2", PERSON), ("p_1", {}), ("p_1", []), (7, None)],
)
def test_what_is_no_person_record_is_refused(key: Any, value: Any) -> None:
    """And changes nothing; no id is repeated."""
    fold = persons(("p_1", PERSON))

    with pytest.raises(MalformedError) as refused:
        fold.apply_person(key, value)

    assert fold.to_document() == persons(("p_1", PERSON)).to_document()
    assert "p_" not in str(refused.value)


def test_an_alias_says_whose_an_id_is_until_its_tombstone() -> None:
    """A repetition changes nothing, nor does a second tombstone."""
    known = Aliases()

    told = [known.apply(KEY, value) for value in (ALIAS, ALIAS, None, None)]

    assert told == [
        Changes("900", {"page:1:x": "p_1"}),
        Changes("900"),
        Changes("900", released=frozenset({"page:1:x"})),
        Changes("900"),
    ]


def test_an_older_alias_changes_nothing() -> None:
    """The larger generation holds."""
    older = {**ALIAS, "person": "p_0", "generation": 2}

    known = aliases((KEY, ALIAS), (KEY, older))

    assert known.person_of("900", "page:1:x") == "p_1"


def test_an_alias_of_another_business_is_another_alias() -> None:
    """The business is part of the key."""
    there = {**ALIAS, "business": "901", "person": "p_9"}

    known = aliases((KEY, ALIAS), ("901/page:1:x", there), (KEY, None))

    assert known.person_of("900", "page:1:x") is None
    assert known.person_of("901", "page:1:x") == "p_9"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", ALIAS),
        ("900", None),
        ("/page:1:x", None),
        ("900/", None),
        (None, ALIAS),
        ("901/page:1:x", ALIAS),
        ("900/app:1:x", ALIAS),
        (KEY, []),
        (KEY, {**ALIAS, "generation": 0}),
        (KEY, {**ALIAS, "person": None}),
    ],
)
def test_what_is_no_alias_record_is_refused(key: Any, value: Any) -> None:
    """And changes nothing; no id is repeated."""
    known = aliases((KEY, ALIAS))

    with pytest.raises(MalformedError) as refused:
        known.apply(key, value)

    assert known.to_document() == aliases((KEY, ALIAS)).to_document()
    assert not any(text in str(refused.value) for text in ("p_1", "90", ":1:"))


def test_stored_aliases_are_the_same_aliases() -> None:
    """Through JSON."""
    known = aliases((KEY, ALIAS))

    restored = Aliases.from_document(json.loads(json.dumps(known.to_document())))

    assert restored.person_of("900", "page:1:x") == "p_1"
    assert not restored.apply(KEY, {**ALIAS, "person": "p_0", "generation": 2})


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"version": 2, "aliases": {}},
        {"version": 1},
        {"version": 1, "aliases": {KEY: [1]}},
        {"version": 1, "aliases": {KEY: [0, "p_1"]}},
        {"version": 1, "aliases": {KEY: [1, None]}},
    ],
)
def test_a_damaged_store_of_aliases_is_refused(document: Any) -> None:
    """The map can be made from the topic again."""
    with pytest.raises(MalformedError):
        Aliases.from_document(document)
