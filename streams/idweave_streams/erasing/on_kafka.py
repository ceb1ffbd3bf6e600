"""What the topics of a deployment have of an id, the changelogs of its tables included."""

from collections.abc import AsyncIterator

from idweave_graph.ids import ScopedId
from idweave_graph.ownership import home
from idweave_streams.erasing.needle import Needle
from idweave_streams.erasing.places import CompactedFold, Finding, Kind, LogFold
from idweave_streams.follow import read_whole
from idweave_streams.settings import Settings
from idweave_streams.state.kafka import Reader, reader
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE
from idweave_streams.topic_plan import changelog_of
from idweave_streams.topics import TOPICS, Topic
from idweave_streams.views import OwnershipBook


async def all_names(settings: Settings, scoped: ScopedId) -> set[ScopedId]:
    """Return *scoped* as its app, the parent of it and all its test apps name it.

    Raises:
        BrokerError: who owns what can't be read.
    """
    book = OwnershipBook()
    await read_whole(settings.kafka, settings.topics.assets, book.apply)
    named, _ = home(book, scoped)
    sharing = {o.asset for o in book.all() if o.parent == named.asset}
    assets = {named.asset, scoped.asset, *sharing}
    return {ScopedId(asset, scoped.user) for asset in assets}


async def on_kafka(settings: Settings, needle: Needle) -> AsyncIterator[Finding]:
    """Yield what each table and each topic has.

    Raises:
        BrokerError: a topic can't be read, or is not there.
    """
    async with reader(settings.kafka) as source:
        for table in (GRAPH_TABLE, LOOKUP_TABLE):
            topic = changelog_of(settings.app_id, table)
            found = await _compacted(source, topic, needle)
            yield Finding(Kind.TABLE, table, stands=len(found.latest))
            yield Finding(Kind.COMPACTED, topic, until_compaction=found.outdated)
        for each in TOPICS:
            yield await _topic(source, each, getattr(settings.topics, each.key), needle)


async def _topic(source: Reader, topic: Topic, name: str, needle: Needle) -> Finding:
    if topic.config["cleanup.policy"] == "compact":
        found = await _compacted(source, name, needle)
        stands, outdated = len(found.latest), found.outdated
        return Finding(Kind.COMPACTED, name, stands, until_compaction=outdated)
    fold = LogFold(needle)
    ends = await source.ends(name, await source.partitions(name))
    await source.read(name, await source.starts(name, ends), ends, fold.take)
    return Finding(Kind.LOG, name, until_retention=fold.count)


async def _compacted(source: Reader, topic: str, needle: Needle) -> CompactedFold:
    fold = CompactedFold(needle)
    ends = await source.ends(topic, await source.partitions(topic))
    await source.read(topic, await source.starts(topic, ends), ends, fold.take)
    return fold
