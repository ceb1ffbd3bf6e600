"""`idweave how`: how a person came to be, event by event."""

import sys
from pathlib import Path

import click
import orjson

from idweave_graph.ids import Member
from idweave_graph.person import PersonId
from idweave_streams.cli.asking import PersonOrMemberType, asked, from_folder
from idweave_streams.cli.exits import Exit
from idweave_streams.explaining.as_json import how_document
from idweave_streams.explaining.tell import Asked, Teller
from idweave_streams.explaining.text import how_text


@click.command("how")
@click.argument("who", metavar="PERSON|ID", type=PersonOrMemberType())
@from_folder
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(
    ctx: click.Context, *, who: PersonId | Member, folder: Path | None, as_json: bool
) -> None:
    """Tell how a person came to be, in the order of generations.

    A PERSON is p_ and 32 digits; one that has ended leads to whoever stands for it now.
    An ID is app:<app>:<user>, page:<page>:<user>, token:<value> or code:<hash>; a dash
    reads it from stdin, which keeps it out of the list of processes.

    \b
    Examples:
      idweave --set kafka=broker:9092 how app:647733:1015
      idweave how --from out p_0f9aeb4ce6a24d1ca1e2fd9f2bd6e4fb
    """  # noqa: D301

    async def ask(teller: Teller) -> list[Asked]:
        if isinstance(who, str):
            return await teller.how_person(who)
        return await teller.how_id(who)

    found = asked(ctx, folder, ask)
    if not found:
        click.echo("nobody of that name is found", err=True)
        sys.exit(Exit.FAILURE)
    if as_json:
        for each in found:
            click.echo(orjson.dumps(how_document(each)))
    else:
        click.echo("\n\n".join(how_text(each) for each in found))
