"""`idweave bans`: who may not be one person, and who said so."""

from pathlib import Path

import click
import orjson

from idweave_graph.ids import BusinessId
from idweave_streams.cli.asking import asked_of_archive, from_folder
from idweave_streams.cli.business import BusinessParameter
from idweave_streams.explaining.banned import (
    bans_in_force,
    bans_text,
    in_force_document,
)


@click.command("bans")
@click.option("--business", type=BusinessParameter(), help="Of this business only.")
@from_folder
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    business: BusinessId | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """List the bans in force: those that were told of and not lifted since.

    \b
    Examples:
      idweave --set kafka=broker:9092 bans --business 1029384756
      idweave bans --json | jq -r '[.a, .b, .author] | @tsv'
    """  # noqa: D301  (\b keeps click from joining lines)
    bans = asked_of_archive(
        ctx, folder, lambda archive, names: bans_in_force(archive, names, business)
    )
    if as_json:
        for owner, ban in bans:
            click.echo(orjson.dumps(in_force_document(owner, ban)))
    elif bans:
        click.echo(bans_text(bans))
    else:
        click.echo("no ban is in force", err=True)
