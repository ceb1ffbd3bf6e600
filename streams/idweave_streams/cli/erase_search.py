"""`idweave erase --verify`: whether an id is forgotten."""

import asyncio
import sys
from collections.abc import Collection
from pathlib import Path

import click
import orjson

from idweave_graph.ids import ScopedId
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.state_errors import told_as_failure
from idweave_streams.erasing.on_disk import UnreadableFileError
from idweave_streams.erasing.search import search
from idweave_streams.erasing.show_search import report_document, report_text, verdict
from idweave_streams.settings import Settings


def show_search(
    settings: Settings,
    scoped: ScopedId,
    *,
    snapshots: Collection[Path],
    data_dirs: Collection[Path],
    read_models: Collection[Path],
    as_json: bool,
) -> None:
    """Print where *scoped* stands, and end with a code of its own if it does."""
    searching = search(
        settings,
        scoped,
        snapshots=snapshots,
        data_dirs=data_dirs,
        read_models=read_models,
    )
    try:
        with told_as_failure():
            report = asyncio.run(searching)
    except UnreadableFileError as error:
        raise CommandFailed(Exit.BAD_DATA, str(error)) from None
    document = orjson.dumps(report_document(report))
    click.echo(document if as_json else report_text(report))
    click.echo(verdict(report), err=True)
    sys.exit(Exit.OK if report.is_forgotten else Exit.NOT_FORGOTTEN)
