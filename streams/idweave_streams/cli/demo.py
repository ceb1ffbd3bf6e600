"""`idweave demo`: the whole thing in about a minute, with a verdict."""

import asyncio
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.explore import serve
from idweave_streams.cli.seconds import Seconds
from idweave_streams.cli.topics import exit_of
from idweave_streams.demo.after import steps, worth
from idweave_streams.demo.ground import GroundLostError
from idweave_streams.demo.on_kafka import OccupiedError
from idweave_streams.demo.perform import Performed, Want, perform
from idweave_streams.demo.run import DidNotFinishError
from idweave_streams.demo.sights import Sights
from idweave_streams.demo.story import draw_story
from idweave_streams.state.errors import CannotWrite
from idweave_streams.topics import TopicNames

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
@click.option(
    "--page/--no-page",
    default=None,
    help="Serve the page over what was found, until Ctrl-C; as in a terminal.",
)
def command(
    *,
    events: int,
    seconds: float,
    seed: int,
    launcher: Path,
    kafka: str | None,
    in_process: bool,
    page: bool | None,
) -> None:
    """Send a minute of made-up traffic through idweave and compare with the truth.

    Starts a Kafka broker, a simulated Graph API and one worker, sends logins and
    Messenger webhooks of five businesses with all their troubles, and tells what came
    of it. Where Kafka can't be had the same job runs in one process. The summary goes to
    stdout, progress to stderr. Exit code 1 means that an id is not where it belongs.

    In a terminal it then serves a page over the graph until Ctrl-C; elsewhere it ends,
    and names the command that does so.

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
    except CannotWrite as error:
        raise CommandFailed(Exit.CANNOT_CREATE, str(error)) from None
    _show(*played.lines)
    _offer(played, is_page_wanted() if page is None else page)
    sys.exit(Exit.FAILURE if played.verdict.wrong else Exit.OK)


def is_page_wanted() -> bool:
    """Say whether somebody sits there who can open a link and press Ctrl-C."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _offer(played: Performed, with_page: bool) -> None:
    """Show what can be done with the graph, and serve it if that is wanted."""
    _show("", *steps(played.export, played.sights))
    if with_page:
        names = TopicNames.build()
        serve(played.export, names, 0, ready=lambda link: _invite(link, played.sights))


def _invite(link: str, sights: Sights | None) -> None:
    at = "" if sights is None else f"/search?business={sights.business}"
    _show("", "look at it", f"  {link}{at}")
    if sights is not None:
        _show(*worth(sights))
    _show("Ctrl-C ends it")


def _show(*lines: str) -> None:
    for line in lines:
        click.echo(line)
