"""`idweave api`: questions about persons are answered over HTTP."""

import logging
from pathlib import Path

import click

from idweave_streams.cli.options import settings_of
from idweave_streams.cli.serving import told_as_failure
from idweave_streams.cli.worker import LOG_FORMAT


@click.command("api")
@click.option(
    "--snapshot",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Answer from what `export` or `local --out` wrote, instead of Kafka.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="How much is logged on stderr; info has the audit and one line a request.",
)
@click.pass_context
def command(ctx: click.Context, *, folder: Path | None, log_level: str) -> None:
    """Answer who is whom, and why, until SIGTERM.

    It reads the output topics into a model of its own below data_dir and goes on where
    it was; start as many as you like, each with its own data_dir. Every request needs a
    key, see `idweave keys`; it is answered for the businesses of that key alone. Prints
    its base URL, which is that of the page as well, on stdout as soon as it listens. Put
    something in front that speaks TLS.

    \b
    Exit codes: 0 stopped, 65 a record can't be read, 69 no broker, 73 the model can't be
    kept, 77 not allowed, 78 settings, keys, topics or address can't be used.

    \b
    Examples:
      idweave --set api_keys_file=keys.json keys create --business 900
      idweave --config idweave.toml api
      idweave --set api_keys_file=keys.json api --snapshot monday
      curl -H "Authorization: Bearer $KEY" 127.0.0.1:8081/v1/ids/app:647733:1015
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    # Not needed for --help, and slow.
    import asyncio  # noqa: PLC0415

    import uvloop  # noqa: PLC0415

    from idweave_streams import api  # noqa: PLC0415

    logging.basicConfig(format=LOG_FORMAT, level=log_level.upper())
    with told_as_failure(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as run:
        if folder is None:
            run.run(api.serve_topics(settings, ready=click.echo))
        else:
            run.run(api.serve_folder(settings, folder, ready=click.echo))
