"""`idweave demo`: the whole thing in about a minute, with a verdict."""

import asyncio
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.seconds import Seconds
from idweave_streams.cli.topics import exit_of
from idweave_streams.demo.ground import GroundLostError
from idweave_streams.demo.on_kafka import OccupiedError
from idweave_streams.demo.perform import Want, perform
from idweave_streams.demo.run import DidNotFinishError
from idweave_streams.demo.story import draw_story

LAUNCHER = Path("deploy/kafka/launch.py")

unix_time_s = time.time  # noqa: TID251  (the demo's edge: here the clock is read)


@click.command(
    "demo", short_help="See it work: simulated Meta, real traffic, a verdict."
)
@click.option(
    "--events",
    default=22_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Events to send.",
)
@click.option(
    "--seconds",
    default=35.0,
    show_default=True,
    type=Seconds(min=0, min_open=True),
    help="Time to send them in.",
)
@click.option(
    "--seed", default=1, show_default=True, help="Draws the same world again."
)
@click.option(
    "--launcher",
    default=LAUNCHER,
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Starts a Kafka broker for the demo.",
)
@click.option(
    "--kafka",
    metavar="HOST:PORT",
    help="Use this broker, which must be free of idweave's topics, and start none.",
)
@click.option("--in-process", is_flag=True, help="Do without Kafka.")
def command(
    *,
    events: int,
    seconds: float,
    seed: int,
    launcher: Path,
    kafka: str | None,
    in_process: bool,
) -> None:
    """Send a minute of made-up traffic through idweave and compare with the truth.

    Starts a Kafka broker, a simulated Graph API and one worker, sends logins and
    Messenger webhooks of five businesses with all their troubles, and ends by itself.
    Where Kafka can't be had the same job runs in one process. The summary goes to
    stdout, progress to stderr. Exit code 1 means that an id is not where it belongs.

    \b
    Examples:
      idweave demo
      idweave demo --events 100000 --seconds 120
      idweave demo --in-process
    """  # noqa: D301
    story = draw_story(events=events, seed=seed, start_ms=int(unix_time_s() * 1000))
    console = Console(stderr=True)
    want = Want(seconds, None if in_process else launcher, kafka)
    try:
        played = asyncio.run(perform(story, want, console))
    except (DidNotFinishError, GroundLostError, OccupiedError) as error:
        raise CommandFailed(Exit.FAILURE, str(error)) from None
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from None
    for line in played.lines:
        click.echo(line)
    sys.exit(Exit.FAILURE if played.verdict.wrong else Exit.OK)
