"""The state as it is now, from the tables' changelogs and the compacted topics."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from functools import partial
from struct import Struct

from idweave_streams.jsonl import line
from idweave_streams.reliable import Record
from idweave_streams.settings import Settings
from idweave_streams.state.changelog import TablesReader
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.kafka import Reader, Records, reader
from idweave_streams.state.space import Area, Space, temporary_space

_PLACE = Struct(">IQ")
"""Partition and offset, so that they are in order."""


@asynccontextmanager
async def live_state(
    settings: Settings, *, partitions: Collection[int] | None = None
) -> AsyncIterator[StateCopy]:
    """Copy the tables as they are, without asking or disturbing a worker.

    Args:
        settings: of the deployment whose state it is.
        partitions: of both tables, to copy; all where None.

    Raises:
        BrokerError: the broker does not answer, or a topic is not there.
        ChangelogDamaged: a changelog holds what no worker has written.
    """
    with temporary_space() as space:
        async with reader(settings.kafka) as source:
            copy = await copied(settings, source, space, partitions)
        yield copy


async def copied(
    settings: Settings,
    source: Reader,
    space: Space,
    partitions: Collection[int] | None = None,
) -> StateCopy:
    """Copy into *space* by way of *source*; see `live_state`."""
    cut = await TablesReader(settings, source, space).read(partitions)
    names = settings.topics
    for area, topic in (("assets", names.assets), ("holds", names.holds)):
        ends = await source.read_on(topic, space.area(area))
        cut = cut.with_topic(topic, ends)
    return StateCopy(space, cut, settings.partitions, names)


async def with_logs(source: Reader, copy: StateCopy, topics: Iterable[str]) -> None:
    """Copy whole append-only *topics* too, as they are now, behind the tables' cut.

    Outputs are on their topics before their unit is in the changelog, so all that led
    to the state of the tables is there, and perhaps a little that came later.
    """
    for topic in topics:
        partitions = await source.partitions(topic)
        ends = await source.ends(topic, partitions)
        take = partial(_keep, copy.area("log", topic))
        await source.read(topic, {}, ends, take)
        copy.cut = copy.cut.with_topic(topic, ends)


def _keep(area: Area, partition: int, records: Records) -> None:
    area.write(
        (_PLACE.pack(partition, record.offset), line(Record.of(record)))
        for record in records
    )
