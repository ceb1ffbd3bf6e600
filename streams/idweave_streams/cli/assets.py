"""`idweave assets`: who owns which app and Page, from Meta or from a file."""

import asyncio
import os
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, BinaryIO, TypeVar

import click
import orjson

from idweave_adapters.credentials import Credentials, CredentialsError
from idweave_adapters.graph_api import (
    GraphApiError,
    PolicyHold,
    ProtocolFault,
    Throttled,
    Transient,
)
from idweave_adapters.graph_api.transport import InvalidBaseUrlError
from idweave_graph.ids import BusinessId
from idweave_streams.assets.report import (
    NO_TOKEN,
    change_lines,
    import_document,
    import_summary,
    pairs,
    sync_document,
    sync_notes,
)
from idweave_streams.assets.statements import (
    StatementsError,
    import_statements,
    parse,
)
from idweave_streams.assets.sync import Synced, sync
from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.business import BusinessParameter
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.cli.topics import exit_of
from idweave_streams.settings import Settings

unix_time_s = time.time  # noqa: TID251 - the edge: timed proofs are about wall time

T = TypeVar("T")

_CODES: Mapping[type[GraphApiError], Exit] = {
    Transient: Exit.UNAVAILABLE,
    ProtocolFault: Exit.UNAVAILABLE,
    Throttled: Exit.TRY_AGAIN,
    PolicyHold: Exit.TRY_AGAIN,
}
_WORST_FIRST = (Exit.CONFIGURATION, Exit.UNAVAILABLE, Exit.TRY_AGAIN, Exit.FAILURE)

_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object."
)
_dry_option = click.option(
    "--dry-run", "is_dry", is_flag=True, help="Tell what would change; write nothing."
)


@click.group("assets")
def command() -> None:
    """Tell idweave who owns which app and Page.

    The graphs of a business are made of what it owns, and of nothing else. Where an
    asset has no owner that is known, nothing is concluded from its events.
    """


@command.command("sync")
@click.option(
    "--business",
    "wanted",
    type=BusinessParameter(),
    multiple=True,
    help="Ask this one only; may be repeated. Without it, all with a token.",
)
@_dry_option
@_json_option
@click.pass_context
def sync_command(
    ctx: click.Context, *, wanted: tuple[BusinessId, ...], is_dry: bool, as_json: bool
) -> None:
    """Ask Meta what each business owns, and write what has changed.

    One line per change. Run it regularly: Meta does not tell when an asset changes
    its owner. Between two owners an asset belongs to nobody; a new owner begins a new
    epoch. A business that can't be read keeps what it has. An asset that two
    businesses claim is taken from both.

    The exit code is 1 if an asset is claimed by two, 69 or 75 if a business could not
    be read, 78 if a token has to be put right. What could be read is written in all of
    these cases.

    \b
    Examples:
      idweave assets sync --dry-run
      idweave assets sync --business 1029384756
      idweave assets sync --json | jq -r '.disputes[].asset'
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    credentials = _credentials(settings)
    businesses = _chosen(credentials, wanted)
    synced = _run(
        sync(settings, credentials, businesses, clock=unix_time_s, is_dry=is_dry)
    )
    code = code_of(synced)
    if as_json:
        document = sync_document(synced, int(code))
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    else:
        _tell(change_lines(pairs(synced.reconciliation.changes)))
        for note in sync_notes(synced):
            click.echo(note, err=True)
    ctx.exit(code)


@command.command("import")
@click.argument("file", type=click.File("rb"))
@_dry_option
@_json_option
@click.pass_context
def import_command(
    ctx: click.Context, file: BinaryIO, *, is_dry: bool, as_json: bool
) -> None:
    """Write who owns what as FILE states it, one JSON object a line; - is stdin.

    The lines are records of the assets topic. Epochs never go back, and a new owner
    needs a new one. All faults are told with their lines, and then nothing is written.

    \b
    Examples:
      idweave assets import assets.jsonl --dry-run
      echo '{"asset":"app:1","business":"2","epoch":1}' | idweave assets import -
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    statements, faults = parse(file)
    if faults:
        raise CommandFailed(Exit.BAD_DATA, "\n".join(("correct the file:", *faults)))
    try:
        imported = _run(import_statements(settings, statements, is_dry=is_dry))
    except StatementsError as error:
        text = "\n".join(("nothing was written; correct the file:", *error.faults))
        raise CommandFailed(Exit.BAD_DATA, text) from None
    if as_json:
        document = import_document(imported)
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        return
    _tell(change_lines(list(imported.changes)))
    click.echo(import_summary(imported), err=True)


def code_of(synced: Synced) -> Exit:
    """Return the code that tells most: what has to be put right goes first."""
    codes = {_code(each.error) for each in synced.readings if each.error is not None}
    if synced.reconciliation.disputes:
        codes.add(Exit.FAILURE)
    return next((code for code in _WORST_FIRST if code in codes), Exit.OK)


def _code(error: GraphApiError) -> Exit:
    found = (code for kind, code in _CODES.items() if isinstance(error, kind))
    return next(found, Exit.CONFIGURATION)


def _credentials(settings: Settings) -> Credentials:
    paths = [settings.credentials_file] if settings.credentials_file else []
    try:
        return Credentials(paths, os.environ)
    except CredentialsError as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None


def _chosen(
    credentials: Credentials, wanted: Sequence[BusinessId]
) -> Sequence[BusinessId]:
    """Return whom to ask, or end with code 78 if there is nobody who can be asked."""
    bare = [each for each in wanted if credentials.for_business(each) is None]
    if bare:
        text = "\n".join(f"business {each}: {NO_TOKEN}" for each in bare)
        raise CommandFailed(Exit.CONFIGURATION, text)
    chosen = list(dict.fromkeys(wanted)) or credentials.businesses()
    if not any(credentials.for_business(each) for each in chosen):
        text = "no business has a token; add businesses.<id>.token to the credentials"
        raise CommandFailed(Exit.CONFIGURATION, text)
    return chosen


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Do *work*; a failure of the broker ends the command with its code."""
    try:
        return asyncio.run(work)
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
    except InvalidBaseUrlError as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None


def _tell(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(line)
