"""`idweave dlq list`: dead letters counted, or one by one."""

from collections.abc import Callable
from typing import Any

import click
import orjson

from idweave_streams.cli.dlq.chosen import choice_of, run, with_filters
from idweave_streams.cli.moments import unix_time_s
from idweave_streams.cli.options import settings_of
from idweave_streams.dlq.choice import Choice
from idweave_streams.dlq.counts import Counts
from idweave_streams.dlq.letter import Letter
from idweave_streams.dlq.memory import read_replayed
from idweave_streams.dlq.reading import dead_letters
from idweave_streams.dlq.told import aligned, document
from idweave_streams.settings import Settings

Take = Callable[[Letter, bool], None]
"""Told of a letter, and whether it was sent back."""


@click.command("list")
@with_filters
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a letter.")
@click.pass_context
def list_command(
    ctx: click.Context, /, limit: int | None, *, as_json: bool, **chosen: Any
) -> None:
    """Count dead letters by code, stage, topic and age, or list each of them.

    \b
    Examples:
      idweave dlq list --since 2h
      idweave dlq list --json --code unknown-asset | jq -r .letter
    """  # noqa: D301  (\b keeps click from joining lines)
    counts = Counts(int(unix_time_s() * 1000))

    def take(letter: Letter, is_replayed: bool) -> None:
        counts.add(letter, is_replayed=is_replayed)
        if as_json:
            click.echo(orjson.dumps(document(letter, is_replayed=is_replayed)))

    run(_list(settings_of(ctx), choice_of(**chosen), limit, take))
    if not as_json and counts.total:
        click.echo(aligned(counts.rows()))
    elif not counts.total:
        click.echo("there are no such dead letters", err=True)


async def _list(
    settings: Settings, choice: Choice, limit: int | None, take: Take
) -> None:
    async with dead_letters(settings) as topic:
        replayed = await read_replayed(settings, topic.spans)
        taken = 0
        async for letter in topic.all():
            if taken == limit:
                return
            if choice.takes(letter):
                taken += 1
                take(letter, replayed.has(letter.place))
