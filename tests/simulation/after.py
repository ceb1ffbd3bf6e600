"""What a run has left, read from its topics and tables; and the log folded anew."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import orjson
from tests.support.graph import DictGraph

from idweave_graph.events import IdentityEvent
from idweave_graph.ids import Member, ScopedId
from idweave_graph.lookups import Lookup
from idweave_graph.messages import Decided, LogMessage, Proved, Sighted
from idweave_graph.resolve import ResolveMessage
from idweave_graph.weave import handle
from idweave_streams.codecs import decode_log, decode_lookup, decode_sightings
from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import Record
from idweave_streams.reliable.unit import RESERVED

if TYPE_CHECKING:
    from tests.simulation.simulation import Run

Doc = dict[str, object]


@dataclass
class After:
    """Everything that checks look at, each read once."""

    run: "Run"

    @cached_property
    def graph(self) -> DictGraph:
        """The evidence log folded on dictionaries, undisturbed: the truth."""
        return self._folded[0]

    @cached_property
    def events(self) -> list[IdentityEvent]:
        """What that fold tells."""
        return self._folded[1]

    @cached_property
    def _folded(self) -> tuple[DictGraph, list[IdentityEvent]]:
        graph = DictGraph(has_key=self.run.scenario.remembers)
        events = list[IdentityEvent]()
        for message in self.log:
            events += graph.apply(handle(graph, message))
        return graph, events

    @cached_property
    def log(self) -> list[LogMessage]:
        """The evidence log, partition by partition."""
        return [
            message
            for record in self.records("evidence")
            for message in decode_log(record.value)
        ]

    @cached_property
    def said(self) -> list[ResolveMessage]:
        """What the stage of lookups was told by others, partition by partition."""
        return [message for some in self.said_by_partition.values() for message in some]

    @cached_property
    def said_by_partition(self) -> dict[int, list[ResolveMessage]]:
        """The same, by partition."""
        found: dict[int, list[ResolveMessage]] = defaultdict(list)
        for record in self.records("sightings"):
            found[record.partition] += decode_sightings(record.value)
        return found

    def records(self, topic: str) -> list[Record]:
        """Return the records of a topic, by its key in the settings."""
        name: str = getattr(self.run.settings.topics, topic)
        return self.run.broker.records(name)

    def latest(self, topic: str) -> dict[str, Doc]:
        """Return what a compacted topic comes down to."""
        found: dict[str, Doc] = {}
        for record in self.records(topic):
            key = (record.key or b"").decode()
            if record.value is None:
                found.pop(key, None)
            else:
                found[key] = orjson.loads(record.value)
        return found

    def tables(self, stage: str, table: str) -> Iterator[tuple[int, LocalTable]]:
        """Yield partition and local copy of the table, of whoever owns it."""
        for process in self.run.alive():
            for name, partition in process.runners:
                if name == stage:
                    yield partition, process.machine.disk[table, partition].table

    def entries(self, stage: str, table: str) -> dict[bytes, bytes]:
        """Return all entries of a table, over all partitions."""
        return {
            key: value
            for _, each in self.tables(stage, table)
            for key, value in each.scan(b"")
            if not key.startswith(RESERVED)
        }

    @cached_property
    def lookups(self) -> dict[ScopedId, Lookup]:
        """All lookups as they stand."""
        entries = self.entries("resolve", "lookups")
        found = [decode_lookup(v) for k, v in entries.items() if k.startswith(b"l|")]
        return {lookup.seen.id: lookup for lookup in found}


def named(message: LogMessage) -> dict[Member, int]:
    """Return whom evidence names, and when it was learned."""
    if isinstance(message, Proved):
        ends = ((end, p.at_ms) for p in message.proofs for end in (p.a, p.b))
        return dict(sorted(ends, key=lambda pair: -pair[1]))
    if isinstance(message, Sighted):
        return {message.seen.id: message.at_ms}
    if isinstance(message, Decided):  # it brings a proof, or lets some back in
        return dict.fromkeys((message.a, message.b), message.at_ms)
    return {}
