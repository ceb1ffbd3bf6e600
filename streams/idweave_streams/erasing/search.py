"""Whether an id is forgotten, wherever it may stand."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from idweave_graph.ids import ScopedId
from idweave_streams.erasing.needle import Needle
from idweave_streams.erasing.on_disk import in_data_dir, in_snapshot
from idweave_streams.erasing.on_kafka import all_names, on_kafka
from idweave_streams.erasing.places import Finding
from idweave_streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, place by place. It does not hold the id."""

    findings: tuple[Finding, ...]

    @property
    def is_forgotten(self) -> bool:
        """Say whether the id is nowhere in effect.

        What the broker removes by itself, in time, does not count.
        """
        return not any(finding.stands for finding in self.findings)


async def search(
    settings: Settings,
    scoped: ScopedId,
    *,
    snapshots: Collection[Path] = (),
    data_dirs: Collection[Path] = (),
) -> Report:
    """Return where *scoped* stands: in tables, topics, and these folders.

    Raises:
        BrokerError: a topic can't be read.
        UnreadableFileError: a file can't be read.
        StoreUnreadable: a table of a worker can't be opened.
    """
    needle = Needle(await all_names(settings, scoped))
    findings = [finding async for finding in on_kafka(settings, needle)]
    for folder in snapshots:
        findings += in_snapshot(folder, settings.topics, needle)
    for folder in data_dirs:
        findings += in_data_dir(folder, needle)
    return Report(tuple(findings))
