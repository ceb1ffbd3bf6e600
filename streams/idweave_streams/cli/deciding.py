"""What commands that decide have in common: two members, and what is said of them."""

import click

from idweave_adapters.decision_commands import RequestedDecision
from idweave_graph.decisions import Verdict
from idweave_graph.ids import Member, ScopedId
from idweave_streams.cli.asking import MemberType
from idweave_streams.cli.commanding import (
    Decorated,
    carried_out,
    now_ms,
    two_and_why,
)
from idweave_streams.cli.options import settings_of
from idweave_streams.commanding import SOURCE, write_command

_ONE_PERSON = frozenset({Verdict.ACCEPT, Verdict.LINK})
"""Verdicts by which two members are to be one person."""


def two_members_and_why(function: Decorated) -> Decorated:
    """Give a command two members, and who decided what is said about them, and why."""
    return two_and_why(function, MemberType())


def decide(
    ctx: click.Context,
    pair: tuple[Member, Member],
    verdict: Verdict,
    author: str,
    reason: str,
) -> None:
    """Write what is decided about *pair*, or end with the code of what is wrong."""
    scoped, other = _in_order(ctx, pair)
    is_one_asset = isinstance(other, ScopedId) and scoped.asset == other.asset
    if is_one_asset and verdict in _ONE_PERSON:
        text = "two ids of one app or Page are never one person"
        raise click.UsageError(text, ctx)
    requested = RequestedDecision(
        scoped, other, verdict, now_ms(), SOURCE, author, reason
    )
    carried_out(write_command(settings_of(ctx), requested))


def _in_order(
    ctx: click.Context, pair: tuple[Member, Member]
) -> tuple[ScopedId, Member]:
    """Put an id that says which business it is before the other one."""
    one, two = pair
    if one == two:
        raise click.UsageError("name two different ids", ctx)
    if isinstance(one, ScopedId):
        return one, two
    if isinstance(two, ScopedId):
        return two, one
    text = "one of the two must be an app's or a Page's id: it says which business"
    raise click.UsageError(text, ctx)
