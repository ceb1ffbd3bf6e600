"""What a snapshot is made of: one file for each kind of thing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from idweave_graph.documents import (
    alias_document,
    alias_key,
    person_document,
)
from idweave_graph.ids import ScopedId
from idweave_graph.person import Person
from idweave_streams.jsonl import line
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Record
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.lines import pair_line
from idweave_streams.state.redacting import redacted
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE

QUARANTINE_FILE = "quarantine.jsonl"


@dataclass(frozen=True, slots=True)
class Part:
    """One file."""

    file: str
    title: str
    """What is counted in it."""
    lines: Iterable[bytes]


def table_file(table: str, partition: int) -> str:
    """Name the file of one partition of a table."""
    return f"tables/{table}-{partition}.jsonl"


def topic_file(topic: str) -> str:
    """Name the file of a topic, as `idweave local --out` does."""
    return f"{topic}.jsonl"


def parts(copy: StateCopy) -> Iterator[Part]:
    """List all files of a snapshot of *copy*, with what goes into each."""
    names = copy.names
    yield Part(topic_file(names.persons), "persons", _persons(copy))
    yield Part(topic_file(names.aliases), "aliases", _aliases(copy))
    yield Part(QUARANTINE_FILE, "quarantined", _quarantine(copy))
    yield Part(topic_file(names.assets), "assets", _pairs(names.assets, copy.assets))
    yield Part(topic_file(names.holds), "holds", _pairs(names.holds, copy.holds))
    for topic in copy.logs():
        yield Part(topic_file(topic), topic, redacted(copy, topic))
    for table in (GRAPH_TABLE, LOOKUP_TABLE):
        for partition in sorted(copy.cut.of(table)):
            pairs = copy.table(table, partition).scan(b"")
            lines = map(pair_line, pairs)
            yield Part(table_file(table, partition), f"{table} rows", lines)


def _everybody(copy: StateCopy) -> Iterator[Person]:
    for partition in sorted(copy.cut.graph):
        yield from copy.persons(partition)


def _persons(copy: StateCopy) -> Iterator[bytes]:
    """Yield what the persons topic says of each, numbered as if it were a topic."""
    for number, person in enumerate(_everybody(copy)):
        value = orjson.dumps(person_document(person))
        yield _line(copy, copy.names.persons, number, person.id, value)


def _aliases(copy: StateCopy) -> Iterator[bytes]:
    number = 0
    for person in _everybody(copy):
        for member in person.members:
            if isinstance(member, ScopedId):
                key = alias_key(person.business, member)
                value = orjson.dumps(
                    alias_document(
                        person.business, member, person.id, person.generation
                    )
                )
                yield _line(copy, copy.names.aliases, number, key, value)
                number += 1


def _line(copy: StateCopy, topic: str, number: int, key: str, value: bytes) -> bytes:
    partition = partition_of(key, copy.partition_count)
    return line(Record(topic, partition, number, 0, key.encode(), value, ()))


def _quarantine(copy: StateCopy) -> Iterator[bytes]:
    """Yield each proof in quarantine once for each person who holds it."""
    for person in _everybody(copy):
        if person.quarantined:
            document = person_document(person)
            for proof in document["quarantined"]:
                yield orjson.dumps(
                    {"business": person.business, "person": person.id, "proof": proof}
                )


def _pairs(topic: str, pairs: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
    for number, (key, value) in enumerate(pairs):
        yield line(Record(topic, 0, number, 0, key, value, ()))
