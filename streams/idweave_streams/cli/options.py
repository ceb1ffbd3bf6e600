"""What is given before the command, and how a command gets its settings from it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idweave_streams.cli.exits import CommandFailed, Exit

if TYPE_CHECKING:  # pydantic and what it brings would make `--help` slow
    from idweave_streams.settings import Loaded, Settings


@dataclass(frozen=True, slots=True)
class Given:
    """The options of the group, not looked at yet, so that `--help` always works."""

    file: Path | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def load(self) -> "Loaded":
        """Read the settings from all their sources.

        Raises:
            SettingsError: with every fault of every source.
        """
        from idweave_streams.settings import trace_settings  # noqa: PLC0415  (slow)

        return trace_settings(self.flags, environment=self.environment, file=self.file)


class Assignment(click.ParamType):
    """`name=value`. Whether there is such a name is for the settings to say."""

    name = "name=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the first equals sign."""
        name, equals, text = str(value).partition("=")
        if not equals or not name.strip():
            # Not repeated: it may be a secret in the wrong place.
            self.fail("write it as name=value, such as partitions=8", param, ctx)
        return name.strip(), text


def given(ctx: click.Context) -> Given:
    """Return what stood before the command."""
    found = ctx.find_object(Given)
    return found if found is not None else Given(environment=os.environ)


def loaded_of(ctx: click.Context) -> "Loaded":
    """Return the settings and their origins, or end with code 78 and all faults."""
    from idweave_streams.settings import SettingsError  # noqa: PLC0415  (slow)

    try:
        return given(ctx).load()
    except SettingsError as error:
        faults = "".join(f"\n  {line}" for line in str(error).splitlines())
        message = f"the settings can't be used:{faults}"
        raise CommandFailed(Exit.CONFIGURATION, message) from None


def settings_of(ctx: click.Context) -> "Settings":
    """Return the settings, or end with code 78 and all faults on stderr."""
    return loaded_of(ctx).settings


def wants_colour(environment: Mapping[str, str]) -> bool | None:
    """Return False where NO_COLOR forbids it, None to let the terminal decide."""
    return False if environment.get("NO_COLOR") else None
