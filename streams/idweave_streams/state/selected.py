"""Lines of JSON of some businesses, or under pseudonyms: what programs read.

As a whole snapshot has them, for `why` and `how`, but without the tables: these hold
what is nobody else's business, and can't be renamed.
"""

from pathlib import Path

import orjson

from idweave_adapters.snapshots.told import Told
from idweave_adapters.snapshots.written import TextFile, Written
from idweave_graph.documents import (
    alias_document,
    alias_key,
    event_document,
    person_document,
)
from idweave_graph.ids import ScopedId
from idweave_graph.person import Person
from idweave_streams.jsonl import line
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Record
from idweave_streams.state.parts import QUARANTINE_FILE, topic_file
from idweave_streams.topics import TopicNames


class SelectedLines:
    """Writes persons, aliases, quarantine and events."""

    def __init__(self, folder: Path, names: TopicNames, partitions: int) -> None:
        self._names = names
        self._partitions = partitions
        topics = (names.persons, names.aliases, names.events)
        self._files = {t: TextFile(folder / topic_file(t)) for t in topics}
        self._numbers = dict.fromkeys(topics, 0)
        self._quarantine = TextFile(folder / QUARANTINE_FILE)

    def person(self, person: Person) -> None:
        """Write the person, whose ids these are, and what is in quarantine."""
        found = person_document(person)
        self._put(self._names.persons, person.id, found)
        for who in person.members:
            if isinstance(who, ScopedId):
                about = (person.business, who, person.id, person.generation)
                key = alias_key(person.business, who)
                self._put(self._names.aliases, key, alias_document(*about))
        for proof in found["quarantined"]:
            told = {"business": person.business, "person": person.id, "proof": proof}
            self._quarantine.write(orjson.dumps(told) + b"\n", rows=1)

    def event(self, told: Told) -> None:
        """Write the event as it stood on its topic."""
        event = told.event
        self._put(self._names.events, event.key, event_document(event))

    def close(self) -> dict[str, Written]:
        """Finish the files."""
        files = {topic_file(topic): file for topic, file in self._files.items()}
        files[QUARANTINE_FILE] = self._quarantine
        return {name: file.close() for name, file in files.items()}

    def _put(self, topic: str, key: str, document: dict[str, object]) -> None:
        number = self._numbers[topic]
        value = orjson.dumps(document)
        place = (topic, partition_of(key, self._partitions), number, 0)
        text = line(Record(*place, key.encode(), value, ()))
        self._files[topic].write(text + b"\n", rows=1)
        self._numbers[topic] = number + 1
