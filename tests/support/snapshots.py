"""Snapshots of what has happened in stories, without a broker."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from tests.streams.explaining.stories import (
    CONTRADICTED,
    IN_GAME,
    IN_SHOP,
    ON_PAGE,
    STRANGER,
    banned,
    decided,
    engine_after,
)
from tests.support.town import SETTINGS

from idweave_graph.decisions import Verdict
from idweave_graph.messages import LogMessage
from idweave_streams.local.copying import copy_of, with_logs
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.manifest import Manifest
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.state.space import temporary_space
from idweave_streams.state.wanted import Wanted

EVENTFUL: tuple[LogMessage, ...] = (
    *CONTRADICTED,
    banned(IN_SHOP, STRANGER, 11),
    decided(Verdict.REJECT, IN_GAME, ON_PAGE, 12),
)
"""Merges, a quarantine, a ban, a decision, and the split that comes of it."""


@contextmanager
def copy_after(
    log: Iterable[LogMessage], later: Iterable[LogMessage] = ()
) -> Iterator[StateCopy]:
    """The tables after *log*, with the events of *later* ones too."""
    log = list(log)
    with temporary_space() as space:
        copy = copy_of(engine_after(log), SETTINGS, space)
        with_logs(engine_after(chain(log, later)), copy)
        yield copy


def exported(
    folder: Path, log: Iterable[LogMessage], wanted: Wanted | None = None
) -> Manifest:
    """Write the state after *log* to *folder*; as Parquet, if nothing else is wanted."""
    with copy_after(log) as copy:
        return write_snapshot(copy, folder, wanted or Wanted(("parquet",)))
