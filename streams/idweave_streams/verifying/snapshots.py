"""A snapshot against the tables, each brought to the other's offsets by the log."""

from pathlib import Path

from idweave_streams.settings import Settings
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.errors import SnapshotDamaged
from idweave_streams.state.kafka import Reader
from idweave_streams.state.manifest import Manifest, damaged_files, read_manifest
from idweave_streams.state.snapshot import loaded
from idweave_streams.state.space import Space
from idweave_streams.tables import GRAPH_TABLE
from idweave_streams.verifying.difference import SNAPSHOT, Difference
from idweave_streams.verifying.replaying import Span, replay
from idweave_streams.verifying.tables import differences


def changed_files(folder: Path) -> list[Difference]:
    """Return a difference for each file that is not as it was written.

    Raises:
        SnapshotDamaged: there is no manifest, or it can't be read.
    """
    damaged = damaged_files(folder, read_manifest(folder))
    what = "is not as it was written"
    return [Difference(SNAPSHOT, None, "file", what, place=name) for name in damaged]


def taken(settings: Settings, folder: Path, space: Space) -> StateCopy:
    """Return the tables of the snapshot in *folder*, whatever its checksums say.

    Raises:
        SnapshotDamaged: a line can't be read, or it is of another deployment.
    """
    manifest: Manifest = read_manifest(folder)
    if manifest.partitions != settings.partitions:
        text = (
            f"{folder} is of a deployment with {manifest.partitions} partitions; "
            f"this one has {settings.partitions}: check the setting partitions"
        )
        raise SnapshotDamaged(text)
    return loaded(folder, manifest, space)


async def snapshot_differences(
    settings: Settings, source: Reader, live: StateCopy, snapshot: StateCopy
) -> list[Difference]:
    """Return where the snapshot, brought to the same offset, is not as the tables.

    Whichever of the two is behind handles what the evidence log holds in between: both
    are changed by it.

    Raises:
        LogIncomplete: the log does not hold all of that any more.
    """
    partitions = sorted(live.cut.graph.keys() & snapshot.cut.graph.keys())
    evidence = settings.topics.evidence
    now = {p: live.cut.graph[p].inputs.get(evidence, 0) for p in partitions}
    then = {
        p: snapshot.cut.graph[p].inputs.get(snapshot.names.evidence, 0)
        for p in partitions
    }
    for copy, start, end in ((snapshot, then, now), (live, now, then)):
        areas = {p: copy.table(GRAPH_TABLE, p) for p in partitions}
        spans: dict[int, Span] = {p: (start[p], end[p]) for p in partitions}
        await replay(settings, source, areas, spans)
    return [
        found
        for p in partitions
        for found in differences(live.graph(p), snapshot.graph(p), SNAPSHOT)
    ]
