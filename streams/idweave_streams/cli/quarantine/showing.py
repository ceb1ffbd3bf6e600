"""`idweave quarantine show`: both sides of a contradiction, and what was decided."""

import sys
from pathlib import Path

import click
import orjson

from idweave_graph.ids import Member
from idweave_streams.cli.asking import MemberType, asked_of_archive, from_folder
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.explaining.quarantine import Quarantine, Unknown
from idweave_streams.explaining.quarantine_json import shown_document
from idweave_streams.explaining.quarantine_text import shown_text


@click.command("show")
@click.argument("one", metavar="ID", type=MemberType())
@click.argument("two", metavar="ID", type=MemberType())
@from_folder
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def show_command(
    ctx: click.Context, *, one: Member, two: Member, folder: Path | None, as_json: bool
) -> None:
    """Show the proofs between two ids, and what older evidence stands against them.

    Both persons are told with all their evidence, and what was decided last. The ids
    are written as for `accept`. Exit code 1 says that nothing directly between the two
    is in quarantine.

    \b
    Examples:
      idweave quarantine show app:647733:1015 page:190638:1542
      idweave quarantine show --from out --json app:647733:1015 page:190638:1542
    """  # noqa: D301  (\b keeps click from joining lines)
    if one == two:
        raise click.UsageError("name two different ids", ctx)
    shown = asked_of_archive(
        ctx, folder, lambda *where: Quarantine(*where).shown(one, two)
    )
    if isinstance(shown, Unknown):
        text = "neither id is found; `idweave quarantine list` tells what there is"
        raise CommandFailed(Exit.FAILURE, text)
    click.echo(orjson.dumps(shown_document(shown)) if as_json else shown_text(shown))
    sys.exit(Exit.OK if shown.waiting else Exit.FAILURE)
