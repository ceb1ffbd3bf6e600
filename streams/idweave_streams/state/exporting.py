"""The whole state and what led to it, from Kafka to a folder."""

from pathlib import Path

from idweave_streams.settings import Settings
from idweave_streams.state.kafka import reader
from idweave_streams.state.live import copied, with_logs
from idweave_streams.state.manifest import Manifest
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.state.space import temporary_space
from idweave_streams.state.wanted import Wanted, Watch


async def export_topics(
    settings: Settings, folder: Path, wanted: Wanted, watch: Watch
) -> Manifest:
    """Write what the topics hold now to *folder*, without disturbing a worker.

    Raises:
        BrokerError: the broker does not answer, or a topic is not there.
        StateError: a changelog can't be read, or *folder* can't be written.
    """
    names = settings.topics
    with temporary_space() as space:
        watch.begin("reading topics", None)
        async with reader(settings.kafka) as source:
            copy = await copied(settings, source, space)
            await with_logs(source, copy, (names.events, names.policy))
        return write_snapshot(copy, folder, wanted, watch)
