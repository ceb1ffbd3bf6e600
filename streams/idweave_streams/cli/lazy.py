"""A group whose commands are imported when they are used, and no sooner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from idweave_streams.cli.exits import Exit


@dataclass(frozen=True, slots=True)
class Later:
    """Where a command is, and what `--help` says of it without looking."""

    module: str
    """It has a click command called `command`."""
    summary: str


class LazyGroup(click.Group):
    """Knows its commands by name; imports one of them to run it."""

    def __init__(self, *args: Any, later: Mapping[str, Later], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, in the order of the table."""
        return list(self.later)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name; None where there is none."""
        if cmd_name not in self.later:
            return None
        command: click.Command = import_module(self.later[cmd_name].module).command
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands from the table alone."""
        rows = [(name, later.summary) for name, later in self.later.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may be meant."""
        name = args[0]
        if name not in self.later and not name.startswith("-"):
            near = _near(name, list(self.later))
            hint = f" Did you mean {near}?" if near else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C ends it with the code that shells use."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted", err=True)
            ctx.exit(Exit.INTERRUPTED)


def _near(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  (seldom needed)

    return next(iter(get_close_matches(name, names, n=1)), "")
