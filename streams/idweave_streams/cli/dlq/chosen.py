"""What the commands about dead letters share: which are meant, and how they fail."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.moments import Moment
from idweave_streams.cli.topics import exit_of
from idweave_streams.dlq.choice import Choice
from idweave_streams.dlq.codes import FOREIGN, MEANINGS
from idweave_streams.dlq.replay import ReplayStoppedError

T = TypeVar("T")
Command = Callable[..., None]


def with_filters(command: Command) -> Command:
    """Add the options that choose letters to *command*."""
    options = (
        click.option(
            "--code",
            "codes",
            type=click.Choice([*MEANINGS, FOREIGN]),
            metavar="CODE",
            multiple=True,
            help="Only letters with this code; may be repeated.",
        ),
        click.option(
            "--topic",
            "topics",
            multiple=True,
            help="Only letters that came from this topic; may be repeated.",
        ),
        click.option(
            "--since",
            type=Moment(),
            help="Only letters of this time or later: 2026-01-31T12:00:00Z, or 2h for two hours ago.",
        ),
        click.option("--until", type=Moment(), help="Only letters before this time."),
        click.option(
            "--limit", type=click.IntRange(min=1), help="At most so many letters."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def choice_of(
    codes: tuple[str, ...],
    topics: tuple[str, ...],
    since: int | None,
    until: int | None,
) -> Choice:
    """Return what the options of `with_filters` ask for."""
    return Choice(frozenset(codes), frozenset(topics), since, until)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do *work*; a failure of the broker ends the command with its code."""
    try:
        return asyncio.run(work)
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
    except ReplayStoppedError as error:
        cause = error.__cause__
        code = exit_of(cause) if isinstance(cause, BrokerError) else Exit.FAILURE
        raise CommandFailed(code, f"{error}\n{cause}") from error
