"""`idweave local`: the whole pipeline in one process, from files to files."""

import asyncio
import sys
from pathlib import Path
from typing import BinaryIO

import click

from idweave_streams.cli.exits import Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.jsonl import JsonlFolder
from idweave_streams.local.files import run_files


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
    if out is not None and out.exists() and any(out.iterdir()):
        click.echo(f"idweave local: {out} is not empty; name a new folder", err=True)
        sys.exit(Exit.CANNOT_CREATE)
    result = asyncio.run(
        run_files(
            settings,
            assets=assets,
            logins=logins or (),
            webhooks=webhooks or (),
            patience_ms=int(patience * 1000),
        )
    )
    for event in result.records(settings.topics.events):
        click.echo(event.value or b"")
    if out is not None:
        folder = JsonlFolder(out)
        for record in result.outputs():
            folder.append(record)
    click.echo(result.summary(), err=True)
