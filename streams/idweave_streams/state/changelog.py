"""The changelogs of the tables, read into a copy.

A unit of a worker is one record batch that ends with a progress record, so a changelog
that is read to where it ends at some moment is the state at that moment. Only
compaction may take a key away whose next value stands behind that end; the reading is
repeated from there, so that what is missing is found in the next round.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from idweave_streams.broker_errors import Refused
from idweave_streams.reliable.progress import (
    PROGRESS_KEY,
    UnknownProgressError,
    decode_progress,
)
from idweave_streams.settings import Settings
from idweave_streams.state.copy import Cut, PartitionCut
from idweave_streams.state.errors import ChangelogDamaged
from idweave_streams.state.kafka import Reader, Records
from idweave_streams.state.space import Space
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE
from idweave_streams.topic_plan import changelog_of

_SMALL = 1_000
"""A round that brings fewer records ends within a moment: no cleaner is as fast."""
_ROUNDS = 20

Cuts = Mapping[int, PartitionCut]


class ChangelogReader:
    """Reads one table's changelog into the areas of a space, and on from there."""

    def __init__(self, source: Reader, space: Space, table: str, topic: str) -> None:
        self._source = source
        self._space = space
        self._table = table
        self._topic = topic
        self._progress: dict[int, Mapping[str, int]] = {}
        self._last: dict[int, tuple[int, bytes]] = {}

    async def read_on(self, cuts: Cuts) -> dict[int, PartitionCut]:
        """Read from *cuts* to where the changelog ends now; return the new cuts.

        Raises:
            ChangelogDamaged: it holds what no worker has written.
        """
        done = {partition: cut.changelog for partition, cut in cuts.items()}
        self._progress |= {p: cut.inputs for p, cut in cuts.items()}
        for _ in range(_ROUNDS):
            ends = await self._source.ends(self._topic, done)
            self._check_ends(done, ends)
            await self._source.read(self._topic, done, ends, self._take)
            count = sum(ends[p] - done[p] for p in ends)
            done = ends
            if count < _SMALL and self._is_whole(done):
                break
        self._check_tails()
        return {
            p: PartitionCut(end, self._progress.get(p, {})) for p, end in done.items()
        }

    def _take(self, partition: int, records: Records) -> None:
        changes = []
        for record in records:
            if record.key is None:
                raise self._damaged(partition, "has a record without a key")
            if record.key == PROGRESS_KEY:
                self._note(partition, record.value)
            else:
                changes.append((record.key, record.value))
        self._space.area(self._table, partition).write(changes)
        self._last[partition] = (records[-1].offset, records[-1].key)

    def _note(self, partition: int, value: bytes | None) -> None:
        try:
            self._progress[partition] = decode_progress(value)
        except UnknownProgressError:
            text = "has a progress record of another release"
            raise self._damaged(partition, text) from None

    def _check_ends(self, done: Mapping[int, int], ends: Mapping[int, int]) -> None:
        for partition, end in ends.items():
            if end < done[partition]:
                raise self._damaged(partition, "has become shorter")

    def _is_whole(self, ends: Mapping[int, int]) -> bool:
        """Say whether the last record of each is there; if not, there is a later one."""
        return all(
            self._last[p][0] == end - 1 for p, end in ends.items() if p in self._last
        )

    def _check_tails(self) -> None:
        for partition, (_, key) in self._last.items():
            if key != PROGRESS_KEY:
                raise self._damaged(partition, "ends without a progress record")

    def _damaged(self, partition: int, what: str) -> ChangelogDamaged:
        text = (
            f"changelog {self._topic}[{partition}] {what}: somebody else writes to it, "
            "or it was restored in part; restore it whole"
        )
        return ChangelogDamaged(text)


class TablesReader:
    """Reads the changelogs of both tables, or of one, and on from there."""

    def __init__(
        self,
        settings: Settings,
        source: Reader,
        space: Space,
        tables: Sequence[str] = (GRAPH_TABLE, LOOKUP_TABLE),
    ) -> None:
        self._partitions = settings.partitions
        self._source = source
        self._topics = {table: changelog_of(settings.app_id, table) for table in tables}
        self._readers = {
            table: ChangelogReader(source, space, table, topic)
            for table, topic in self._topics.items()
        }

    async def read(self, partitions: Collection[int] | None = None) -> Cut:
        """Read these partitions, or all, to where they end now.

        The graph comes first: what it holds was caused by lookups that are read later,
        so no effect is in the copy without its cause.

        Raises:
            BrokerError: the broker does not answer, or a changelog is not there.
            ChangelogDamaged: a changelog holds what no worker has written.
        """
        wanted = range(self._partitions) if partitions is None else sorted(partitions)
        for topic in self._topics.values():
            count = len(await self._source.partitions(topic))
            if count != self._partitions:
                raise Refused(f"{topic} has {count} partitions: set partitions={count}")
        start = dict.fromkeys(wanted, PartitionCut())
        return await self.read_on(Cut(start, start))

    async def read_on(self, cut: Cut) -> Cut:
        """Read from *cut* to where they end now."""
        found = {
            table: await reading.read_on(cut.of(table))
            for table, reading in self._readers.items()
        }
        graph = found.get(GRAPH_TABLE, {})
        return replace(cut, graph=graph, lookups=found.get(LOOKUP_TABLE, {}))
