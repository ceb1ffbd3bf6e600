"""A copy of tables in which much has happened, without a broker."""

from collections.abc import Iterator, Sequence
from random import Random

import orjson
import pytest
from tests.streams.cli.conftest import run
from tests.support.replay import kept_apart, tangled_log
from tests.support.strategies import BUSINESS

from idweave_graph.messages import LogMessage
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import encode_log
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Record, Unit
from idweave_streams.state.copy import Cut, PartitionCut, StateCopy
from idweave_streams.state.space import Space, temporary_space
from idweave_streams.tables import GRAPH_TABLE
from idweave_streams.topics import TopicNames

__all__ = ["run"]

NAMES = TopicNames.build()
PARTITIONS = 3
HOME = partition_of(BUSINESS, PARTITIONS)
"""Where the graph of the business is."""


@pytest.fixture
def log() -> list[LogMessage]:
    """Proofs that contradict each other, and bans."""
    random = Random(7)
    return list(kept_apart(random, tangled_log(random, 60)))


@pytest.fixture
def space() -> Iterator[Space]:
    """Room for a copy."""
    with temporary_space() as room:
        yield room


@pytest.fixture
def copy(log: Sequence[LogMessage], space: Space) -> StateCopy:
    """What a worker has after the whole log."""
    return filled(space, log)


def filled(space: Space, log: Sequence[LogMessage]) -> StateCopy:
    """Handle *log*, one record a message; also lookups and assets are there."""
    weave = Weave(NAMES, PARTITIONS)
    table = space.area(GRAPH_TABLE, HOME)
    for offset, message in enumerate(log):
        value = encode_log([message])
        record = Record(NAMES.evidence, HOME, offset, 0, b"", value, ())
        unit = Unit(HOME, table)
        weave.handle(unit, [record])
        table.write(unit.changes.items())
    space.area("lookups", 1).write([(b"l|app:1:a", b"\x01{}"), (b"\xff\x00", b"\xfe")])
    asset = {"asset": "app:1", "business": BUSINESS, "epoch": 1}
    space.area("assets").write([(b"app:1", orjson.dumps(asset))])
    space.area("holds").write([(b"b1", b"\x01{}")])
    cut = PartitionCut(7, {NAMES.evidence: len(log)})
    graph = {p: cut if p == HOME else PartitionCut() for p in range(PARTITIONS)}
    lookups = {p: PartitionCut(p, {NAMES.sightings: p}) for p in range(PARTITIONS)}
    topics = {NAMES.assets: {0: 1}, NAMES.holds: {0: 1}}
    return StateCopy(space, Cut(graph, lookups, topics), PARTITIONS, NAMES)
