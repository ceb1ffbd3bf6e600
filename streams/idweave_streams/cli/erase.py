"""`idweave erase`: an id, or a whole person, is forgotten."""

import secrets
from functools import partial
from typing import Any

import click
import orjson

from idweave_adapters.commands import Requested, encode_command
from idweave_adapters.receipts import ReceiptState
from idweave_graph.ids import ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.cli.commanding import ScopedIdType, carried_out, now_ms
from idweave_streams.cli.erase_looking import Looking, looking_options
from idweave_streams.cli.options import settings_of
from idweave_streams.commanding import SOURCE, wait_until_done, write_command
from idweave_streams.settings import Settings

_CODE_BYTES = 16  # 32 letters and digits: nobody guesses one


@click.command("erase")
@click.argument("scoped", metavar="ID", type=ScopedIdType())
@click.option("--person", "is_whole", is_flag=True, help="Forget the whole person.")
@click.option("--wait", "waits", is_flag=True, help="Return when it is done.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
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
    scoped: ScopedId,
    is_whole: bool,
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

    Exit code 75 says that it was not done in time; it is on record and will be. Exit
    code 4 of --verify says that the id is not forgotten.

    \b
    Examples:
      idweave erase app:647733:1015 --person --dry-run
      idweave erase app:647733:1015 --person --wait
      idweave erase app:647733:1015 --verify
      idweave erase - --json < id.txt | jq -r .receipt
    """  # noqa: D301  (\b keeps click from joining lines)
    kind = CommandKind.ERASE_PERSON if is_whole else CommandKind.ERASE_ID
    receipt = secrets.token_hex(_CODE_BYTES)
    requested = Requested(scoped, kind, now_ms(), SOURCE, receipt)
    looks = Looking(**looking)
    looks.check(ctx, waits=waits)
    written = partial(encode_command, requested)
    if looks.looked(ctx, scoped, written, as_json=as_json):
        return
    settings = settings_of(ctx)
    carried_out(write_command(settings, requested))
    if not as_json:
        click.echo(receipt)  # at once: whoever waits in vain needs it
    ids = _forgotten(settings, receipt, timeout_s) if waits else None
    if as_json:
        click.echo(_document(requested, ids))
    elif ids is not None:
        click.echo(f"done: {ids} ids were forgotten", err=True)


def _forgotten(settings: Settings, receipt: str, timeout_s: float) -> int:
    return carried_out(wait_until_done(settings, receipt, timeout_s))


def _document(requested: Requested, ids: int | None) -> bytes:
    """Return the receipt as it stands on its topic."""
    state = ReceiptState.RECEIVED if ids is None else ReceiptState.DONE
    document = {"receipt": requested.receipt, "state": state, "at_ms": requested.at_ms}
    return orjson.dumps(document if ids is None else document | {"ids": ids})
