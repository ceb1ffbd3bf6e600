"""`idweave erase`: an id, a whole person, or all ids of an asset are forgotten."""

import secrets
from functools import partial
from typing import Any

import click
import orjson

from idweave_adapters.commands import Requested, encode_command
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_adapters.receipts import ReceiptState
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.cli.commanding import SubjectType, carried_out, now_ms
from idweave_streams.cli.erase_looking import Looking, looking_options
from idweave_streams.cli.options import settings_of
from idweave_streams.cli.seconds import Seconds
from idweave_streams.commanding import SOURCE, wait_until_done, write_command
from idweave_streams.settings import Settings

_CODE_BYTES = 16  # 32 letters and digits: nobody guesses one


@click.command("erase")
@click.argument("subject", metavar="ID", type=SubjectType())
@click.option("--person", "is_whole", is_flag=True, help="Forget the whole person.")
@click.option(
    "--yes", "is_sure", is_flag=True, help="All ids of an app or a Page are meant."
)
@click.option("--wait", "waits", is_flag=True, help="Return when it is done.")
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="For how many seconds to wait.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@looking_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    subject: ScopedId | Asset,
    is_whole: bool,
    is_sure: bool,
    waits: bool,
    timeout_s: float,
    as_json: bool,
    **looking: Any,
) -> None:
    """Forget an id and all that was learned through it; print the receipt code.

    An ID is app:<app>:<user> or page:<page>:<user>; a dash reads it from stdin, which
    keeps it out of the list of processes. Whatever is known by now goes, and what
    lookups bring that are on their way. How far it has come stands on the receipts
    topic under the code, which says nothing about whose it is.

    With app:<app> or page:<page> and --yes, all ids of it are forgotten, message by
    message; whoever is seen later stays.

    Exit code 75 says that it was not done in time; it is on record and will be. Exit
    code 4 of --verify says that the id is not forgotten.

    \b
    Examples:
      idweave erase app:647733:1015 --person --dry-run
      idweave erase app:647733:1015 --person --wait
      idweave erase app:647733:1015 --verify
      idweave erase page:1906385 --yes --wait --timeout 3600
      idweave erase - --json < id.txt | jq -r .receipt
    """  # noqa: D301  (\b keeps click from joining lines)
    looks = Looking(**looking)
    looks.check(ctx, waits=waits)
    is_sure = is_sure or looks.is_preview or looks.is_search
    _check(ctx, subject, is_whole=is_whole, is_sure=is_sure)
    requested = _requested(subject, is_whole=is_whole)
    written = partial(encode_command, requested)
    if looks.looked(ctx, subject, written, as_json=as_json):
        return
    settings = settings_of(ctx)
    carried_out(write_command(settings, requested))
    if not as_json:
        click.echo(requested.receipt)  # at once: whoever waits in vain needs it
    ids = _forgotten(settings, requested.receipt, timeout_s) if waits else None
    if as_json:
        click.echo(_document(requested, ids))
    elif ids is not None:
        click.echo(f"done: {ids} ids were forgotten", err=True)


def _check(
    ctx: click.Context, subject: ScopedId | Asset, *, is_whole: bool, is_sure: bool
) -> None:
    """Refuse what may be meant otherwise: an id may have lost its last part."""
    if isinstance(subject, ScopedId):
        return
    if is_whole:
        raise click.UsageError("--person is about the person of one id", ctx)
    if not is_sure:
        text = f"this would forget all ids of {subject}; add --yes if you mean that"
        raise click.UsageError(text, ctx)


def _requested(
    subject: ScopedId | Asset, *, is_whole: bool
) -> Requested | RequestedAssetErasure:
    receipt = secrets.token_hex(_CODE_BYTES)
    if isinstance(subject, Asset):
        return RequestedAssetErasure(subject, now_ms(), SOURCE, receipt)
    kind = CommandKind.ERASE_PERSON if is_whole else CommandKind.ERASE_ID
    return Requested(subject, kind, now_ms(), SOURCE, receipt)


def _forgotten(settings: Settings, receipt: str, timeout_s: float) -> int:
    return carried_out(wait_until_done(settings, receipt, timeout_s))


def _document(requested: Requested | RequestedAssetErasure, ids: int | None) -> bytes:
    """Return the receipt as it stands on its topic."""
    state = ReceiptState.RECEIVED if ids is None else ReceiptState.DONE
    document = {"receipt": requested.receipt, "state": state, "at_ms": requested.at_ms}
    return orjson.dumps(document if ids is None else document | {"ids": ids})
