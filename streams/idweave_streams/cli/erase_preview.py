"""`idweave erase --dry-run`: what would come of it."""

import asyncio
from pathlib import Path

import click
import orjson

from idweave_graph.ids import Asset
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.state_errors import told_as_failure
from idweave_streams.erasing.preview import (
    NobodysError,
    Preview,
    preview,
    preview_live,
)
from idweave_streams.erasing.show import preview_document, preview_text
from idweave_streams.settings import Settings
from idweave_streams.state.snapshot import open_snapshot


def show_preview(
    settings: Settings,
    asset: Asset,
    command: bytes,
    *,
    snapshot: Path | None,
    as_json: bool,
) -> None:
    """Print what *command*, about *asset* or an id of it, would do; it is not written."""
    found = _found(settings, asset, command, snapshot)
    text = preview_text(found)
    click.echo(orjson.dumps(preview_document(found)) if as_json else text)


def _found(
    settings: Settings, asset: Asset, command: bytes, snapshot: Path | None
) -> Preview:
    try:
        with told_as_failure():
            if snapshot is None:
                return asyncio.run(preview_live(settings, asset, command))
            with open_snapshot(snapshot) as copy:
                return preview(copy, settings, command)
    except NobodysError as error:
        raise CommandFailed(Exit.BAD_DATA, str(error)) from None
