"""`idweave export`: who is whom, and all that is known of it, as a folder of files."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idweave_adapters.key_file import read_key
from idweave_adapters.snapshots.formats import NotInstalledError
from idweave_adapters.snapshots.pseudonyms import Pseudonyms
from idweave_graph.ids import BusinessId
from idweave_streams.cli.business import BusinessParameter
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.cli.state_errors import told_as_failure
from idweave_streams.state.exporting import export_topics
from idweave_streams.state.manifest import Manifest
from idweave_streams.state.snapshot import (
    load_logs,
    open_snapshot,
    refuse_filled,
    write_snapshot,
)
from idweave_streams.state.wanted import FORMATS, JSONL, Unwatched, Wanted, Watch

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "forms",
    type=click.Choice(FORMATS),
    multiple=True,
    default=(JSONL,),
    show_default=True,
    help="What to write; may be repeated.",
)
@click.option(
    "--from",
    "source",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Write what this export, in lines of JSON, holds, instead of what Kafka does.",
)
@click.option(
    "--business",
    "businesses",
    metavar="ID",
    type=BusinessParameter(),
    multiple=True,
    help="Write this business alone; may be repeated.",
)
@click.option(
    "--pseudonymise",
    is_flag=True,
    help="Replace ids and tokens by keyed hashes.",
)
@click.option(
    "--pseudonym-key-file",
    "key_file",
    type=click.Path(path_type=Path),
    help="The key of these hashes: the same key, the same hashes.",
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    folder: Path,
    forms: Sequence[str],
    source: Path | None,
    businesses: Sequence[BusinessId],
    pseudonymise: bool,
    key_file: Path | None,
) -> None:
    """Write the state of all businesses to FOLDER, which must be new or empty.

    Workers are not disturbed. Each partition is as it was at the offsets that the
    manifest names. FOLDER is there as a whole in the end, or not at all. It holds
    people's ids, so only its owner may read it.

    \b
    Examples:
      idweave --set kafka=broker:9092 export monday
      idweave why --from monday app:647733:1015 page:190638:1542
      idweave --set kafka=broker:9092 verify --snapshot monday
      idweave --set kafka=broker:9092 export tuesday --format parquet --format graphml
      idweave export friday --from monday --format parquet
      idweave query --snapshot tuesday "SELECT kind, count(*) FROM members GROUP BY kind"
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    if pseudonymise != (key_file is not None):
        text = "--pseudonymise and --pseudonym-key-file go together"
        raise click.UsageError(text, ctx)
    with told_as_failure(), _told_if_missing():
        names = None if key_file is None else Pseudonyms(read_key(key_file))
        wanted = Wanted(tuple(forms), tuple(businesses), names)
        refuse_filled(folder)
        with watching() as watch:
            if source is None:
                manifest = asyncio.run(export_topics(settings, folder, wanted, watch))
            else:
                manifest = _written_again(source, folder, wanted, watch)
    persons = sum(facts.persons for facts in manifest.businesses.values())
    ids = sum(facts.ids for facts in manifest.businesses.values())
    text = f"{persons} persons, {ids} members of {len(manifest.businesses)} businesses"
    click.echo(text, err=True)


def _written_again(
    source: Path, folder: Path, wanted: Wanted, watch: Watch
) -> Manifest:
    watch.begin("reading files", None)
    with open_snapshot(source) as copy:
        load_logs(copy, source)
        return write_snapshot(copy, folder, wanted, watch)


@contextmanager
def _told_if_missing() -> Iterator[None]:
    try:
        yield
    except NotInstalledError as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None


@contextmanager
def watching() -> Iterator[Watch]:
    """Show on stderr how far it is, where that is a terminal."""
    if not click.get_text_stream("stderr").isatty():
        yield Unwatched()
        return
    from rich.console import Console  # noqa: PLC0415  (slow)
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = ProgressBar(progress)
        yield bar
        bar.flush()


class ProgressBar:
    """One line for each thing that is written."""

    _EVERY = 1_000
    """Steps that are shown at once: showing costs more than a step."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._steps = 0

    def begin(self, what: str, total: int | None) -> None:
        """Show another line."""
        self.flush()
        self._task = self._progress.add_task(what, total=total)

    def step(self) -> None:
        """Count one, and show it now and then."""
        self._steps += 1
        if self._steps >= self._EVERY:
            self.flush()

    def flush(self) -> None:
        """Show what has been counted."""
        if self._task is not None:
            self._progress.advance(self._task, self._steps)
        self._steps = 0
