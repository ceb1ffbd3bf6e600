"""`idweave local`: the whole pipeline in one process, from files to files."""

import asyncio
from pathlib import Path
from typing import BinaryIO

import click

from idweave_adapters.credentials import CredentialsError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import given, settings_of
from idweave_streams.jsonl import JsonlFolder
from idweave_streams.local.files import run_files

YEAR_S = 365 * 86_400.0


@click.command("local", short_help="Run the pipeline in this process, without Kafka.")
@click.option(
    "--assets",
    required=True,
    type=click.File("rb"),
    help="Who owns which app and Page: one JSON object a line.",
)
@click.option("--logins", type=click.File("rb"), help="Login events, one a line.")
@click.option("--webhooks", type=click.File("rb"), help="Webhook bodies, one a line.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write every output topic to <topic>.jsonl in this new or empty folder.",
)
@click.option(
    "--patience",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0, max=YEAR_S, clamp=True),
    help="Seconds: a lookup that is due later than this from now is not waited for.",
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    assets: BinaryIO,
    logins: BinaryIO | None,
    webhooks: BinaryIO | None,
    out: Path | None,
    patience: float,
) -> None:
    """Weave what is in the files, asking the Graph API, and print identity events.

    Events go to stdout, one JSON object a line; a summary goes to stderr. Lookups of
    held businesses, and of those without credentials, stay open and are counted.

    \b
    Example, against `idweave simulate --save world`:
      idweave --set graph_api_url=http://127.0.0.1:8080 \\
              --set credentials_file=world/credentials.json \\
              local --assets world/assets.jsonl --logins logins.jsonl
    """  # noqa: D301
    settings = settings_of(ctx)
    folder = None if out is None else JsonlFolder(_empty(out))
    running = run_files(
        settings,
        assets=assets,
        logins=logins or (),
        webhooks=webhooks or (),
        patience_ms=int(patience * 1000),
        environment=given(ctx).environment,
    )
    try:
        result = asyncio.run(running)
    except CredentialsError as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None
    for event in result.records(settings.topics.events):
        click.echo(event.value or b"")
    if folder is not None:
        for record in result.outputs():
            folder.append(record)
    click.echo(result.summary(), err=True)


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
