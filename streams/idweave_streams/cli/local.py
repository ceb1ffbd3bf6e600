"""`idweave local`: the whole pipeline in one process, from files to files."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click

from idweave_adapters.credentials import CredentialsError
from idweave_adapters.key_file import KeyFileError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import given, settings_of
from idweave_streams.cli.seconds import Seconds
from idweave_streams.cli.state_errors import told_as_failure
from idweave_streams.jsonl import JsonlFolder
from idweave_streams.local.files import Lines, LocalResult, run_files
from idweave_streams.local.what_if import Asks, what_if
from idweave_streams.settings import Settings
from idweave_streams.state.snapshot import open_snapshot

YEAR_S = 365 * 86_400.0


@click.command("local", short_help="Run the pipeline in this process, without Kafka.")
@click.option(
    "--assets",
    type=click.File("rb"),
    help="Who owns which app and Page: one JSON object a line. With a snapshot, who "
    "would own it.",
)
@click.option("--logins", type=click.File("rb"), help="Login events, one a line.")
@click.option("--webhooks", type=click.File("rb"), help="Webhook bodies, one a line.")
@click.option("--commands", type=click.File("rb"), help="Commands, one a line.")
@click.option(
    "--snapshot",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Tell what would come after this, which `export` wrote; nothing is changed.",
)
@click.option(
    "--ask",
    "asks",
    type=click.Choice([Asks.NEW.value, Asks.ALL.value]),
    is_flag=False,
    flag_value=Asks.NEW.value,
    help="With a snapshot, ask the Graph API about whom the events call for (new), "
    "or whoever waits for it in the snapshot, too (all).",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write every output topic to <topic>.jsonl in this new or empty folder.",
)
@click.option(
    "--patience",
    default=60.0,
    show_default=True,
    type=Seconds(min=0, max=YEAR_S, clamp=True),
    help="Seconds: a lookup that is due later than this from now is not waited for.",
)
@click.pass_context
def command(ctx: click.Context, /, **given_options: Any) -> None:
    """Weave what is in the files, asking the Graph API, and print identity events.

    Events go to stdout, one JSON object a line; a summary goes to stderr. Lookups of
    held businesses, and of those without credentials, stay open and are counted.

    With a snapshot it tells what would come if the events, commands and owners of the
    files came next, or under other settings. The Graph API is not asked without --ask.

    \b
    Examples, the first against `idweave simulate --save world`:
      idweave --set graph_api_url=http://127.0.0.1:8080 \\
              --set credentials_file=world/credentials.json \\
              local --assets world/assets.jsonl --logins logins.jsonl
      idweave local --snapshot monday --commands bans.jsonl
    """  # noqa: D301
    options = _Options(**given_options)
    if options.snapshot is None and (options.assets is None or options.asks):
        text = "--ask is for --snapshot" if options.asks else "give --assets too"
        raise click.UsageError(f"{text}: see --help", ctx)
    settings = settings_of(ctx)
    folder = None if options.out is None else JsonlFolder(_empty(options.out))
    result = _result(settings, options, given(ctx).environment)
    for event in result.records(settings.topics.events):
        click.echo(event.value or b"")
    if folder is not None:
        for record in result.outputs():
            folder.append(record)
    click.echo(result.summary(), err=True)


@dataclass(frozen=True, slots=True)
class _Options:
    assets: BinaryIO | None
    logins: BinaryIO | None
    webhooks: BinaryIO | None
    commands: BinaryIO | None
    snapshot: Path | None
    asks: str | None
    out: Path | None
    patience: float

    @property
    def files(self) -> dict[str, Any]:
        return {
            "assets": self.assets or (),
            "logins": self.logins or (),
            "webhooks": self.webhooks or (),
            "commands": self.commands or (),
        }

    @property
    def patience_ms(self) -> int:
        return int(self.patience * 1000)


def _result(
    settings: Settings, options: _Options, environment: Mapping[str, str]
) -> LocalResult:
    """Return what the run brought, or end with the code of what is wrong."""
    more: Any = {"patience_ms": options.patience_ms, "environment": environment}
    try:
        if options.snapshot is None:
            return asyncio.run(run_files(settings, **options.files, **more))
        asks, lines = Asks(options.asks or Asks.NOBODY), Lines(**options.files)
        with told_as_failure(), open_snapshot(options.snapshot) as copy:
            return asyncio.run(what_if(copy, settings, lines, asks=asks, **more))
    except (CredentialsError, KeyFileError) as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None


def _empty(folder: Path) -> Path:
    """Return *folder*, which is there and empty now, or end with code 73."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        text = f"can't make {folder}: {error.strerror}; name another folder"
        raise CommandFailed(Exit.CANNOT_CREATE, text) from None
    if not is_empty:
        text = f"{folder} is not empty; name a new folder"
        raise CommandFailed(Exit.CANNOT_CREATE, text)
    return folder
