"""Copies of the tables of an engine, as `live_state` makes them of workers' tables."""

from idweave_streams.codecs import encode_hold, encode_ownership
from idweave_streams.local import LocalEngine
from idweave_streams.settings import Settings
from idweave_streams.state.copy import Cut, PartitionCut, StateCopy
from idweave_streams.state.space import Space
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE


def copy_of(engine: LocalEngine, settings: Settings, space: Space) -> StateCopy:
    """All that *engine* knows now, in *space*."""
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
