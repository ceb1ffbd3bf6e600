"""The state as it is now, from the tables' changelogs and the compacted topics."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from idweave_streams.settings import Settings
from idweave_streams.state.changelog import read_tables
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.kafka import Reader, reader
from idweave_streams.state.space import Space, temporary_space


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
    cut = await read_tables(settings, source, space, partitions)
    names = settings.topics
    for area, topic in (("assets", names.assets), ("holds", names.holds)):
        ends = await source.read_on(topic, space.area(area))
        cut = cut.with_topic(topic, ends)
    return StateCopy(space, cut, settings.partitions)
