"""`idweave worker`: one process of the stream."""

import logging

import click

from idweave_adapters.credentials import CredentialsError
from idweave_adapters.key_file import KeyFileError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import given, settings_of

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@click.command("worker", short_help="Run one worker.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="How much is logged on stderr.",
)
@click.pass_context
def command(ctx: click.Context, log_level: str) -> None:
    """Run one worker until SIGTERM, which ends it in good order.

    Start as many as there are partitions at the most, each with its own data
    directory. All topics must exist: run `idweave topics apply` first.

    \b
    Exit codes: 0 stopped, 1 failed (start it again: nothing is lost),
    78 the settings or credentials can't be used.

    \b
    Example:
      idweave --set kafka=broker:9092 --set data_dir=/var/lib/idweave worker
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    from idweave_streams.reliable import last_words  # noqa: PLC0415  (Faust is slow)
    from idweave_streams.worker import create_worker  # noqa: PLC0415  (Faust is slow)

    logging.basicConfig(format=LOG_FORMAT, level=log_level.upper())
    try:
        app = create_worker(settings, given(ctx).environment)
    except (CredentialsError, KeyFileError) as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None
    # Faust sets up logging at any level but with its own handlers; ours stand.
    worker = app.Worker(
        loglevel=log_level, override_logging=False, redirect_stdouts=False
    )
    try:
        worker.execute_from_commandline()
    finally:
        if app.failure is not None:  # the log's last line says why, below the traces
            click.echo(f"idweave worker ends: {last_words(app.failure)}", err=True)
