"""`idweave ban`: two ids may not be one person."""

import click

from idweave_adapters.ban_commands import BanKind
from idweave_graph.ids import ScopedId
from idweave_streams.cli.commanding import say, two_ids_and_why


@click.command("ban")
@two_ids_and_why
@click.pass_context
def command(
    ctx: click.Context, *, one: ScopedId, two: ScopedId, reason: str, author: str
) -> None:
    """Keep two ids from being one person, whatever proves it, now or later.

    An ID is app:<app>:<user> or page:<page>:<user>, of one business; a dash reads it
    from stdin, which keeps it out of the list of processes. If they are one person
    now, that person falls apart at the youngest evidence between them, and each part
    is told with the reason `ban`. Ids that nobody has seen yet may be named.

    \b
    Examples:
      idweave ban app:647733:1015 page:190638:1542 --author Ann --reason "two people"
    """  # noqa: D301  (\b keeps click from joining lines)
    say(ctx, (one, two), BanKind.BAN, author, reason)
    click.echo("written: the two ids are kept apart once it is handled", err=True)
