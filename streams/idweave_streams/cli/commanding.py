"""What commands about ids have in common: an id, and how a command is written."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from idweave_adapters.ban_commands import (
    MAX_AUTHOR_CHARS,
    MAX_REASON_CHARS,
    BanKind,
    RequestedBan,
)
from idweave_graph.ids import Asset, InvalidIdError, ScopedId, member
from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import CommandFailed
from idweave_streams.cli.options import settings_of
from idweave_streams.cli.topics import exit_of
from idweave_streams.commanding import SOURCE, write_command

T = TypeVar("T")
Decorated = Callable[..., None]

unix_time_s = time.time  # noqa: TID251 - the edge: a command is given now


def now_ms() -> int:
    """Return the time of a command that is given now, in unix milliseconds."""
    return int(unix_time_s() * 1000)


class ScopedIdType(click.ParamType):
    """An app's or a Page's id of a person. It is not repeated where it can't be read."""

    name = "id"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> ScopedId:
        """Read it, or the next line of stdin for a dash."""
        if isinstance(value, ScopedId):  # click converts what it has converted
            return value
        found = scoped_in(line_of(value))
        if found is None:
            text = "write an id as app:<app>:<user> or page:<page>:<user>"
            self.fail(text, param, ctx)
        return found


def scoped_in(text: str) -> ScopedId | None:
    """Return the id that *text* is, if it is one."""
    try:
        found = member(text)
    except InvalidIdError:
        return None
    return found if isinstance(found, ScopedId) else None


def asset_in(text: str) -> Asset | None:
    """Return the app or Page that *text* is, if it is one."""
    try:
        return Asset.parse(text)
    except InvalidIdError:
        return None


def line_of(value: object) -> str:
    """Return what was given as an argument, for a dash the next line of stdin."""
    if value == "-":
        return click.get_text_stream("stdin").readline().strip()
    return str(value)


class SubjectType(click.ParamType):
    """An id, or an app or a Page, whose ids are then all meant."""

    name = "id"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> ScopedId | Asset:
        """Read it, or the next line of stdin for a dash."""
        if isinstance(value, ScopedId | Asset):
            return value
        text = line_of(value)
        found = scoped_in(text) or asset_in(text)
        if found is None:
            hint = "write app:<app>:<user> or page:<page>:<user>, or app:<app>"
            self.fail(f"{hint} or page:<page> for all ids of it", param, ctx)
        return found


class LineType(click.ParamType):
    """A line of text, up to so many characters."""

    name = "text"

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Check it."""
        text = str(value)
        is_line = text.strip() and all(c >= " " and c != "\x7f" for c in text)
        if not is_line or len(text) > self._limit:
            self.fail(f"write one line of 1 to {self._limit} characters", param, ctx)
        return text


def two_ids_and_why(function: Decorated) -> Decorated:
    """Give a command the two ids, and who decided what is said about them, and why."""
    return two_and_why(function, ScopedIdType())


def two_and_why(function: Decorated, kind: click.ParamType) -> Decorated:
    """Give a command two of *kind*, and who decided what is said about them, and why."""
    for decorate in (
        click.option(
            "--author",
            required=True,
            type=LineType(MAX_AUTHOR_CHARS),
            help="Who decided it: a name.",
        ),
        click.option(
            "--reason",
            required=True,
            type=LineType(MAX_REASON_CHARS),
            help="Why, in a few words, without ids or secrets: events tell it.",
        ),
        click.argument("two", metavar="ID", type=kind),
        click.argument("one", metavar="ID", type=kind),
    ):
        function = decorate(function)
    return function


def say(
    ctx: click.Context,
    ids: tuple[ScopedId, ScopedId],
    kind: BanKind,
    author: str,
    reason: str,
) -> None:
    """Write what is said about the two *ids*, or end with the code of what is wrong."""
    one, two = ids
    if one == two:
        raise click.UsageError("name two different ids", ctx)
    requested = RequestedBan(one, two, kind, now_ms(), SOURCE, author, reason)
    carried_out(write_command(settings_of(ctx), requested))


def carried_out(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what *coroutine* does, or end with the code of what the broker said."""
    try:
        return asyncio.run(coroutine)
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
