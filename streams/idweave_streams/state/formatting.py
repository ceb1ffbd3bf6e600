"""A copy in the formats of analysts: each person is read once, for all of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from idweave_adapters.snapshots.formats import VERSIONS, open_sink
from idweave_adapters.snapshots.told import Told
from idweave_adapters.snapshots.written import Sink, Written
from idweave_graph.ids import BusinessId
from idweave_graph.person import Person
from idweave_streams.codecs import decode_person
from idweave_streams.packing import partition_of
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.errors import BusinessUnknown
from idweave_streams.state.happened import happened
from idweave_streams.state.membership import Membership
from idweave_streams.state.selected import SelectedLines
from idweave_streams.state.wanted import JSONL, Wanted, Watch


def write_formats(
    copy: StateCopy, folder: Path, wanted: Wanted, watch: Watch
) -> tuple[dict[str, Written], dict[BusinessId, Membership]]:
    """Write all that is *wanted* but the tables; tell of the files and the businesses.

    Raises:
        BusinessUnknown: one that is wanted has no person.
        ChangelogDamaged: a record of the events topic can't be read.
        NotInstalledError: a format needs a library that is not there.
        UnreadableRecordError: a table holds what this program has not written.
    """
    sinks = _sinks(copy, folder, wanted)
    found: dict[BusinessId, Membership] = {}
    if not sinks:
        return {}, found
    watch.begin("persons", _count(copy, wanted))
    for person in _persons(copy, wanted):
        _counted(found, person)
        for sink in sinks.values():
            sink.person(person)
        watch.step()
    if unknown := set(wanted.businesses) - found.keys():
        name = min(unknown)
        text = f"business {name} has nobody: name one of those that you have"
        raise BusinessUnknown(text)
    _write_events(copy, sinks.values(), wanted, watch)
    return _closed(sinks), dict(sorted(found.items()))


def _sinks(copy: StateCopy, folder: Path, wanted: Wanted) -> dict[str, Sink]:
    """Begin the formats, by the folder in which each is: lines are in the top one."""
    sinks: dict[str, Sink] = {
        f"{name}/": open_sink(name, folder / name)
        for name in VERSIONS
        if name in wanted.formats
    }
    if JSONL in wanted.formats and not wanted.with_tables:
        sinks[""] = SelectedLines(folder, copy.names, copy.partition_count)
    return sinks


def _closed(sinks: Mapping[str, Sink]) -> dict[str, Written]:
    return {
        f"{place}{name}": facts
        for place, sink in sinks.items()
        for name, facts in sink.close().items()
    }


def _count(copy: StateCopy, wanted: Wanted) -> int:
    return sum(1 for _ in _rows(copy, wanted))


def _persons(copy: StateCopy, wanted: Wanted) -> Iterator[Person]:
    names = wanted.pseudonyms
    for value in _rows(copy, wanted):
        person = decode_person(value)
        yield person if names is None else names.person(person)


def _rows(copy: StateCopy, wanted: Wanted) -> Iterator[bytes]:
    """Yield the values of the chosen persons, one business after another."""
    for partition, prefix in _places(copy, wanted.businesses):
        for _, value in copy.graph(partition).scan(prefix):
            yield value


def _places(
    copy: StateCopy, chosen: Sequence[BusinessId]
) -> Iterator[tuple[int, bytes]]:
    if not chosen:
        yield from ((partition, b"p|") for partition in sorted(copy.cut.graph))
    for business in sorted(set(chosen)):
        home = partition_of(business, copy.partition_count)
        yield home, f"p|{business}|".encode()


def _counted(found: dict[BusinessId, Membership], person: Person) -> None:
    of = found.setdefault(person.business, Membership())
    of.persons += 1
    for member in person.members:
        of.members.add(member, person.id)


def _write_events(
    copy: StateCopy, sinks: Collection[Sink], wanted: Wanted, watch: Watch
) -> None:
    watch.begin("events", None)
    for told in happened(copy, wanted.businesses):
        renamed = _renamed(told, wanted)
        for sink in sinks:
            sink.event(renamed)
        watch.step()


def _renamed(told: Told, wanted: Wanted) -> Told:
    names = wanted.pseudonyms
    if names is None:
        return told
    event = told.event
    ended = tuple(replace(each, id=names.person_id(each.id)) for each in told.ended)
    known = (names.member(event.business, who) for who in told.known)
    return Told(names.event(event), ended, frozenset(known))
