"""`idweave why`: the evidence by which two ids are one person, or why they are not."""

import sys
from pathlib import Path

import click
import orjson

from idweave_graph.explain import Joined
from idweave_graph.ids import Member
from idweave_streams.cli.asking import MemberType, asked, from_folder
from idweave_streams.cli.exits import Exit
from idweave_streams.explaining.as_json import not_found_document, why_document
from idweave_streams.explaining.tell import NotFound
from idweave_streams.explaining.text import not_found_text, why_text


@click.command("why")
@click.argument("one", metavar="ID", type=MemberType())
@click.argument("two", metavar="ID", type=MemberType())
@from_folder
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context, *, one: Member, two: Member, folder: Path | None, as_json: bool
) -> None:
    """Tell why two ids are one person: the shortest chain of evidence between them.

    An ID is app:<app>:<user>, page:<page>:<user>, token:<value> or code:<hash>; a dash
    reads it from stdin, which keeps it out of the list of processes. Exit code 1 says
    that they are two persons, or that one of them is not found.

    \b
    Examples:
      idweave --set kafka=broker:9092 why app:647733:1015 page:190638:1542
      idweave why --from out --json app:647733:1015 page:190638:1542
    """  # noqa: D301  (\b keeps click from joining lines)
    if one == two:
        raise click.UsageError("name two different ids", ctx)
    answer = asked(ctx, folder, lambda teller: teller.why(one, two))
    if isinstance(answer, NotFound):
        if as_json:
            click.echo(orjson.dumps(not_found_document(answer)))
        click.echo(not_found_text(answer), err=True)
        sys.exit(Exit.FAILURE)
    click.echo(orjson.dumps(why_document(answer)) if as_json else why_text(answer))
    sys.exit(Exit.OK if isinstance(answer.verdict, Joined) else Exit.FAILURE)
