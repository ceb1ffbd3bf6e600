"""Whether an id is forgotten, wherever it may stand."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from idweave_graph.ids import ScopedId
from idweave_streams.erasing.in_models import in_models
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

        What the broker and `idweave api` remove by themselves, in time, does not count.
        """
        return not any(finding.stands for finding in self.findings)


async def search(
    settings: Settings,
    scoped: ScopedId,
    *,
    snapshots: Collection[Path] = (),
    data_dirs: Collection[Path] = (),
    read_models: Collection[Path] = (),
) -> Report:
    """Return where *scoped* stands: in tables, topics, and these folders.

    Raises:
        BrokerError: a topic can't be read.
        UnreadableFileError: a file can't be read.
        StoreUnreadable: a table of a worker can't be opened.
        ModelUnreadable: a read model can't be read.
    """
    ids = frozenset(await all_names(settings, scoped))
    needle = Needle(ids)
    findings = [finding async for finding in on_kafka(settings, needle)]
    for folder in snapshots:
        findings += in_snapshot(folder, settings.topics, needle)
    for folder in data_dirs:
        findings += in_data_dir(folder, needle)
    for folder in read_models:
        findings += in_models(folder, ids, needle, settings.api_scrub_ms)
    return Report(tuple(findings))
