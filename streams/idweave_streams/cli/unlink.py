"""`idweave unlink`: the evidence between two ids is withdrawn."""

import click

from idweave_graph.decisions import Verdict
from idweave_graph.ids import Member
from idweave_streams.cli.deciding import decide, two_members_and_why


@click.command("unlink")
@two_members_and_why
@click.pass_context
def command(
    ctx: click.Context, *, one: Member, two: Member, reason: str, author: str
) -> None:
    """Withdraw the evidence directly between two ids.

    It is a rejection, as of `idweave quarantine reject`: what is learned between the
    two later does not count either, until `link` or `quarantine reopen`. Their person
    falls apart where no other evidence holds it together; `idweave why` tells which
    does. To keep two ids apart whatever joins them, use `idweave ban`.

    \b
    Examples:
      idweave unlink app:647733:1015 page:190638:1542 --author Ann --reason "a mistake"
    """  # noqa: D301  (\b keeps click from joining lines)
    decide(ctx, (one, two), Verdict.REJECT, author, reason)
    click.echo("written: the evidence is withdrawn once it is handled", err=True)
