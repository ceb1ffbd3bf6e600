"""A copy of the tables at a cut: readable like the tables of a worker."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from idweave_graph.ids import BusinessId, Member, business_id, member
from idweave_graph.person import Person, PersonId
from idweave_streams.codecs import decode_person, decode_person_id
from idweave_streams.reliable import Readable
from idweave_streams.state.space import Area, Space
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE, GraphTable
from idweave_streams.topics import TopicNames

Pair = tuple[bytes, bytes]
"""Key and value."""


@dataclass(frozen=True, slots=True)
class PartitionCut:
    """How far one partition of a table is in a copy."""

    changelog: int = 0
    """The next offset of its changelog."""
    inputs: Mapping[str, int] = field(default_factory=dict)
    """The next offset of each topic that it is made from; a topic may be missing.

    What stands before it is in effect in the copy, and nothing from it on is. Records
    from it on that change nothing may have been handled.
    """


@dataclass(frozen=True, slots=True)
class Cut:
    """What a copy stands for: offsets, by partition of each table."""

    graph: Mapping[int, PartitionCut]
    lookups: Mapping[int, PartitionCut]
    topics: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """The next offset of each partition of other topics that were read."""

    def of(self, table: str) -> Mapping[int, PartitionCut]:
        """Return the cut of *table*."""
        return {GRAPH_TABLE: self.graph, LOOKUP_TABLE: self.lookups}[table]

    def with_topic(self, topic: str, ends: Mapping[int, int]) -> "Cut":
        """Return the same, and how far *topic* was read."""
        return replace(self, topics={**self.topics, topic: ends})


class StateCopy:
    """The tables' state at `cut`, and what was said of assets and holds by then.

    Good while the context that it came from is open. Each partition of a table is
    exactly as it was at its offsets; partitions are not of one moment.
    """

    def __init__(
        self, space: Space, cut: Cut, partition_count: int, names: TopicNames
    ) -> None:
        self.cut = cut
        self.partition_count = partition_count
        """How many partitions the tables have, copied or not."""
        self.names = names
        """What the deployment calls its topics."""
        self._space = space

    @property
    def partitions(self) -> Sequence[int]:
        """The partitions that are copied, of both tables."""
        return sorted(self.cut.graph.keys() & self.cut.lookups.keys())

    def graph(self, partition: int) -> Readable:
        """Return a partition of the graph table, for `GraphTable`."""
        return self.table(GRAPH_TABLE, partition)

    def lookups(self, partition: int) -> Readable:
        """Return a partition of the lookups table, for `LookupTable`."""
        return self.table(LOOKUP_TABLE, partition)

    @property
    def assets(self) -> Iterable[Pair]:
        """The records of the compacted assets topic, by key."""
        return self.area("assets").scan(b"")

    @property
    def holds(self) -> Iterable[Pair]:
        """The records of the compacted holds topic, by key."""
        return self.area("holds").scan(b"")

    def persons(self, partition: int) -> Iterator[Person]:
        """Yield every person of a graph partition, by business and id.

        Raises:
            UnreadableRecordError: a value was not written by this program.
        """
        for _, value in self.graph(partition).scan(b"p|"):
            yield decode_person(value)

    def person_keys(self, partition: int) -> Iterator[tuple[BusinessId, PersonId]]:
        """Yield the business and the id of every person of a graph partition."""
        for key, _ in self.graph(partition).scan(b"p|"):
            _, business, name = key.decode().split("|", 2)
            yield business_id(business), PersonId(name)

    def index(self, partition: int) -> Iterator[tuple[BusinessId, Member, PersonId]]:
        """Yield whose every member of a graph partition is.

        Raises:
            UnreadableRecordError: as `persons`.
        """
        for key, value in self.graph(partition).scan(b"m|"):
            _, business, who = key.decode().split("|", 2)
            yield business_id(business), member(who), decode_person_id(value)

    def graph_table(self, partition: int) -> GraphTable:
        """Return a partition of the graph as the core reads it."""
        return GraphTable(self.graph(partition))

    # For those that fill and compare copies.

    def logs(self) -> Sequence[str]:
        """Name the append-only topics that were copied as well."""
        compacted = {self.names.assets, self.names.holds}
        return sorted(self.cut.topics.keys() - compacted)

    def log(self, topic: str) -> Iterator[bytes]:
        """Yield the records of a copied topic, as lines of JSON."""
        return (line for _, line in self.area("log", topic).scan(b""))

    def table(self, name: str, partition: int) -> Area:
        """Return a partition of a table.

        Raises:
            KeyError: that partition is not in this copy.
        """
        self.cut.of(name)[partition]
        return self._space.area(name, partition)

    def area(self, *name: str | int) -> Area:
        """Return another area beside the tables."""
        return self._space.area(*name)
