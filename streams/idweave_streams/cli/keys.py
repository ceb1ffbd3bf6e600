"""`idweave keys`: who may ask the query API, about what, and for how long."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
import orjson

from idweave_adapters.api import ApiKey, KeyFile, KeysError, Verb, new_key
from idweave_streams.api_credentials import keys_of
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.moments import unix_time_s
from idweave_streams.cli.options import settings_of
from idweave_streams.topics import DAY_MS

_VERBS = ", ".join(Verb)


@click.group("keys")
def command() -> None:
    """Make, list and revoke keys of the query API.

    They stand in the file of the setting api_keys_file, as hashes. A running
    `idweave api` takes a changed file over within seconds.
    """


@command.command("create")
@click.option(
    "--business", "businesses", multiple=True, required=True, help="May be repeated."
)
@click.option(
    "--verb",
    "verbs",
    multiple=True,
    type=click.Choice([str(verb) for verb in Verb]),
    help=f"What it is for; may be repeated. Without it all: {_VERBS}.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3_650),
    default=90,
    show_default=True,
    help="For how long.",
)
@click.option("--note", default="", help="Whose it is, for `list`.")
@click.pass_context
def create_command(
    ctx: click.Context,
    *,
    businesses: tuple[str, ...],
    verbs: tuple[str, ...],
    days: int,
    note: str,
) -> None:
    """Make a key and print it, once: only a hash of it is kept.

    \b
    Examples:
      idweave --set api_keys_file=keys.json keys create --business 900 --verb read
    """  # noqa: D301
    with _told(ctx) as file:
        key, shown = new_key(
            note,
            businesses,
            map(Verb, verbs) if verbs else Verb,
            now_ms=_now_ms(),
            life_ms=days * DAY_MS,
        )
        file.add(key)
    click.echo(shown.reveal())
    click.echo(f"key {key.id} is good until {_time(key.expires_ms)}", err=True)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def list_command(ctx: click.Context, *, as_json: bool) -> None:
    """List all keys, with what they are for and until when.

    \b
    Examples:
      idweave --set api_keys_file=keys.json keys list
    """  # noqa: D301
    with _told(ctx) as file:
        keys = sorted(file.read().values(), key=lambda key: (key.created_ms, key.id))
    for key in keys:
        click.echo(orjson.dumps(_document(key)) if as_json else _line(key))
    if not keys:
        click.echo("there is no key", err=True)


@command.command("revoke")
@click.argument("key", metavar="ID")
@click.pass_context
def revoke_command(ctx: click.Context, key: str) -> None:
    """Let the key of that ID open nothing any more. It can't be undone.

    \b
    Examples:
      idweave --set api_keys_file=keys.json keys revoke 0f9aeb4ce6a2
    """  # noqa: D301
    with _told(ctx) as file:
        was_good = file.revoke(key, _now_ms())
    click.echo("revoked" if was_good else "it was revoked before", err=True)


@contextmanager
def _told(ctx: click.Context) -> Iterator[KeyFile]:
    try:
        yield keys_of(settings_of(ctx))
    except KeysError as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None


def _now_ms() -> int:
    return int(unix_time_s() * 1000)


def _state(key: ApiKey) -> str:
    if key.revoked_ms is not None:
        return "revoked"
    return "good" if key.is_good(_now_ms()) else "expired"


def _line(key: ApiKey) -> str:
    of, to = ",".join(key.businesses), ",".join(key.verbs)
    until = _time(key.expires_ms)
    return f"{key.id}  {_state(key):7}  until {until}  {of}  {to}  {key.note}".rstrip()


def _document(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "state": _state(key),
        "businesses": key.businesses,
        "verbs": key.verbs,
        "created_ms": key.created_ms,
        "expires_ms": key.expires_ms,
        "revoked_ms": key.revoked_ms,
        "note": key.note,
    }


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="minutes")
