"""What an engine in this process knows, as the copy that an export is written from."""

from struct import Struct

from idweave_streams.codecs import encode_hold, encode_ownership
from idweave_streams.jsonl import line
from idweave_streams.local.engine import LocalEngine
from idweave_streams.settings import Settings
from idweave_streams.state.copy import Cut, PartitionCut, StateCopy
from idweave_streams.state.space import Space
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE

_PLACE = Struct(">IQ")
"""Partition and offset, so that they are in order."""


def copy_of(engine: LocalEngine, settings: Settings, space: Space) -> StateCopy:
    """Copy all that *engine* knows now into *space*.

    Its tables have no changelogs, so the cut names no offset of one.
    """
    for name in (GRAPH_TABLE, LOOKUP_TABLE):
        for partition, table in engine.tables(name).items():
            space.area(name, partition).write(table.scan(b""))
    owners = engine.pipeline.ownership.all()
    space.area("assets").write(
        (str(owner.asset).encode(), encode_ownership(owner)) for owner in owners
    )
    space.area("holds").write(
        (hold.key.encode(), encode_hold(hold)) for hold in engine.pipeline.holds.held()
    )
    cuts = {partition: PartitionCut() for partition in range(settings.partitions)}
    return StateCopy(space, Cut(cuts, cuts), settings.partitions, settings.topics)


def with_logs(engine: LocalEngine, copy: StateCopy) -> None:
    """Copy what *engine* has told, its events and policy, too."""
    log = engine.log
    for topic in (copy.names.events, copy.names.policy):
        copy.area("log", topic).write(
            (_PLACE.pack(record.partition, record.offset), line(record))
            for record in engine.records(topic)
        )
        ends = {p: log.end(topic, p) for p in log.partitions(topic)}
        copy.cut = copy.cut.with_topic(topic, ends)
