"""`idweave dlq replay`: dead letters sent back where they came from."""

import re
from typing import Any

import click

from idweave_streams.cli.dlq.chosen import choice_of, run, with_filters
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.dlq.letter import Letter
from idweave_streams.dlq.replay import Survey, replay, survey
from idweave_streams.dlq.rules import Rules
from idweave_streams.dlq.told import time_text


@click.command("replay")
@with_filters
@click.option("--dry-run", "is_dry", is_flag=True, help="Tell what would be sent.")
@click.option(
    "--confirm",
    type=click.IntRange(min=1),
    help="How many letters are to be sent; without it you are asked.",
)
@click.option(
    "--max-replays",
    default=3,
    show_default=True,
    type=click.IntRange(min=1),
    help="A record that was sent back so often is refused.",
)
@click.option(
    "--again", "is_again", is_flag=True, help="Send what was sent back already, too."
)
@click.pass_context
def replay_command(
    ctx: click.Context,
    /,
    limit: int | None,
    confirm: int | None,
    max_replays: int,
    *,
    is_dry: bool,
    is_again: bool,
    **chosen: Any,
) -> None:
    """Send dead letters back to the topics that they came from, byte for byte.

    Repair what stopped them first. What was sent is remembered, so doing it twice sends
    nothing twice, from whatever machine. Only logins, webhooks and commands are sent;
    each has the header idweave-dlq-replays, which counts.

    \b
    Examples:
      idweave dlq replay --code unknown-asset --dry-run
      idweave dlq replay --code unknown-asset --since 7d --confirm 42
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    rules = Rules(settings.topics, choice_of(**chosen), max_replays, is_again)
    show = _print if is_dry else _keep_quiet
    found = run(survey(settings, rules, limit, show))
    _tell(found)
    if is_dry:
        click.echo(f"{found.wanted} would be sent; nothing was", err=True)
    elif found.wanted:
        _confirmed(found.wanted, confirm)
        sent = run(replay(settings, rules, found, _print))
        click.echo(f"{sent} sent", err=True)
    else:
        click.echo("there is nothing to send", err=True)
    ctx.exit(Exit.FAILURE if found.refused else Exit.OK)


def _tell(found: Survey) -> None:
    """Say what is not sent, and why."""
    if found.done:
        text = f"{found.done} passed over: sent back before; --again sends them too"
        click.echo(text, err=True)
    for refusal, count in found.refused.most_common():
        click.echo(f"{count} refused: {refusal}", err=True)
    if found.is_cut:
        click.echo("there are more than the limit: run it again to go on", err=True)


def _confirmed(wanted: int, said: int | None) -> None:
    """Return if the operator knows how many are sent, else end the command."""
    said = _asked(wanted) if said is None else said
    if said is None:
        text = f"nothing was sent; to send without being asked: --confirm {wanted}"
        raise CommandFailed(Exit.USAGE, text)
    if said != wanted:
        text = f"nothing was sent: {said} were confirmed, but it is {wanted} now"
        raise CommandFailed(Exit.TRY_AGAIN, text)


def _asked(wanted: int) -> int | None:
    """Return the number that is typed; None if none is."""
    # Not click's prompt: it puts a blank on stdout, where the letters go.
    text = f"{wanted} will be sent; type this number to go on: "
    click.echo(text, err=True, nl=False)
    typed = click.get_text_stream("stdin").readline().strip()
    return int(typed) if re.fullmatch("[0-9]{1,18}", typed) else None


def _print(letter: Letter) -> None:
    told = (str(letter.place), str(letter.origin), time_text(letter.time_ms))
    more = (letter.code, f"{letter.size_bytes} bytes", f"replay {letter.replays + 1}")
    click.echo("  ".join((*told, *more)))


def _keep_quiet(_letter: Letter) -> None:
    """Print nothing: it will be printed when it is sent."""
