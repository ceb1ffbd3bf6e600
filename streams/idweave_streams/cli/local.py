"""`idweave local`: the whole pipeline in one process, from files to files."""

import asyncio
import base64
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from idweave_streams.cli.exits import Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.local.files import run_files
from idweave_streams.reliable import Record

Lines = Iterator[bytes]


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
        _write(out, result.outputs())
    click.echo(result.summary(), err=True)


def _write(folder: Path, outputs: Iterator[Record]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for record in outputs:
        with (folder / f"{record.topic}.jsonl").open("ab") as file:
            file.write(orjson.dumps(_row(record)) + os.linesep.encode())


def _row(record: Record) -> dict[str, object]:
    """Keep JSON readable; what is no JSON goes as base64, unchanged."""
    row: dict[str, object] = {"key": (record.key or b"").decode(errors="replace")}
    try:
        row["value"] = orjson.loads(record.value or b"null")
    except orjson.JSONDecodeError:
        row["base64"] = base64.b64encode(record.value or b"").decode()
    row["headers"] = {k: v.decode(errors="replace") for k, v in record.headers}
    return row
