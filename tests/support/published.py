"""What workers publish of an evidence log, and ways in which a reader may get it."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from idweave_adapters.read_model import Entry, Place, Source
from idweave_graph.messages import LogMessage
from idweave_graph.person import Person
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import decode_person, encode_log
from idweave_streams.local.log import LocalLog, LocalTable
from idweave_streams.reliable import Output, Unit
from idweave_streams.topics import TopicNames

NAMES = TopicNames.build()
PARTITIONS = 3
SOURCES = {
    NAMES.persons: Source.PERSONS,
    NAMES.aliases: Source.ALIASES,
    NAMES.events: Source.EVENTS,
    NAMES.policy: Source.POLICY,
}


class Workers:
    """The weave stage on one table, and the topics that it writes."""

    def __init__(self) -> None:
        topics = {*SOURCES, NAMES.evidence, NAMES.sightings, NAMES.receipts}
        self.log = LocalLog(dict.fromkeys(topics, PARTITIONS))
        self._table = LocalTable()
        self._weave = Weave(NAMES, PARTITIONS)

    def handle(self, messages: Iterable[LogMessage]) -> None:
        """Handle each message as a unit of its own, and what it continues with."""
        waiting = [encode_log([message]) for message in messages]
        while waiting:
            output = Output(NAMES.evidence, b"900", waiting.pop(0))
            record = self.log.append(output, 0)
            unit = Unit(0, self._table)
            self._weave.handle(unit, [record])
            self._table.write(unit.changes)
            waiting = [*self._sent(unit.outputs), *waiting]

    def _sent(self, outputs: Sequence[Output]) -> Iterator[bytes]:
        for output in outputs:
            if output.topic == NAMES.evidence:
                yield output.value or b""
            else:
                self.log.append(output, 0)

    def persons(self) -> list[Person]:
        """Everybody, as the table has them."""
        return [decode_person(value) for _, value in self._table.scan(b"p|")]

    def places(self) -> dict[Place, list[Entry]]:
        """Every record of the output topics, by partition."""
        return {
            (source, partition): [
                Entry(source, partition, r.offset, r.key, r.value)
                for r in self.log.read(topic, partition, 0, 1_000_000)
            ]
            for topic, source in SOURCES.items()
            for partition in range(PARTITIONS)
        }


def in_turn(places: dict[Place, list[Entry]]) -> list[Entry]:
    """One partition after the other."""
    return [entry for place in sorted(places) for entry in places[place]]


def tangled(places: dict[Place, list[Entry]], random: Random) -> list[Entry]:
    """Partitions in any order between them, with stretches that come again."""
    at = dict.fromkeys(places, 0)
    told: list[Entry] = []
    while open_ := [place for place in places if at[place] < len(places[place])]:
        place = random.choice(sorted(open_))
        some = random.randint(1, 4)
        told += places[place][at[place] : at[place] + some]
        at[place] += some
        if random.random() < 0.2:
            at[place] = random.randint(0, at[place])
    return told


def compacted(
    places: dict[Place, list[Entry]], *, tombstones: bool
) -> dict[Place, list[Entry]]:
    """Only the last record of each key of compacted topics is left."""
    found = dict(places)
    for (source, partition), entries in places.items():
        if source in {Source.PERSONS, Source.ALIASES}:
            last = {entry.key: entry for entry in entries}.values()
            kept = [e for e in last if tombstones or e.value is not None]
            found[source, partition] = sorted(kept, key=lambda e: e.offset)
    return found


def batches(entries: Sequence[Entry], size: int) -> Iterator[Sequence[Entry]]:
    """Cut *entries* into batches of that size."""
    for start in range(0, len(entries), size):
        yield entries[start : start + size]
