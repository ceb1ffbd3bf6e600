"""`idweave unban`: two ids may be one person again."""

import click

from idweave_adapters.ban_commands import BanKind
from idweave_graph.ids import ScopedId
from idweave_streams.cli.commanding import say, two_ids_and_why


@click.command("unban")
@two_ids_and_why
@click.pass_context
def command(
    ctx: click.Context, *, one: ScopedId, two: ScopedId, reason: str, author: str
) -> None:
    """Let two banned ids be one person again, if there is evidence for it.

    The ids are written as for `idweave ban`, in any order. What was proved before and
    since counts at once; what comes together is told with the reason `lift-ban`.

    \b
    Examples:
      idweave unban app:647733:1015 page:190638:1542 --author Ann --reason "a mistake"
    """  # noqa: D301  (\b keeps click from joining lines)
    say(ctx, (one, two), BanKind.LIFT_BAN, author, reason)
    click.echo("written: the ban ends once it is handled", err=True)
