"""`idweave dlq show`: one dead letter, and what to do about it."""

import os
from pathlib import Path
from typing import Any

import click

from idweave_streams.cli.dlq.chosen import run
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.dlq.coordinates import Coordinates, CoordinatesError
from idweave_streams.dlq.letter import Letter
from idweave_streams.dlq.memory import read_replayed
from idweave_streams.dlq.reading import dead_letters
from idweave_streams.dlq.told import described
from idweave_streams.settings import Settings


class CoordinatesParameter(click.ParamType):
    """Topic, partition and offset."""

    name = "topic-partition-offset"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Coordinates:
        """Check that they can be some."""
        try:
            return Coordinates.parse(str(value))
        except CoordinatesError as error:
            self.fail(str(error), param, ctx)


@click.command("show")
@click.argument("coordinates", type=CoordinatesParameter())
@click.option(
    "--value",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the value, byte for byte, to this new file, which only you can read.",
)
@click.option(
    "--reveal", is_flag=True, help="Print key, value and headers: they may name people."
)
@click.pass_context
def show_command(
    ctx: click.Context, coordinates: Coordinates, file: Path | None, *, reveal: bool
) -> None:
    """Tell what one dead letter is, what its code means and what to do about it.

    COORDINATES are topic-partition-offset: of the letter, or of the record that it
    was; of several letters of one record the last one is shown.

    \b
    Examples:
      idweave dlq show idweave.dead-letters.v1-3-1042
      idweave dlq show facebook.logins.v1-0-77 --value /run/user/1000/record
    """  # noqa: D301  (\b keeps click from joining lines)
    letter, is_replayed = run(_find(settings_of(ctx), coordinates))
    for line in described(letter, is_replayed=is_replayed, reveal=reveal):
        click.echo(line)
    if not reveal:
        text = "key, value and headers may name people: --reveal prints them"
        click.echo(text, err=True)
    if file is not None:
        _write(letter, file)


async def _find(settings: Settings, wanted: Coordinates) -> tuple[Letter, bool]:
    async with dead_letters(settings) as topic:
        letter = await topic.find(wanted)
        if letter is None:
            text = f"no dead letter is at {wanted} or came from there; "
            text += "`idweave dlq list --json` names all"
            raise CommandFailed(Exit.FAILURE, text)
        replayed = await read_replayed(settings, topic.spans)
        return letter, replayed.has(letter.place)


def _write(letter: Letter, file: Path) -> None:
    """Write the value to a new file that nobody else can read."""
    if letter.value is None:
        raise CommandFailed(Exit.FAILURE, "it has no value: nothing was written")
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(letter.value)
    except FileExistsError:
        text = f"{file} is there already: name a new file"
        raise CommandFailed(Exit.CANNOT_CREATE, text) from None
    except OSError as error:
        text = f"can't write {file}: {error.strerror}"
        raise CommandFailed(Exit.CANNOT_CREATE, text) from None
