"""The cases for readers: as the core tells them, right for ours, hard for wrong ones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from tests.support import consumer_cases

from idweave_graph.consume import Fold
from idweave_graph.consume.reading import Told, told_by_event
from idweave_graph.consume.register import Ended, Register
from idweave_streams.contracts import schema
from idweave_streams.contracts.cases import MAX_TOLD, Case, cases, differences

CASES = {case.name: case for case in cases()}

Map = dict[str, dict[str, str | None]]


def test_the_file_is_what_the_core_tells() -> None:
    """If not: python -m tests.support.consumer_cases."""
    written = consumer_cases.FILE.read_text(encoding="utf-8")

    assert written == consumer_cases.text()


def test_the_cases_have_names_and_rules_of_their_own() -> None:
    """So that a report says what is wrong."""
    assert len(CASES) == len(list(cases())) == len(consumer_cases.PLANS) >= 25
    assert all(case.rule.endswith(".") for case in CASES.values())


@pytest.mark.parametrize("name", CASES.keys() - {"later-release"})
def test_the_events_of_a_case_are_valid(name: str) -> None:
    """As the published schema says, so that a reader may check them."""
    validator = jsonschema.Draft202012Validator(schema("event"))

    for event in CASES[name].events:
        validator.validate(event)


@pytest.mark.parametrize("name", CASES)
def test_the_fold_is_right(name: str) -> None:
    """In each case."""
    fold = Fold()
    for event in CASES[name].events:
        fold.apply(event)

    answer: Map = {
        "members": {f"{business}/{who}": name for business, who, name in fold.owners()},
        "survivors": {
            f"{business}/{who}": name for business, who, name in fold.ended()
        },
    }
    assert differences(CASES[name], answer) == []


class LastCome(Register):
    """Orders by arrival."""

    def _generation(self, person: str) -> int:
        return 0


class NoTombstones(Register):
    """Forgets ids that have ended, so a late event brings them back."""

    def _generation(self, person: str) -> int:
        return 0 if person in self.ended else Register._generation(self, person)


class TakesMembersBack(Register):
    """Leaves out "unless you know it under a larger generation"."""

    def _is_free(self, member: str, generation: int) -> bool:
        return True


class NeverReleases(Register):
    """Adds members to a person and takes none away."""

    def take(self, told: Told) -> Any:
        known = self.living.get(told.person)
        kept = known.members if known and told.members else ()
        members = tuple(dict.fromkeys((*told.members, *kept)))
        return Register.take(self, replace(told, members=members))


class EndsWithoutLooking(Register):
    """Lets absorbed ids end that are known with a larger generation."""

    def take(self, told: Told) -> Any:
        changes = Register.take(self, told)
        if told.person in self.living:
            for old in told.absorbed:
                Register._end(self, old, Ended(told.generation, told.person))
        return changes


def as_told(told: Told) -> Told:
    return told


def not_absorbed(told: Told) -> Told:
    return replace(told, absorbed=())


def one_business(told: Told) -> Told:
    return replace(told, business="all")


def read(
    case: Case, kind: Callable[[str], Register], seen: Callable[[Told], Told]
) -> Map:
    registers: dict[str, Register] = {}
    for event in case.events:
        told = told_by_event(event)
        if told is not None:
            told = seen(told)
            registers.setdefault(told.business, kind(told.business)).take(told)
    return answer_of(registers.values())


def answer_of(registers: Iterable[Register]) -> Map:
    answer: Map = {"members": {}, "survivors": {}}
    for register in registers:
        for who, name in register.owners.items():
            answer["members"][f"{register.business}/{who}"] = name
        for old in register.ended:
            answer["survivors"][f"{register.business}/{old}"] = register.survivor(old)
    return answer


@pytest.mark.parametrize(
    ("kind", "seen", "caught_by"),
    [
        (LastCome, as_told, "linked-late"),
        (NoTombstones, as_told, "erase-person-reversed"),
        (TakesMembersBack, as_told, "split-survivor-last"),
        (NeverReleases, as_told, "erase-id"),
        (EndsWithoutLooking, as_told, "split-survivor-last"),
        (Register, not_absorbed, "merged-alone"),
        (Register, not_absorbed, "erase-lost-before-merge"),
        (Register, one_business, "transfer"),
    ],
)
def test_a_wrong_reader_is_caught(
    kind: Callable[[str], Register], seen: Callable[[Told], Told], caught_by: str
) -> None:
    """By the case that is about its mistake."""
    case = CASES[caught_by]

    assert differences(case, read(case, Register, as_told)) == []
    assert differences(case, read(case, kind, seen))


def test_what_is_expected_is_told_without_end() -> None:
    """A few differences one by one, the rest as a number."""
    case = CASES["tangle-1"]

    told = differences(case, {"members": {}, "survivors": {}})

    rest = len(case.expected["members"]) + len(case.expected["survivors"]) - MAX_TOLD
    assert len(told) == MAX_TOLD + 1
    assert told[-1] == f"and {rest} more"


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"members": {}}, {"members": {}, "survivors": []}]
)
def test_what_is_no_map_is_said_to_be_none(answer: Mapping[str, Any] | None) -> None:
    """Also where nothing is expected."""
    assert differences(CASES["nothing"], answer)
