"""`idweave quarantine accept`, `reject` and `reopen`: which side counts."""

import click

from idweave_graph.decisions import Verdict
from idweave_graph.ids import Member
from idweave_streams.cli.deciding import decide, two_members_and_why


@click.command("accept")
@two_members_and_why
@click.pass_context
def accept_command(
    ctx: click.Context, *, one: Member, two: Member, reason: str, author: str
) -> None:
    """Let the proofs between two ids come before all others.

    What contradicts them goes into quarantine instead, older or not; two ids that are
    banned from being one person stay apart all the same. Of two acceptances that
    contradict each other the later one counts. An ID is app:<app>:<user>,
    page:<page>:<user>, token:<value> or code:<hash>; a dash reads it from stdin.

    \b
    Examples:
      idweave quarantine accept app:647733:1015 page:190638:1542 \\
        --author Ann --reason "she has a new account"
    """  # noqa: D301  (\b keeps click from joining lines)
    decide(ctx, (one, two), Verdict.ACCEPT, author, reason)
    click.echo("written: these proofs come first once it is handled", err=True)


@click.command("reject")
@two_members_and_why
@click.pass_context
def reject_command(
    ctx: click.Context, *, one: Member, two: Member, reason: str, author: str
) -> None:
    """Let the proofs between two ids not count, those that are learned later included.

    They leave the quarantine and are kept aside, until they are accepted or reopened.
    The ids are written as for `accept`.

    \b
    Examples:
      idweave quarantine reject app:647733:1015 page:190638:1542 \\
        --author Ann --reason "a shared device"
    """  # noqa: D301  (\b keeps click from joining lines)
    decide(ctx, (one, two), Verdict.REJECT, author, reason)
    click.echo("written: these proofs do not count once it is handled", err=True)


@click.command("reopen")
@two_members_and_why
@click.pass_context
def reopen_command(
    ctx: click.Context, *, one: Member, two: Member, reason: str, author: str
) -> None:
    """End what was decided about two ids: their proofs are weighed by age again.

    The ids are written as for `accept`.

    \b
    Examples:
      idweave quarantine reopen app:647733:1015 page:190638:1542 \\
        --author Ann --reason "decided too soon"
    """  # noqa: D301  (\b keeps click from joining lines)
    decide(ctx, (one, two), Verdict.REOPEN, author, reason)
    click.echo("written: the decision ends once it is handled", err=True)
