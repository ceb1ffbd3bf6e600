"""`idweave holds`: whose lookups are stopped, why, and when they are tried again."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

import click
import orjson

from idweave_graph.documents import hold_document
from idweave_graph.holds import Hold
from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import CommandFailed
from idweave_streams.cli.options import settings_of
from idweave_streams.cli.topics import exit_of
from idweave_streams.follow import read_whole
from idweave_streams.settings import Settings
from idweave_streams.views import HoldBook

ALL = "everything"


@click.command("holds")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """List what is held: a whole business, or what needs the token of one asset.

    Nothing that waits is lost. A hold ends by itself once a probe gets through; to
    replace a token is enough to have it tried at once.

    \b
    Examples:
      idweave --set kafka=broker:9092 holds
      idweave holds --json | jq -r 'select(.reason == "policy-hold") | .business'
    """  # noqa: D301  (\b keeps click from joining lines)
    try:
        book = asyncio.run(_read(settings_of(ctx)))
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
    holds = sorted(book.held(), key=lambda hold: hold.key)
    if as_json:
        for hold in holds:
            click.echo(orjson.dumps(hold_document(hold)))
    elif holds:
        click.echo(table(holds))
    else:
        click.echo("nothing is held", err=True)


async def _read(settings: Settings) -> HoldBook:
    book = HoldBook()
    await read_whole(settings.kafka, settings.topics.holds, book.apply)
    return book


def table(holds: Iterable[Hold]) -> str:
    """Return *holds* as aligned columns under their names, times in UTC."""
    rows = [("business", "stopped", "reason", "since", "next probe")]
    rows += [
        (
            hold.business,
            ALL if hold.asset is None else str(hold.asset),
            hold.reason,
            _time(hold.since_ms),
            _time(hold.probe_ms),
        )
        for hold in holds
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _time(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
