"""`idweave link`: two ids are one person, because somebody says so."""

import click

from idweave_graph.decisions import Verdict
from idweave_graph.ids import Member
from idweave_streams.cli.deciding import decide, two_members_and_why


@click.command("link")
@two_members_and_why
@click.pass_context
def command(
    ctx: click.Context, *, one: Member, two: Member, reason: str, author: str
) -> None:
    """Link two ids of one business by hand.

    That is evidence like any other, of the kind `manual`: if it contradicts older
    evidence it goes into quarantine. An earlier `unlink` or rejection of the two ends.
    An ID is app:<app>:<user>, page:<page>:<user>, token:<value> or code:<hash>; a dash
    reads it from stdin, which keeps it out of the list of processes.

    \b
    Examples:
      idweave link app:647733:1015 page:190638:1542 --author Ann --reason "she told us"
    """  # noqa: D301  (\b keeps click from joining lines)
    decide(ctx, (one, two), Verdict.LINK, author, reason)
    click.echo("written: the two ids are linked once it is handled", err=True)
