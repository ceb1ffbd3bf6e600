"""`idweave query`: questions in SQL over a snapshot."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idweave_adapters.snapshots.formats import NotInstalledError
from idweave_streams.cli.commanding import line_of
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.state_errors import told_as_failure
from idweave_streams.state.tabled import tables_of

if TYPE_CHECKING:
    from idweave_adapters.snapshots.sql import Files

FORMS = ("table", "csv", "json")


@click.command("query")
@click.argument("question", metavar="SELECT")
@click.option(
    "--snapshot",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="What `idweave export --format parquet` wrote; the current folder without it.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="table",
    show_default=True,
    help="How to print the rows.",
)
def command(*, question: str, folder: Path, form: str) -> None:
    """Answer one SELECT over the tables of a snapshot, in the SQL of DuckDB.

    The tables are persons, members, evidence, quarantine, merges, splits, refusals,
    bans and decisions. Nothing but the snapshot is read, nothing is changed, and no
    network is used. A dash reads the question from a line of stdin.

    \b
    Examples:
      idweave query --snapshot monday "SELECT kind, count(*) FROM members GROUP BY kind"
      idweave query --snapshot monday --format csv "SELECT * FROM merges ORDER BY told"
      idweave query --snapshot monday "DESCRIBE persons"
    """  # noqa: D301  (\b keeps click from joining lines)
    with told_as_failure():
        _, files = tables_of(folder)
    _answer(line_of(question), files, form)


def _answer(question: str, files: "Files", form: str) -> None:
    try:
        from idweave_adapters.snapshots.printing import (  # noqa: PLC0415  (slow)
            PRINTED,
        )
        from idweave_adapters.snapshots.sql import (  # noqa: PLC0415
            QueryError,
            desk_over,
        )
    except ModuleNotFoundError:
        raise CommandFailed(Exit.CONFIGURATION, str(NotInstalledError())) from None
    try:
        with _cleaned_up(), desk_over(main=files) as desk:
            for line in PRINTED[form](desk.ask(question)):
                click.echo(line)
    except QueryError as error:
        raise CommandFailed(Exit.FAILURE, str(error)) from None


@contextmanager
def _cleaned_up() -> Iterator[None]:
    """Let SIGTERM end it as Ctrl-C does: what did not fit in memory is on a disk."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
