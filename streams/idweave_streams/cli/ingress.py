"""`idweave ingress`: webhooks, login events and callbacks come in over HTTP."""

import logging
import os

import click

from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.cli.worker import LOG_FORMAT


@click.command(
    "ingress", short_help="Take in webhooks, logins and callbacks over HTTP."
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="How much is logged on stderr; info has one line a request.",
)
@click.pass_context
def command(ctx: click.Context, log_level: str) -> None:
    """Put webhooks, login events and callbacks on Kafka until SIGTERM.

    A request is answered as taken when Kafka has acknowledged all of it, and otherwise
    in such a way that its sender tries again. Prints its base URL on stdout as soon as
    it listens. Start as many as you like; put something in front that speaks TLS.

    \b
    Exit codes: 0 stopped, 78 the settings or secrets can't be used, or the address
    can't be listened on.

    \b
    Examples:
      idweave --config idweave.toml ingress
      idweave --set ingress_port=0 --set kafka=broker:9092 ingress
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    # Not needed for --help, and slow.
    import asyncio  # noqa: PLC0415

    import uvloop  # noqa: PLC0415

    from idweave_adapters.credentials import CredentialsError  # noqa: PLC0415
    from idweave_adapters.ingress import TokensError  # noqa: PLC0415
    from idweave_adapters.key_file import KeyFileError  # noqa: PLC0415
    from idweave_streams import ingress  # noqa: PLC0415

    logging.basicConfig(format=LOG_FORMAT, level=log_level.upper())
    # At debug level it would log whole records, and otherwise every attempt of an outage,
    # which our own log tells once.
    kafka_level = logging.INFO if log_level == "debug" else logging.CRITICAL
    logging.getLogger("aiokafka").setLevel(kafka_level)
    try:
        door = ingress.create_ingress(settings, os.environ)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(ingress.run_ingress(door, ready=click.echo))
    except (
        CredentialsError,
        TokensError,
        KeyFileError,
        ingress.CannotListenError,
    ) as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None
