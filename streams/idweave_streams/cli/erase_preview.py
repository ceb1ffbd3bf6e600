"""`idweave erase --dry-run`: what would come of it."""

import asyncio
from pathlib import Path

import click
import orjson

from idweave_graph.ids import Asset
from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.topics import exit_of
from idweave_streams.codecs import UnreadableRecordError
from idweave_streams.erasing.preview import (
    NobodysError,
    Preview,
    preview,
    preview_live,
)
from idweave_streams.erasing.show import preview_document, preview_text
from idweave_streams.settings import Settings
from idweave_streams.state.errors import StateError
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
        if snapshot is None:
            return asyncio.run(preview_live(settings, asset, command))
        with open_snapshot(snapshot) as copy:
            return preview(copy, settings, command)
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
    except (NobodysError, StateError) as error:
        raise CommandFailed(Exit.BAD_DATA, str(error)) from None
    except UnreadableRecordError:
        text = "a table holds what this release can't read; use that of the workers"
        raise CommandFailed(Exit.BAD_DATA, text) from None
