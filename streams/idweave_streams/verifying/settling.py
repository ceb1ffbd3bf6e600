"""The compacted topics against the tables of workers that go on working.

A worker has its outputs acknowledged before its changelog batch, so topics are read
behind the changelog and may be ahead of it. What differs is therefore read again, on
both sides, until it agrees, or nothing is left that could change it, or time is up.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from idweave_graph.ids import BusinessId
from idweave_streams.packing import partition_of
from idweave_streams.settings import Settings
from idweave_streams.state.changelog import TablesReader
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.kafka import Ends, Reader
from idweave_streams.verifying.difference import Difference
from idweave_streams.verifying.outputs import OutputCheck, Suspect

PAUSE_S = 1.0
MAX_SUSPECTS = 100_000
"""Held in memory; with more than that something is wrong anyway."""


@dataclass(slots=True)
class Outputs:
    """Keeps a copy's persons and aliases areas, and its graph, up to date."""

    settings: Settings
    source: Reader
    tables: TablesReader
    copy: StateCopy
    ends: dict[str, Ends]
    handled: Ends
    """Of the evidence log, what the group had committed before the last reading."""

    @classmethod
    async def begin(
        cls, settings: Settings, source: Reader, tables: TablesReader, copy: StateCopy
    ) -> "Outputs":
        """Read both topics to their ends, and then once more what came meanwhile."""
        made = cls(settings, source, tables, copy, {}, {})
        await made.read_on()
        await made.read_on()
        return made

    async def read_on(self) -> None:
        """Read on in this order: commits, changelog, topics."""
        names = self.settings.topics
        graph = self.copy.cut.graph
        self.handled = await self.source.committed(
            self.settings.app_id, names.evidence, graph
        )
        self.copy.cut = await self.tables.read_on(self.copy.cut)
        for area, topic in (("persons", names.persons), ("aliases", names.aliases)):
            self.ends[topic] = await self.source.read_on(
                topic, self.copy.area(area), self.ends.get(topic)
            )
            self.copy.cut = self.copy.cut.with_topic(topic, self.ends[topic])

    async def quiet(self) -> set[int]:
        """Return the partitions in which no evidence has waited since the last reading.

        Nothing is under way there: all that was handled was in the changelog by then,
        and its outputs on the topics.
        """
        evidence = self.settings.topics.evidence
        found = set()
        for partition, cut in self.copy.cut.graph.items():
            done = max(cut.inputs.get(evidence, 0), self.handled[partition])
            if not await self.source.has_records(evidence, partition, done):
                found.add(partition)
        return found


async def settled(
    outputs: Outputs, only: BusinessId | None, patience_s: float
) -> list[Difference]:
    """Return what differs for good; an empty list if all agrees.

    A partition in which evidence is waited for is looked at again for *patience_s*.
    """
    check = OutputCheck(outputs.copy, only)
    suspects = list(islice(check.suspects(), MAX_SUSPECTS))
    clock = asyncio.get_running_loop().time
    deadline = clock() + patience_s
    final: list[Difference] = []
    while suspects:
        await outputs.read_on()
        quiet = await outputs.quiet()
        is_late = clock() >= deadline
        found = {s: d for s in suspects if (d := check.judge(s)) is not None}
        ended = {s for s in found if is_late or _home(outputs, s) in quiet}
        final += [found[suspect] for suspect in ended]
        suspects = _others(found, ended)
        if suspects:
            await asyncio.sleep(PAUSE_S)
    return final


def _others(found: Collection[Suspect], ended: set[Suspect]) -> list[Suspect]:
    return [suspect for suspect in found if suspect not in ended]


def _home(outputs: Outputs, suspect: Suspect) -> int:
    """Return the partition whose worker writes the key; any for one of nobody."""
    if suspect.business is None:
        return min(outputs.copy.cut.graph)
    return partition_of(suspect.business, outputs.copy.partition_count)
