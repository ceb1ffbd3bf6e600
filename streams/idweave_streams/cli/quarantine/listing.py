"""`idweave quarantine list`: the pairs between which proofs wait."""

from pathlib import Path

import click
import orjson

from idweave_graph.ids import BusinessId
from idweave_streams.cli.asking import asked_of_archive, from_folder
from idweave_streams.cli.business import BusinessParameter
from idweave_streams.explaining.quarantine import Quarantine
from idweave_streams.explaining.quarantine_json import waiting_document
from idweave_streams.explaining.quarantine_text import list_text


@click.command("list")
@click.option("--business", type=BusinessParameter(), help="Of this business only.")
@from_folder
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def list_command(
    ctx: click.Context,
    *,
    business: BusinessId | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """List the pairs of ids between which proofs are in quarantine, the older first.

    \b
    Examples:
      idweave --set kafka=broker:9092 quarantine list --business 1029384756
      idweave quarantine list --from out --json | jq -r '.ids | join(" ")'
    """  # noqa: D301  (\b keeps click from joining lines)
    waiting = asked_of_archive(
        ctx, folder, lambda *where: Quarantine(*where).listed(business)
    )
    if as_json:
        for each in waiting:
            click.echo(orjson.dumps(waiting_document(each)))
    elif waiting:
        click.echo(list_text(waiting))
    else:
        click.echo("nothing is in quarantine", err=True)
