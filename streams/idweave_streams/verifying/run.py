"""Everything that is verified, one thing after the other."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from idweave_graph.ids import BusinessId
from idweave_streams.packing import partition_of
from idweave_streams.settings import Settings
from idweave_streams.state.changelog import TablesReader
from idweave_streams.state.copy import Cut, PartitionCut, StateCopy
from idweave_streams.state.kafka import Reader, reader
from idweave_streams.state.membership import Membership, memberships
from idweave_streams.state.read_models import models_below
from idweave_streams.state.space import Space, temporary_space
from idweave_streams.tables import GRAPH_TABLE
from idweave_streams.verifying.difference import (
    ALIASES,
    PERSONS,
    READ_MODEL,
    REPLAY,
    SNAPSHOT,
    TABLES,
    Difference,
    Findings,
)
from idweave_streams.verifying.outputs import OutputCheck
from idweave_streams.verifying.read_models import (
    model_differences,
    model_memberships,
)
from idweave_streams.verifying.replaying import Span, refuse_without_key, replay
from idweave_streams.verifying.settling import Outputs, settled
from idweave_streams.verifying.snapshots import (
    changed_files,
    snapshot_differences,
    taken,
)
from idweave_streams.verifying.soundness import unreadable, unsound
from idweave_streams.verifying.stores import store_differences, stores_below
from idweave_streams.verifying.tables import differences


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be compared with the tables, besides the compacted topics."""

    business: BusinessId | None = None
    """This one only."""
    snapshot: Path | None = None
    replay: bool = False
    tables: Path | None = None
    """A worker's data directory."""
    read_model: Path | None = None
    """A folder with the read model of `idweave api`."""
    patience_s: float = 60.0
    """For how long topics and read model may be ahead of the tables, or behind."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one copy says of one business."""

    business: BusinessId
    source: str
    ids: int
    persons: int | None
    digest: str


@dataclass(slots=True)
class Report:
    """What was compared, and what differs."""

    findings: Findings = field(default_factory=Findings)
    lines: list[Line] = field(default_factory=list)
    cut: Cut = field(default_factory=lambda: Cut({}, {}))

    def agrees(self, line: Line) -> bool:
        """Say whether nothing was found wrong with that business in that copy."""
        return (line.source, line.business) not in self.findings.touched


async def verify(settings: Settings, choice: Choice) -> Report:
    """Compare what *choice* names.

    Raises:
        BrokerError: the broker does not answer, or a topic is not there.
        StateError: something can't be compared at all.
    """
    report = Report()
    if choice.snapshot is not None:
        _add(report, changed_files(choice.snapshot), choice.business)
    with temporary_space() as space:
        async with reader(settings.kafka) as source:
            copy = await _live(settings, source, space, choice, report)
            if copy is not None:
                await _compare(settings, source, copy, choice, report)
            if choice.tables is not None:
                await _compare_stores(settings, source, space, choice, report)
    report.lines.sort(key=lambda line: line.business)
    return report


async def _live(
    settings: Settings, source: Reader, space: Space, choice: Choice, report: Report
) -> StateCopy | None:
    """Copy the graph and hold the topics against it; None where it can't be read."""
    home = None
    if choice.business is not None:
        home = [partition_of(choice.business, settings.partitions)]
    tables = TablesReader(settings, source, space, (GRAPH_TABLE,))
    cut = await tables.read(home)
    copy = StateCopy(space, cut, settings.partitions, settings.topics)
    outputs = await Outputs.begin(settings, source, tables, copy)
    broken = list(unreadable(copy))
    _add(report, broken)
    if broken:
        return None
    only = choice.business
    _add(report, await settled(outputs, only, choice.patience_s))
    await _compare_models(outputs, choice, report)
    report.cut = copy.cut
    _add(report, unsound(copy, only))
    _count(report, TABLES, memberships(copy, copy.cut.graph, only))
    persons, aliases = OutputCheck(copy, only).memberships()
    _count(report, PERSONS, persons)
    _count(report, ALIASES, aliases, scoped=True)
    return copy


async def _compare_models(outputs: Outputs, choice: Choice, report: Report) -> None:
    if choice.read_model is None:
        return
    only = choice.business
    for path in models_below(choice.read_model):
        found = await model_differences(outputs, path, only, choice.patience_s)
        _add(report, found)
        _count(report, READ_MODEL, model_memberships(path, only))


async def _compare(
    settings: Settings,
    source: Reader,
    copy: StateCopy,
    choice: Choice,
    report: Report,
) -> None:
    if choice.replay or choice.snapshot is not None:
        refuse_without_key(settings, copy)
    if choice.replay:
        await _compare_replay(settings, source, copy, choice, report)
    if choice.snapshot is not None:
        with temporary_space() as space:
            snapshot = taken(settings, choice.snapshot, space)
            found = await snapshot_differences(settings, source, copy, snapshot)
            _add(report, found, choice.business)
            there = snapshot.cut.graph.keys() & copy.cut.graph.keys()
            _count(report, SNAPSHOT, memberships(snapshot, there, choice.business))


async def _compare_replay(
    settings: Settings,
    source: Reader,
    copy: StateCopy,
    choice: Choice,
    report: Report,
) -> None:
    evidence = settings.topics.evidence
    cuts = copy.cut.graph
    with temporary_space() as space:
        areas = {p: space.area(GRAPH_TABLE, p) for p in cuts}
        spans: dict[int, Span] = {
            p: (0, cut.inputs.get(evidence, 0)) for p, cut in cuts.items()
        }
        await replay(settings, source, areas, spans)
        for p in cuts:
            found = differences(copy.graph(p), areas[p], REPLAY)
            _add(report, found, choice.business)
        nothing = dict.fromkeys(cuts, PartitionCut())
        anew = StateCopy(space, Cut(nothing, {}), settings.partitions, copy.names)
        _count(report, REPLAY, memberships(anew, cuts, choice.business))


async def _compare_stores(
    settings: Settings, source: Reader, space: Space, choice: Choice, report: Report
) -> None:
    assert choice.tables is not None  # noqa: S101  (asked before)
    for store in stores_below(choice.tables):
        found = await store_differences(settings, source, space, store)
        _add(report, found, choice.business)


def _add(
    report: Report, found: Iterable[Difference], only: BusinessId | None = None
) -> None:
    for each in found:
        if only is None or each.business in {only, None}:
            report.findings.add(each)


def _count(
    report: Report,
    source: str,
    found: dict[BusinessId, Membership],
    *,
    scoped: bool = False,
) -> None:
    for business, counted in found.items():
        digest = counted.scoped if scoped else counted.members
        persons = None if scoped else counted.persons
        line = Line(business, source, digest.count, persons, str(digest))
        report.lines.append(line)
