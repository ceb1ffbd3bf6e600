"""What a read model says of members and persons, against the graph tables.

A model is behind the tables, or ahead of what was read of them, as the topics are; so
what differs is read again, on both sides, for a while.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from idweave_adapters.read_model import ModelCopy, Source
from idweave_graph.ids import BusinessId, InvalidIdError, business_id, member
from idweave_graph.person import PersonId
from idweave_streams.packing import partition_of
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.membership import Membership
from idweave_streams.state.read_models import opened_model
from idweave_streams.verifying.difference import (
    ALTERED,
    EXTRA,
    MISSING,
    READ_MODEL,
    Difference,
)
from idweave_streams.verifying.outputs import tells
from idweave_streams.verifying.settling import MAX_SUSPECTS, PAUSE_S, Outputs


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A member, or a person, of whom the model may not say what the tables say."""

    business: BusinessId
    name: str
    is_member: bool


async def model_differences(
    outputs: Outputs, path: Path, only: BusinessId | None, patience_s: float
) -> list[Difference]:
    """Return where the model at *path* differs for good; an empty list if it agrees.

    Raises:
        ModelUnreadable: it can't be opened.
    """
    check = _ModelCheck(outputs.copy, path, only)
    found = check.all_differences()
    clock = asyncio.get_running_loop().time
    deadline = clock() + patience_s
    while found and clock() < deadline:
        await asyncio.sleep(PAUSE_S)
        await outputs.read_on()
        is_final = check.is_level() and await outputs.quiet() >= check.partitions
        found = check.still(found)
        if is_final:
            break
    return list(found.values())


class _ModelCheck:
    """Holds a model against a copy of the tables."""

    def __init__(self, copy: StateCopy, path: Path, only: BusinessId | None) -> None:
        self._copy = copy
        self._path = path
        self._only = only

    @property
    def partitions(self) -> set[int]:
        return set(self._copy.cut.graph)

    def is_level(self) -> bool:
        """Say whether the model has read all that is known of the persons topic."""
        with opened_model(self._path) as model:
            read = model.offsets()
        ends = self._copy.cut.topics[self._copy.names.persons]
        return all(read.get((Source.PERSONS, p), 0) >= end for p, end in ends.items())

    def all_differences(self) -> dict[_Suspect, Difference]:
        """Go through everything once."""
        with opened_model(self._path) as model:
            judged = ((each, self._judge(model, each)) for each in self._all(model))
            found = ((each, wrong) for each, wrong in judged if wrong is not None)
            return dict(islice(found, MAX_SUSPECTS))

    def still(self, suspects: dict[_Suspect, Difference]) -> dict[_Suspect, Difference]:
        """Return those that differ yet."""
        with opened_model(self._path) as model:
            judged = ((each, self._judge(model, each)) for each in suspects)
            return {each: wrong for each, wrong in judged if wrong is not None}

    def _all(self, model: ModelCopy) -> Iterator[_Suspect]:
        for partition in sorted(self._copy.cut.graph):
            for business, who, _ in self._copy.index(partition):
                yield from self._wanted(business, str(who), is_member=True)
            for business, name in self._copy.person_keys(partition):
                yield from self._wanted(business, name, is_member=False)
        for told, text, _ in model.members():
            yield from self._wanted(business_id(told), text, is_member=True)
        for told, text in model.persons():
            yield from self._wanted(business_id(told), text, is_member=False)

    def _wanted(
        self, business: BusinessId, name: str, *, is_member: bool
    ) -> Iterator[_Suspect]:
        is_here = partition_of(business, self._copy.partition_count) in self.partitions
        if is_here and self._only in {None, business}:
            yield _Suspect(business, name, is_member)

    def _judge(self, model: ModelCopy, of: _Suspect) -> Difference | None:
        if of.is_member:
            kind, (person, what) = "member", self._of_member(model, of)
        else:
            kind, (person, what) = "person", self._of_person(model, of)
        if what is None:
            return None
        place = str(self._path)
        return Difference(READ_MODEL, of.business, kind, what, person, place)

    def _of_member(
        self, model: ModelCopy, of: _Suspect
    ) -> tuple[PersonId | None, str | None]:
        told = model.owner(of.business, of.name)
        home = partition_of(of.business, self._copy.partition_count)
        owner = None
        try:
            graph = self._copy.graph_table(home)
            owner = graph.person_of(of.business, member(of.name))
        except InvalidIdError:
            pass  # nobody's
        return owner or PersonId(told or ""), _compared(owner, told)

    def _of_person(
        self, model: ModelCopy, of: _Suspect
    ) -> tuple[PersonId | None, str | None]:
        name = PersonId(of.name)
        told = model.person(of.business, name)
        home = partition_of(of.business, self._copy.partition_count)
        person = self._copy.graph_table(home).person(of.business, name)
        if told is None or person is None:
            return name, _compared(person, told)
        return name, None if tells(told, person) else ALTERED


def _compared(mine: object, told: object) -> str | None:
    if mine == told:
        return None
    if told is None:
        return MISSING
    return EXTRA if mine is None else ALTERED


def model_memberships(
    path: Path, only: BusinessId | None
) -> dict[BusinessId, Membership]:
    """Count and digest what the model at *path* holds, by business.

    Raises:
        ModelUnreadable: it can't be opened.
    """
    found: dict[BusinessId, Membership] = {}
    with opened_model(path) as model:
        for told, text, person in model.members():
            counted = found.setdefault(business_id(told), Membership())
            counted.members.add(member(text), PersonId(person))
        for told, _ in model.persons():
            found.setdefault(business_id(told), Membership()).persons += 1
    if only is not None:
        return {only: found.get(only, Membership())}
    return found
