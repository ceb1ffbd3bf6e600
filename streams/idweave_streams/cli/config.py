"""`idweave config`: the settings as they are read, and where each was stated."""

import click
import orjson

from idweave_streams.cli.options import loaded_of


@click.group("config")
def command() -> None:
    """Show the settings."""


@command.command("show")
@click.option("--origin", is_flag=True, help="Tell where each value was stated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def show(ctx: click.Context, *, origin: bool, as_json: bool) -> None:
    """Print all settings, as a file that --config would read.

    There is no secret among them: credentials are read from their own file, which the
    settings only name.

    \b
    Examples:
      idweave config show > idweave.toml
      idweave --set partitions=16 config show --origin
    """  # noqa: D301  (\b keeps click from joining lines)
    loaded = loaded_of(ctx)
    values = loaded.settings.model_dump(mode="json")
    if as_json:
        found = {
            name: {"value": value, "origin": loaded.origins[name]} if origin else value
            for name, value in values.items()
        }
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        return
    lines = {name: _line(name, value) for name, value in values.items()}
    width = max(map(len, lines.values()))
    for name, line in lines.items():
        source = f"  # {loaded.origins[name]}" if origin else ""
        click.echo(f"{line:<{width}}{source}" if origin else line)


def _line(name: str, value: object) -> str:
    """Return one line of TOML. Its strings and numbers are JSON's."""
    if value is None:
        return f"# {name} is not set"
    return f"{name} = {orjson.dumps(value).decode()}"
